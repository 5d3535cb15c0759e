"""What helps most where there is little data, by counts that a reader can check."""

import pandas as pd
import pytest

from core.assist.guidance import Guidance, guidance
from core.attributes import SEAM, AttributeSet, named
from core.review.balance import Balance

TWO = named(["good", "break"])


def balance(attributes: AttributeSet, answers: dict[str, tuple[int, int]], **videos: int) -> Balance:
    """Labels of which so many are true and false, in videos with so many labelled frames of 100."""
    labelled = sum(videos.values())
    counts = {name: {"true": t, "false": f, "unset": labelled - t - f} for name, (t, f) in answers.items()}
    every = {key: {"frames": 100, "labelled": number} for key, number in videos.items()}
    return Balance(100 * len(videos), labelled, counts, every, pd.DataFrame())


def of(answers: dict[str, tuple[int, int]], **videos: int) -> Guidance:
    return guidance(balance(TWO, answers, **videos), TWO)


@pytest.mark.parametrize(
    ("good", "broken", "videos", "step"),
    [
        ((0, 0), (0, 0), {"a": 0}, "Label 10 pictures"),
        ((20, 0), (0, 20), {"a": 20, "b": 0}, "Label 10 pictures where “good” is false"),
        ((18, 2), (0, 20), {"a": 20, "b": 0}, "Label a second video"),
        ((18, 2), (0, 20), {"a": 20}, "Add a second video"),
        ((18, 2), (0, 20), {"a": 10, "b": 10, "c": 0}, "Label a third video"),
        ((18, 2), (0, 20), {"a": 10, "b": 5, "c": 5}, "Label 10 pictures where “break” is true"),
        ((11, 9), (10, 10), {"a": 10, "b": 5, "c": 5}, "Label 1 picture where “good” is false"),
        ((10, 10), (10, 10), {"a": 10, "b": 5, "c": 5}, ""),
    ],
)
def test_one_thing_helps_most(
    good: tuple[int, int], broken: tuple[int, int], videos: dict[str, int], step: str
) -> None:
    assert of({"good": good, "break": broken}, **videos).step == step


def test_it_leads_to_the_video_that_is_not_labelled_yet() -> None:
    found = of({"good": (10, 10), "break": (10, 10)}, a=20, b=0)
    assert (found.page, found.video) == ("label", "b")
    assert of({"good": (10, 10), "break": (10, 10)}, a=20).page == "videos"


def test_what_works_is_said() -> None:
    assert (
        "the instant network, which learns within seconds while you label, knows “good”"
        in of({"good": (5, 15), "break": (4, 16)}, a=20).works
    )
    assert "“good” has 4 and 16" in of({"good": (4, 16), "break": (0, 20)}, a=20).works


def test_an_answer_with_a_meaning_is_called_by_it() -> None:
    answers = {"good": (10, 10), "error": (10, 10), "break": (10, 10), "length": (0, 20)}
    found = guidance(balance(SEAM, answers, a=10, b=5, c=5), SEAM)
    assert found.step == "Label 10 pictures where “length” is 2 mm stitches"


def test_of_classes_the_rarest_is_wanted() -> None:
    classes = named(["apple", "orange"], exclusive=True)
    found = guidance(balance(classes, {"apple": (20, 0), "orange": (0, 20)}, a=20), classes)
    assert found.step.startswith("Label 10 more pictures of “")
    assert "two classes have 5 pictures each" in found.works
