import pytest

from core.errors import RunError
from core.evaluation import compare_configs
from core.runs.records import Best
from core.training.create_run import create_run
from tests.helpers import tiny_class


@pytest.fixture
def pair(workspace):
    made = [
        create_run(workspace, tiny_class.quick(seed=seed, epochs=epochs)) for seed, epochs in ((1, 4), (2, 4))
    ]
    (made[0].path / "history.csv").write_text(
        "epoch,val_loss,val_clean_accuracy,val_spot_accuracy,val_narrow_accuracy\n1,0.5,0.25,0.5,nan\n"
    )
    made[0].write_status(best=Best(1, 0.5))
    return made


def rows(table, about):
    return table[table["about"] == about].set_index("what").drop(columns="about").to_dict("index")


def test_only_what_differs_is_shown(pair):
    first, second = (run.id for run in pair)
    found = rows(compare_configs.compare_configs(pair), "configuration")
    assert found == {"seed": {first: 1, second: 2}}


def test_accuracies_are_side_by_side(pair):
    first, second = (run.id for run in pair)
    found = rows(compare_configs.compare_configs(pair), "validation accuracy")
    assert found == {"clean": {first: 0.25, second: None}, "spot": {first: 0.5, second: None}}


def test_one_run_is_nothing_to_compare(pair):
    with pytest.raises(RunError, match="at least two runs"):
        compare_configs.compare_configs([pair[0], pair[0]])
