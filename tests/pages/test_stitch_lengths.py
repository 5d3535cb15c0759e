"""What a network decided of a length beside the stitch ruler, on the Test page."""

import pandas as pd

from core.evaluation import evaluate
from core.review.stitch_lengths import LengthAttribute
from core.runs.predictions import column
from tests.pages.conftest import words
from tests.pages.test_testing import networks_of_tests, untested  # noqa: F401  (fixtures are shared)


def test_test_videos_are_compared_with_the_ruler(visit, untested, monkeypatch):  # noqa: F811
    evaluate.test(untested)
    [name, *_] = untested.attributes.names
    videos = sorted(set(untested.frames.loc[untested.frames["part"] == "test", "video"]))
    decided = evaluate.predictions(untested, part="test").assign(**{column(name): 1.0})
    pitches = pd.DataFrame({"video": videos, "pitch": 39.0, "frames": 12})
    for module in ("stitch_lengths", "expert_sections"):
        monkeypatch.setattr(f"ui.test.{module}.length_attribute", lambda _: LengthAttribute(name, 2, 4))
    monkeypatch.setattr("ui.test.stitch_lengths.predictions", lambda *_, **__: decided)
    monkeypatch.setattr("core.review.stitch_lengths.video_pitches", lambda workspace, progress=None: pitches)
    app = visit("5_Test.py")
    app.session_state["test_tabs"], app.session_state["test_more"] = "More", "Stitches"
    app.run()
    assert not app.exception
    assert f"In {len(videos)} video" in words(app)
    assert "as long as decided" in words(app)
