"""Networks, training, testing and Grad-CAM. TensorFlow is imported only inside this package.

It takes seconds to import, so runs, jobs and what reads results import it inside the functions that need it.
"""
