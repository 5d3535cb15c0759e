"""The app with a network that is in trouble when a test says so: ``python -m tests.browser.failing_network run Home.py …``.

The file TROUBLE in the folder of the workspace says which trouble: "slow", or "tenth".
"""

import os
import time
from itertools import count
from pathlib import Path
from typing import Any

from streamlit.web.cli import main

from core.inspection.inspector import Inspection, Inspector

TROUBLE = "trouble.txt"
SLOW = 0.2
"""Seconds more for a picture."""
REASON = "this is a tenth picture"

_inspect, _numbers = Inspector.inspect, count(1)


def _troubled(self: Inspector, *arguments: Any) -> Inspection:
    file = Path(os.environ["SEAMLENS_WORKSPACE"]) / TROUBLE
    trouble = file.read_text(encoding="utf-8") if file.exists() else ""
    if trouble == "slow":
        time.sleep(SLOW)
    if trouble == "tenth" and next(_numbers) % 10 == 0:
        raise ValueError(REASON)
    return _inspect(self, *arguments)


if __name__ == "__main__":
    Inspector.inspect = _troubled  # type: ignore[method-assign]
    main()
