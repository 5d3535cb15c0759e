"""The starter: what it knows, and that its file is worth no error."""

import numpy as np
import pytest

from core.assist import starter
from core.attributes import SEAM, named
from core.networks.pretrained import starter_head


def test_it_knows_three_attributes_of_the_seam_by_name():
    found = starter.starter(SEAM)
    assert found.attributes.names == ("good", "error", "break")
    assert found.title.startswith("Starter (rendered seams): the instant network before your first labels")
    assert starter.starter(named(["break", "hole"])).attributes.names == ("break",)


def test_it_knows_nothing_of_other_attributes_and_of_classes():
    assert starter.starter(named(["open", "short"])) is None
    assert starter.starter(named(["good", "break"], exclusive=True)) is None


def test_on_other_cloth_its_mean_logits_are_those_of_rendered_seams():
    peaks = np.random.default_rng(0).uniform(0, 6, (20, 912))
    fitted, plain = starter.starter(SEAM, peaks), starter.starter(SEAM)
    with np.load(starter_head.FILE, allow_pickle=False) as stored:
        np.testing.assert_allclose(fitted.head.logits(peaks).mean(axis=0), stored["mean"], atol=1e-3)
    np.testing.assert_array_equal(starter.starter(SEAM, peaks[:19]).head.bias, plain.head.bias)


def test_it_takes_less_than_100_kb():
    assert starter_head.FILE.stat().st_size < 100_000


@pytest.mark.parametrize("content", [b"", b"no zip file", None])
def test_without_its_file_there_is_no_starter(tmp_path, monkeypatch, content):
    file = tmp_path / "starter.npz"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setattr(starter_head, "FILE", file)
    assert starter.starter(SEAM) is None
