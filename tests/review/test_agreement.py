"""Agreement between annotators, of a workspace."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.labels.annotator_labels import annotator_labels
from core.labels.labels import record
from core.review.agreement import AttributeAgreement, Coefficient, agreement, agreement_of, worst_first
from tests.helpers import bare_frames
from tests.helpers.written_answers import say, spoken

SAID = st.text("tf.", min_size=12, max_size=12)


def good(folder: Path, *videos: dict[str, str], seed: int = 0) -> AttributeAgreement:
    return agreement(spoken(folder, *videos), "good", seed=seed)["good"]


def test_two_annotators_by_hand(tmp_path: Path) -> None:
    """Three of four alike; Ann says true twice, Ben thrice: 0.75 alike, 0.5 by chance."""
    found = good(tmp_path, {"Ann": "ttff", "Ben": "tttf"})
    assert found.kappa.value == pytest.approx(0.5)
    assert found.equal == 0.75
    assert found.alpha.value == pytest.approx(1 - 7 * 2 / (2 * 5 * 3))


def test_items_are_frames_with_two_answers(tmp_path: Path) -> None:
    found = good(tmp_path, {"Ann": "tf.t", "Ben": "t.ft", "Cem": "...."})
    assert (found.items, found.annotators) == (2, ("Ann", "Ben"))


def test_fleiss_kappa_is_of_the_frames_with_the_usual_number_of_answers(tmp_path: Path) -> None:
    """Three answers on four frames, two on one: pairs that differ 2 of 3 on one frame, and 6 true of 12."""
    found = good(tmp_path, {"Ann": "tftft", "Ben": "tftff", "Cem": "tfff."})
    assert (found.raters, found.fleiss_items) == (3, 4)
    assert found.fleiss.value == pytest.approx(1 - (2 / 3 / 4) / (2 * 5 / 12 * 7 / 12))


def test_the_kappa_of_three_annotators_is_the_mean_over_the_pairs(tmp_path: Path) -> None:
    found = good(tmp_path, {"Ann": "ttff", "Ben": "ttff", "Cem": "tttf"})
    assert [(pair.first, pair.second, pair.frames, pair.kappa) for pair in found.pairs] == [
        ("Ann", "Ben", 4, 1),
        ("Ann", "Cem", 4, 0.5),
        ("Ben", "Cem", 4, 0.5),
    ]
    assert found.kappa.value == pytest.approx(2 / 3)


def test_a_pair_weighs_as_much_as_it_has_common_frames(tmp_path: Path) -> None:
    """Ann and Ben have 8 common frames and kappa 1; Cem shares 2 with each, and says the opposite: kappa -1."""
    found = good(tmp_path, {"Ann": "ttttffff", "Ben": "ttttffff", "Cem": "f......t"})
    assert found.kappa.value == pytest.approx((8 - 2 - 2) / 12)


def test_who_agrees_least_with_the_others_comes_first(tmp_path: Path) -> None:
    """Ann and Ben have 8 common frames and kappa 1; Cem shares 2 with each, and says the opposite: (8 - 2) / 10."""
    found = good(tmp_path, {"Ann": "ttttffff", "Ben": "ttttffff", "Cem": "f......t"}).with_others
    assert list(found.items()) == [("Cem", -1), ("Ann", pytest.approx(0.6)), ("Ben", pytest.approx(0.6))]


def test_without_a_kappa_of_any_pair_there_is_none_with_the_others(tmp_path: Path) -> None:
    assert good(tmp_path, {"Ann": "tt", "Ben": "tt"}).with_others == {"Ann": None, "Ben": None}


def test_annotators_without_a_common_frame_are_no_pair(tmp_path: Path) -> None:
    found = good(tmp_path, {"Ann": "tfff", "Ben": "tf..", "Cem": "..tf"})
    assert [(pair.first, pair.second, pair.frames) for pair in found.pairs] == [
        ("Ann", "Ben", 2),
        ("Ann", "Cem", 2),
    ]


def test_disputed_frames_are_listed_with_those_at_an_edge(tmp_path: Path) -> None:
    found = good(tmp_path, {"Ann": "fftttf", "Ben": "ftttff"}, {"Ann": "ff", "Ben": "tf"})
    rows = found.disputed[["name", "video", "index", "edge"]].to_numpy().tolist()
    assert rows == [
        ["seam_1_1", "seam_1", 1, True],
        ["seam_1_4", "seam_1", 4, True],
        ["seam_2_0", "seam_2", 0, False],
    ]
    assert found.edges == 2


def test_five_videos_are_resampled(tmp_path: Path) -> None:
    found = good(tmp_path, *[{"Ann": "ttff", "Ben": "tttf"}] * 5)
    assert (found.resampled, found.units) == ("videos", 5)
    assert found.kappa.interval == (pytest.approx(0.5), pytest.approx(0.5))


def test_of_four_videos_blocks_are_resampled(tmp_path: Path) -> None:
    found = good(tmp_path, *[{"Ann": "tf" * 20, "Ben": "tf" * 20}] * 4)
    assert (found.resampled, found.units) == ("blocks", 8)
    assert found.alpha.interval == (1, 1)


def test_a_video_without_a_frame_that_two_have_answered_is_not_resampled(tmp_path: Path) -> None:
    found = good(tmp_path, *[{"Ann": "tf", "Ben": "tf"}] * 4, {"Ann": "t.", "Ben": ".t"})
    assert found.resampled == "blocks"


def test_the_seed_decides_about_the_intervals(tmp_path: Path) -> None:
    seams = spoken(tmp_path, *[{"Ann": "tf" * 5, "Ben": "t" * i + "f" * (10 - i)} for i in range(1, 9)])
    first, again, other = (agreement(seams, seed=seed)["good"].alpha for seed in (1, 1, 2))
    assert first.interval == again.interval != other.interval


def test_few_blocks_give_a_value_without_an_interval(tmp_path: Path) -> None:
    found = good(tmp_path, {"Ann": "ttff", "Ben": "tttf"})
    assert found.alpha.interval is None
    assert found.alpha.reason == "An interval needs at least 5 blocks; there are 1."


def test_where_everyone_always_says_the_same_there_is_a_reason_instead_of_a_number(tmp_path: Path) -> None:
    found = good(tmp_path, *[{"Ann": "ffff", "Ben": "ffff"}] * 5)
    assert [one.value for one in (found.alpha, found.kappa, found.fleiss)] == [None, None, None]
    assert found.alpha.reason.startswith("Every answer is false")
    assert found.equal == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"Ann": "....", "Ben": "...."}, "Nobody has labelled “good” yet."),
        ({"Ann": "tttt", "Ben": "...."}, "Only Ann has labelled “good”"),
        ({"Ann": "tt..", "Ben": "..tt"}, "No frame has two answers about “good”"),
    ],
)
def test_where_nothing_was_labelled_twice_there_is_a_reason(
    tmp_path: Path, said: dict[str, str], reason: str
) -> None:
    found = good(tmp_path, said)
    assert (found.alpha.value, found.equal, found.items) == (None, None, 0)
    assert found.alpha.reason.startswith(reason)


def test_an_adjudication_is_no_further_opinion(tmp_path: Path) -> None:
    seams = spoken(tmp_path, {"Ann": "ttff", "Ben": "tttf"})
    record(seams, "Teacher", "seam_1", 0, 3, {"good": True}, source="adjudication")
    record(seams, "Ann", "seam_1", 0, 3, {"good": True}, source="adjudication")
    assert agreement(seams)["good"].kappa.value == pytest.approx(0.5)


def test_attributes_are_measured_apart(tmp_path: Path) -> None:
    seams = spoken(tmp_path, {"Ann": "ttff", "Ben": "ttff"})
    for name, said in (("Ann", "tf"), ("Ben", "ft")):
        say(seams, name, "seam_1", said, "error")
    found = agreement(seams)
    assert list(found) == ["good", "error", "break", "length"]
    assert (found["good"].kappa.value, found["error"].kappa.value) == (1, -1)


@pytest.mark.parametrize(
    ("alpha", "meaning"),
    [
        (0.8, "reliable"),
        (0.7999, "tentative"),
        (0.667, "tentative"),
        (0.6, "not reliable"),
        (None, "not known"),
    ],
)
def test_alpha_has_a_meaning(tmp_path: Path, alpha: float | None, meaning: str) -> None:
    measured = vars(good(tmp_path, {"Ann": "t"}))
    assert AttributeAgreement(**{**measured, "alpha": Coefficient(alpha, None, "")}).meaning == meaning


def test_json_has_its_keys_and_never_nan(tmp_path: Path) -> None:
    found = {
        name: row.to_json() for name, row in agreement(spoken(tmp_path, {"Ann": "tt", "Ben": "tt"})).items()
    }
    assert {"alpha", "kappa", "interval", "items", "annotators"} <= set(found["good"])
    assert "NaN" not in json.dumps(found)


@settings(max_examples=15, deadline=None)
@given(st.lists(SAID, min_size=2, max_size=4), st.data())
def test_names_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, said: list[str], data: st.DataObject
) -> None:
    names = ["Ann", "Ben", "Cem", "Dan"][: len(said)]
    renamed = data.draw(st.permutations(names))
    first, other = (
        good(tmp_path_factory.mktemp("names"), dict(zip(people, said, strict=True)))
        for people in (names, renamed)
    )
    assert first.alpha == other.alpha
    assert first.fleiss == other.fleiss
    assert first.kappa.value == pytest.approx(other.kappa.value)


@settings(max_examples=15, deadline=None)
@given(SAID)
def test_identical_answers_give_alpha_one_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, said: str
) -> None:
    alpha = good(tmp_path_factory.mktemp("same"), {"Ann": said, "Ben": said}).alpha
    assert alpha.value == (1 if {"t", "f"} <= set(said) else None)
    assert alpha.value == 1 or alpha.reason


@settings(max_examples=15, deadline=None)
@given(st.lists(SAID, min_size=2, max_size=3))
def test_disputed_and_equal_frames_are_all_items(
    tmp_path_factory: pytest.TempPathFactory, said: list[str]
) -> None:
    found = good(tmp_path_factory.mktemp("counts"), dict(zip(["Ann", "Ben", "Cem"], said, strict=False)))
    frames = ["".join(answers).replace(".", "") for answers in zip(*said, strict=True)]
    assert found.items == sum(len(answers) > 1 for answers in frames)
    assert len(found.disputed) == sum(len(set(answers)) > 1 for answers in frames)


def test_no_frames_are_no_error(tmp_path: Path) -> None:
    assert agreement(bare_frames.make(tmp_path / "w", {}))["good"].items == 0


def test_positive_and_negative_agreement_by_hand(tmp_path: Path) -> None:
    """Both true on 1 frame, one of two on 2, both false on 17.

    True was said 4 times, each with one other answer: 2 of these are true. False 36 times: 34. 90 % are false.
    """
    found = good(tmp_path, {"Ann": "ttf" + "f" * 17, "Ben": "tft" + "f" * 17})
    assert (found.positive, found.negative, found.true) == (0.5, pytest.approx(34 / 36), 0.1)
    assert found.equal == 0.9
    assert found.kappa.value == pytest.approx((0.9 - 0.82) / (1 - 0.82))


def test_positive_agreement_of_three_annotators(tmp_path: Path) -> None:
    """On frame 1 two of three say true: of the 2 × 2 answers beside a true one, 2 are true. Frame 2 has three, frame 3 none."""
    found = good(tmp_path, {"Ann": "ttf", "Ben": "ttf", "Cem": "ftf"})
    assert (found.positive, found.negative) == ((2 + 6) / (4 + 6), 6 / (2 + 6))


def test_where_nearly_all_answers_are_the_same_it_says_what_to_look_at(tmp_path: Path) -> None:
    found = good(tmp_path, {"Ann": "ttf" + "f" * 17, "Ben": "tft" + "f" * 17})
    assert found.meaning == "not reliable" and found.is_degenerate
    assert found.instead == (
        "90.0 % of the answers are false. Alpha and kappa are then low even if annotators hardly ever differ. Look at these "
        "instead: two annotators give the same answer in 90.0 % of the cases; where one of them says true, another says true "
        "too in 50.0 %."
    )


@pytest.mark.parametrize(
    ("ann", "ben", "instead"),
    [
        ("ttff", "tttf", ""),  # both answers are frequent: alpha says it
        ("t" + "f" * 19, "t" + "f" * 19, ""),  # rare, and always the same: alpha is 1
        ("ffff", "ffff", "Every answer is false, so alpha and kappa are not defined. Two annotators give the same answer in 100.0 % of the cases."),
    ],
)  # fmt: skip
def test_elsewhere_alpha_is_what_to_look_at(tmp_path: Path, ann: str, ben: str, instead: str) -> None:
    assert good(tmp_path, {"Ann": ann, "Ben": ben}).instead == instead


def test_the_worst_attribute_comes_first_and_what_nobody_labelled_twice_last(tmp_path: Path) -> None:
    made = spoken(tmp_path, {"Ann": "ttff", "Ben": "ttff"})
    say(made, "Ann", "seam_1", "ttff", "length")
    say(made, "Ben", "seam_1", "tfft", "length")
    assert list(worst_first(agreement(made))) == ["length", "good", "error", "break"]


def test_without_intervals_the_values_are_the_same(tmp_path: Path) -> None:
    own = annotator_labels(spoken(tmp_path, *[{"Ann": "ttff", "Ben": "tttf"}] * 5))
    quick, slow = (agreement_of(own, "good", intervals=wanted) for wanted in (False, True))
    assert quick.alpha.value == slow.alpha.value and quick.alpha.interval is None
