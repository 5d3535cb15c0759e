"""What pages share and only the web needs. Nothing in core imports this."""

import pylibsrtp  # noqa: F401  before TensorFlow, ever: the other way round its start-up kills the process
