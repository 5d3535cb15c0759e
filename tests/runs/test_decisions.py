import numpy as np

from core.runs.decisions import decide

THRESHOLDS = np.array([0.5, 0.5, 0.9])


def test_each_attribute_has_its_threshold():
    assert decide(np.array([0.5, 0.49, 0.89]), THRESHOLDS, exclusive=False).tolist() == [True, False, False]


def test_of_classes_exactly_one_is_true():
    probabilities = np.array([[0.3, 0.4, 0.3], [0.1, 0.1, 0.8]])
    assert decide(probabilities, THRESHOLDS, exclusive=True).tolist() == [
        [False, True, False],
        [False, False, True],
    ]
