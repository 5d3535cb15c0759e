"""Without TensorFlow people label and review, and what needs it says what to install."""

import json
import subprocess
import sys

import pytest

from core.networks.installed import COMMAND, missing
from tests.helpers.page_files import PAGES, ROOT
from tests.helpers.without_tensorflow import REFUSED, WORK

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]  # every page and module, in a process of its own

OF_NETWORKS = {"4_Train.py", "5_Test.py", "6_Live.py"}


@pytest.fixture(scope="module")
def came(tmp_path_factory):
    folder = tmp_path_factory.mktemp("without")
    command = [sys.executable, "-m", "tests.helpers.without_tensorflow", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


def test_only_what_builds_and_explains_networks_cannot_be_imported(came):
    assert set(came["modules"]) == {
        "core.explain.gradcam", "core.explain.target_layer", "core.export.graph", "core.export.write", "core.networks.architectures", "core.networks.backend",
        "core.training.head_first", "core.training.loop", "core.training.losses", "core.training.model_state",
    }  # fmt: skip
    assert set(came["modules"].values()) == {str(missing())}


def test_every_page_opens_and_those_of_networks_say_what_to_install(came):
    assert {page for page in PAGES if "EXCEPTION" in came["pages"][page]} == set()
    assert {page for page in PAGES if COMMAND in came["pages"][page]} == OF_NETWORKS


def test_labelling_and_reviews_work_on_the_command_line(came):
    assert {words: code for words in map(" ".join, WORK) if (code := came["commands"][words][0])} == {}


@pytest.mark.parametrize("words", map(" ".join, REFUSED))
def test_what_needs_a_network_ends_with_2_and_says_what_to_install(came, words):
    code, error = came["commands"][words]
    assert (code, error.splitlines()[-1]) == (2, f"seamlens: {missing()}")


def test_nothing_is_begun_that_cannot_be_ended(came):
    assert came["new runs"] == []
