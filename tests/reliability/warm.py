"""Imported by the process from which those are forked that are killed: each addition was made once there, so that nothing is
imported, compiled or looked up for the first time in every one of them.
"""

import tempfile
from pathlib import Path

import cv2

from tests.reliability.additions import ADDITIONS

cv2.setNumThreads(1)  # threads of its own would be missing in what is forked
with tempfile.TemporaryDirectory() as place:
    for number, addition in enumerate(ADDITIONS.values()):
        folder = Path(place) / str(number)
        folder.mkdir()
        addition.prepare(folder)
        addition.add(folder)
