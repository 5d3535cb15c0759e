"""Networks, training, testing and Grad-CAM. TensorFlow is imported only inside this package."""
