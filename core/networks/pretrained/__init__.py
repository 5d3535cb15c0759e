"""The first half of EfficientNet-Lite0 with weights learned on ImageNet, as a file of this package; see NOTICE."""
