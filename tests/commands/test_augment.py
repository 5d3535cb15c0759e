from tests.helpers import tiny_class


def test_augment_writes_a_sheet_and_says_what_was_done(seamlens, tmp_path):
    tiny_class.make(tmp_path / "class")
    sheet = tmp_path / "sheet.png"
    code, out, _ = seamlens("augment", "--frames", 2, "--out", sheet)
    assert code == 0 and sheet.is_file()
    assert f"{sheet}: 2 frames of 2 videos" in out
    assert "Never scaled" in out and out.count("row ") == 2


def test_augment_refuses_in_one_line(seamlens, tmp_path):
    seamlens("init")
    for wrong in (["--out", "a.png"], ["--network", "none", "--out", "a.png"]):
        code, _, error = seamlens("augment", *wrong)
        assert (code, error.count("\n")) == (2, 1)
