import numpy as np
import pytest

from core.live.inspector import Inspector
from core.live.reader import Reader
from tests.model import classroom


@pytest.fixture(scope="module")
def reader(trained):
    return Reader.load(trained)


def test_what_the_network_does_not_know_is_unfamiliar(reader):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert not reader.read(noise, 0, 0.0).is_familiar


def test_a_reading_has_the_probabilities_of_an_inspection(reader, trained):
    picture = classroom.picture(True, False, np.random.default_rng(0))
    seen = Inspector.load(trained).inspect(picture)
    assert reader.read(picture, 0, 0.0).probabilities == pytest.approx(seen.probabilities, abs=1e-4)


def test_many_at_once_are_read_as_one_by_one(reader):
    rng = np.random.default_rng(0)
    pictures = [classroom.picture(i % 2 == 0, True, rng) for i in range(5)]
    together = reader.read_prepared([reader.prepare(p) for p in pictures], [(i, i / 10) for i in range(5)])
    alone = [reader.read(p, i, i / 10) for i, p in enumerate(pictures)]
    assert [r.index for r in together] == [0, 1, 2, 3, 4]
    for one, other in zip(together, alone, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=2e-5)
