"""“Find rare frames” on the Balance page. What is found is given here: `core.assist.rare_frames` has its own tests."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.assist import rare_frames, suggestions
from core.assist.rare_frames import RareAnswer, RareStretch
from core.labels.labels import record
from core.workspace import Workspace
from tests.helpers.page_workspace import FRAMES, VIDEO, small_workspace
from tests.pages.conftest import words

Visit = Callable[..., AppTest]


@pytest.fixture
def rare(place: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """No frame is broken as yet; a network expects it in the frames 2 to 5."""
    made = small_workspace(place, labelled=False)
    record(made, "Ada", VIDEO, 0, 1, {"break": False})
    found = RareStretch(RareAnswer("break", True, 1), VIDEO, 2, 5, 4, 0.97)
    monkeypatch.setattr(suggestions, "suggesting_run", lambda _: SimpleNamespace(id="run_1"))
    monkeypatch.setattr(rare_frames, "find_rare_frames", lambda *_, progress: [found])
    return made


def search(app: AppTest) -> AppTest:
    next(button for button in app.button if button.label == "Find rare frames").click().run()
    return app.run()  # the rerun of a fragment alone is not followed here


def test_a_stretch_leads_to_its_first_frame(visit: Visit, rare: Workspace) -> None:
    app = search(visit("3_Balance.py", "Eva"))
    assert "**break** true · 4 frames, 97 % sure" in words(app)
    links = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    assert links[f"Label {VIDEO} from frame 2"] == f"video={VIDEO}&frame=2"


def test_what_was_found_stays_when_labels_change_and_says_so(visit: Visit, rare: Workspace) -> None:
    app = search(visit("3_Balance.py", "Eva"))
    assert "Labels have changed since" not in words(app)
    record(rare, "Eva", VIDEO, 2, FRAMES - 1, {"good": True})
    assert "Labels have changed since" in words(app.run())


def test_without_a_network_there_is_no_button(visit: Visit, place: Path) -> None:
    record(small_workspace(place, labelled=False), "Ada", VIDEO, 0, 1, {"break": False})
    labels = [button.label for button in visit("3_Balance.py", "Eva").button]
    assert "Find rare frames" not in labels
