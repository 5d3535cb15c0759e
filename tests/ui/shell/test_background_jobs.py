from typing import Any

import pytest

from ui.shell.background_jobs import how_far


class Stub:
    """Stands for a job."""

    is_cancelled = False
    state = "running"
    share: float | None = 0.25
    left: float | None = None

    def __init__(self, **values: Any) -> None:
        vars(self).update(values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "waiting"}, "Waits for its turn"),
        ({"share": None}, "Getting ready …"),
        ({}, "25 %"),
        ({"left": 150.0}, "25 % · about 2 min left"),
        ({"is_cancelled": True}, "Cancelling …"),
    ],
)
def test_how_far_a_job_is_in_words(values: dict[str, Any], words: str) -> None:
    assert how_far(Stub(**values)) == words  # type: ignore[arg-type]
