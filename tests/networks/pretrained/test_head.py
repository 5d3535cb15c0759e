import numpy as np
import pytest

from core.networks.pretrained.head import Head, fit_head

RNG = np.random.default_rng(5)
PEAKS = RNG.uniform(0, 6, (80, 20))
IS_HIGH = PEAKS[:, 7] > 3  # what is asked for shows in one channel
COLUMN = IS_HIGH.astype(np.float32)


def share_right(head, targets):
    return float(np.mean((head.logits(PEAKS) > 0) == (targets > 0.5)))


def test_an_attribute_that_one_channel_shows_is_learned():
    head = fit_head(PEAKS, COLUMN[:, None])
    assert head.kernel.shape == (20, 1)
    assert np.abs(head.kernel[:, 0]).argmax() == 7
    assert share_right(head, COLUMN[:, None]) > 0.95


def test_unset_answers_teach_nothing():
    wrong, unset = COLUMN[:, None].copy(), COLUMN[:, None].copy()
    wrong[:40], unset[:40] = 1 - wrong[:40], -1
    assert share_right(fit_head(PEAKS, wrong), COLUMN[:, None]) < 0.7
    assert share_right(fit_head(PEAKS, unset), COLUMN[:, None]) > 0.75


@pytest.mark.parametrize(("answer", "sign"), [(1, 1), (0, -1)])
def test_of_one_answer_only_it_says_that_answer_of_any_picture(answer, sign):
    head = fit_head(PEAKS, np.full((80, 1), answer, np.float32))
    assert (np.sign(head.logits(PEAKS)) == sign).all()


def test_an_attribute_without_answers_is_undecided():
    assert not fit_head(PEAKS, np.full((80, 1), -1.0)).logits(PEAKS).any()


@pytest.mark.parametrize("classes", [2, 3])
def test_classes_exclude_each_other(classes):
    targets = np.zeros((80, classes), np.float32)
    targets[np.arange(80), np.digitize(PEAKS[:, 7], [3, 5][: classes - 1])] = 1
    head = fit_head(PEAKS, targets, exclusive=True)
    assert (head.logits(PEAKS).argmax(axis=1) == targets.argmax(axis=1)).mean() > 0.8


def test_a_class_that_never_occurs_is_never_the_answer():
    targets = np.stack([COLUMN, 1 - COLUMN, 0 * COLUMN], axis=1)
    assert set(fit_head(PEAKS, targets, exclusive=True).logits(PEAKS).argmax(axis=1)) == {0, 1}


def test_a_head_that_is_built_on_is_followed_where_pictures_do_not_contradict():
    base = Head(
        np.eye(20, 1, k=-7, dtype=np.float32), np.zeros(1, np.float32)
    )  # channel 7, which the base asks for
    few = [int(IS_HIGH.argmax()), int((~IS_HIGH).argmax())]
    alone, built = (fit_head(PEAKS[few], COLUMN[few, None], base=each) for each in (None, base))
    assert share_right(alone, COLUMN[:, None]) < 0.8
    assert share_right(built, COLUMN[:, None]) > 0.9


def test_a_head_that_is_built_on_is_given_up_where_pictures_contradict_it():
    base = Head(-np.eye(20, 1, k=-7, dtype=np.float32), np.zeros(1, np.float32))
    assert share_right(fit_head(PEAKS, COLUMN[:, None], base=base), COLUMN[:, None]) > 0.95
