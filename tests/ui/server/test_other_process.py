"""Work of the server in a process of its own."""

import os
import signal
import time

import pytest

from core.errors import SeamLensError
from core.labels.labels import check_annotator
from ui.server.other_process import OtherProcess


@pytest.fixture
def other():
    made = OtherProcess()
    yield made
    made.end()


def test_a_call_is_answered_by_one_process(other):
    number = other.call(os.getpid)
    assert number not in (os.getpid(), None)
    assert other.call(os.getpid) == number


def test_an_error_is_raised_here_in_its_own_words(other):
    with pytest.raises(SeamLensError) as there:
        other.call(check_annotator, "")
    with pytest.raises(SeamLensError) as here:
        check_annotator("")
    assert str(there.value) == str(here.value)


def test_what_a_function_prints_does_not_disturb_its_answer(other):
    other.call(print, "a note of a library")
    assert other.call(len, "four") == 4


def test_it_is_started_anew_after_it_was_killed(other):
    number = other.call(os.getpid)
    with pytest.raises(EOFError):
        other.call(os.kill, number, signal.SIGTERM)
    assert other.call(os.getpid) != number


def test_it_ends_once_nobody_can_call_it(other):
    other.call(time.monotonic)
    assert other.end() == 0
