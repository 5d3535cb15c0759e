"""The parts of the Test page: accuracy beside the baseline, and the gallery of mistakes."""
