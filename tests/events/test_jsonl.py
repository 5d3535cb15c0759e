import pytest

from core.errors import WorkspaceError
from core.events.jsonl import append_lines, read_lines
from core.json_files import DamagedError


def test_lines_come_back_in_order(tmp_path):
    append_lines(tmp_path / "a.jsonl", [{"n": 1}])
    append_lines(tmp_path / "a.jsonl", [{"n": 2}, {"n": 3, "by": "Zoë\u2028"}])
    assert read_lines(tmp_path / "a.jsonl") == [{"n": 1}, {"n": 2}, {"n": 3, "by": "Zoë\u2028"}]


def test_no_file_has_no_lines(tmp_path):
    assert read_lines(tmp_path / "a.jsonl") == []


def test_a_line_after_one_that_was_cut_off_is_whole(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"n": 1}\n{"n": 2, "b')
    append_lines(tmp_path / "a.jsonl", [{"n": 3}])
    assert read_lines(tmp_path / "a.jsonl") == [{"n": 1}, {"n": 3}]


def test_what_cannot_be_written_is_said_in_plain_words(tmp_path):
    with pytest.raises(WorkspaceError, match="cannot be written"):
        append_lines(tmp_path / "gone" / "a.jsonl", [{"n": 1}])


@pytest.mark.parametrize("content", ['{"n": 1}\n5\n', "<html>\n", "[" * 100_000])
def test_what_was_never_a_line_is_damage(tmp_path, content):
    (tmp_path / "a.jsonl").write_text(content)
    with pytest.raises(DamagedError):
        read_lines(tmp_path / "a.jsonl")


def test_zeros_that_a_power_cut_left_are_no_line(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b'{"n": 1}\n' + bytes(40))
    assert read_lines(tmp_path / "a.jsonl") == [{"n": 1}]
