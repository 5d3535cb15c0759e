"""What cannot be kept of a session is said, once."""

import numpy as np

from core.errors import RunError
from core.live.events import Reading
from core.live.writing import Writing

PICTURE = np.zeros((4, 4, 3), np.uint8)


class Full:
    """Stands for the writer of a session on a full disk: every second frame would be kept."""

    def see(self, picture, reading):
        if reading.index % 2:
            return False
        raise RunError("room on the disk", "none", "Free some.")


def test_a_full_disk_is_said_once_and_not_for_every_frame_in_doubt():
    said = []
    kept = Writing(Full(), lambda line: None, said.append)
    for index in range(6):
        kept.see(PICTURE, Reading(index, index / 10, {"spot": 0.5}))
    kept.finish()
    assert len(said) == 1 and "Frame 0" in said[0]
