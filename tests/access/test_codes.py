"""The codes of a class: made once, kept, and changed."""

from pathlib import Path

import pytest

from core.access import accounts, codes, hashes
from core.access.codes import Codes
from core.access.person import NOBODY, Role
from core.errors import AccessError, WorkspaceError


def test_they_stay_from_lesson_to_lesson(folder: Path, made: Codes) -> None:
    assert codes.ensure(folder) == made


def test_a_code_has_eight_letters_of_which_none_looks_like_another() -> None:
    made = "".join(codes.comparable(codes.made_code()) for _ in range(200))
    assert len(made) == 8 * 200
    assert not set(made) & set("0O1IL2Z5S8BUV") - set("V")


def test_new_codes_replace_the_old_and_sign_out_who_came_in_with_them(folder: Path, made: Codes) -> None:
    student = accounts.sign_in(folder, made.student, "Anna", "1234")
    teacher = accounts.sign_in(folder, made.instructor, "Mr Li", "1234")
    new = codes.renew(folder, [Role.STUDENT])
    assert new.student != made.student and new.instructor == made.instructor
    assert accounts.person_of(folder, student) == NOBODY
    assert accounts.person_of(folder, teacher).name == "Mr Li"
    with pytest.raises(AccessError):
        accounts.sign_in(folder, made.student, "Anna", "1234")
    accounts.sign_in(folder, new.student, "Anna", "1234")


def test_on_another_computer_the_codes_are_made_anew_and_pins_stay(
    folder: Path, made: Codes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.sign_in(folder, made.student, "Anna", "1234")
    monkeypatch.setenv("SEAMLENS_PRIVATE", str(tmp_path / "other"))
    assert codes.readable_codes(folder) is None
    with pytest.raises(WorkspaceError, match="another computer"):
        codes.renew(folder, [Role.STUDENT])
    new = codes.ensure(folder)
    assert new.student != made.student
    with pytest.raises(AccessError):
        accounts.sign_in(folder, new.student, "Anna", "4321")
    accounts.sign_in(folder, new.student, "Anna", "1234")


def test_codes_that_were_changed_elsewhere_are_not_shown_as_if_they_were_right(
    folder: Path, made: Codes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEAMLENS_PRIVATE", str(tmp_path / "other"))
    codes.renew(folder)
    monkeypatch.setenv("SEAMLENS_PRIVATE", str(tmp_path / "private"))
    assert codes.ensure(folder) != made


def test_a_hash_fits_its_secret_alone_and_nothing_fits_an_empty_one() -> None:
    stored = hashes.hashed("1234")
    assert hashes.fits("1234", stored)
    assert not hashes.fits("12345", stored)
    assert not hashes.fits("", "")
    assert stored != hashes.hashed("1234")  # each has its own salt
