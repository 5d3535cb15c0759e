import numpy as np
import pytest

from core.errors import RunError
from core.events.observer import reading_of
from core.explain import out_of_distribution
from core.inspection.batch_inspector import Reader
from core.inspection.inspector import Inspector
from tests.helpers import tiny_class


@pytest.fixture(scope="module")
def reader(trained):
    return Reader.load(trained)


def read(reader, picture, index, time):
    """The reading of one picture that is not prepared yet."""
    return reader.read_prepared([reader.prepare(picture)], [(index, time)])[0]


def test_what_the_network_does_not_know_is_unfamiliar(reader):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert not read(reader, noise, 0, 0.0).is_familiar


def test_a_reading_has_the_probabilities_of_an_inspection(reader, trained):
    picture = tiny_class.picture(True, False, np.random.default_rng(0))
    seen = Inspector.load(trained).inspect(picture)
    assert read(reader, picture, 0, 0.0).probabilities == pytest.approx(seen.probabilities, abs=1e-4)


def test_many_at_once_are_read_as_one_by_one(reader):
    rng = np.random.default_rng(0)
    pictures = [tiny_class.picture(i % 2 == 0, True, rng) for i in range(5)]
    together = reader.read_prepared([reader.prepare(p) for p in pictures], [(i, i / 10) for i in range(5)])
    alone = [read(reader, p, i, i / 10) for i, p in enumerate(pictures)]
    assert [r.index for r in together] == [0, 1, 2, 3, 4]
    for one, other in zip(together, alone, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=2e-5)


def test_an_inspector_measures_what_a_reader_measures(reader, trained):
    picture = tiny_class.picture(True, False, np.random.default_rng(0))
    seen = Inspector.load(trained, familiar=out_of_distribution.of(trained)).inspect(picture)
    one, other = reading_of(seen, 7, 0.5), read(reader, picture, 7, 0.5)
    assert (one.index, one.time) == (other.index, other.time)
    assert one.unfamiliarity == pytest.approx(other.unfamiliarity, abs=1e-3)


def test_without_its_frames_a_run_is_read_all_the_same(trained, monkeypatch):
    def gone(run):
        raise RunError("all frames of the run in its workspace", "some that are gone", "Train anew.")

    monkeypatch.setattr(out_of_distribution, "of", gone)
    said = []
    assert read(Reader.load(trained, said.append), np.zeros((9, 9, 3), np.uint8), 0, 0.0).is_familiar
    assert said[0].startswith("Unfamiliar pictures will not be noticed.")
