"""The workspace: made, opened, and refused in plain words."""

from pathlib import Path

import pytest

from core import workspace
from core.attributes import SEAM, Attribute, AttributeSet, completed, named
from core.errors import WorkspaceError

ONE = 'attributes = [{name = "tear"}]\n'


def settings(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "workspace.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_new_workspace_has_the_default_attributes(tmp_path: Path) -> None:
    assert workspace.create(tmp_path / "w").attributes == SEAM


def test_what_was_created_is_what_is_opened(tmp_path: Path) -> None:
    chosen = named(["good", "tear", "fil cassé"])
    made = workspace.create(tmp_path / "w", chosen, note="All videos are rendered.")
    assert workspace.open_workspace(tmp_path / "w") == made
    assert (made.attributes, made.note) == (chosen, "All videos are rendered.")


def test_classes_stay_exclusive(tmp_path: Path) -> None:
    workspace.create(tmp_path / "w", named(["apple", "orange"], exclusive=True))
    assert workspace.open_workspace(tmp_path / "w").attributes.exclusive


def test_the_folders_are_there(tmp_path: Path) -> None:
    made = workspace.create(tmp_path / "a" / "b")
    assert all(folder.is_dir() for folder in (made.videos, made.frames, made.runs, made.inbox))


def test_it_is_not_made_twice(tmp_path: Path) -> None:
    workspace.create(tmp_path / "w")
    with pytest.raises(WorkspaceError, match="Open it"):
        workspace.create(tmp_path / "w")


def test_open_or_create_does_either(tmp_path: Path) -> None:
    workspace.open_or_create(tmp_path / "w", named(["tear"]))
    assert workspace.open_or_create(tmp_path / "w").attributes.names == ("tear",)


def test_a_place_that_cannot_hold_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="file"):
        workspace.create(tmp_path / "file" / "w")


def test_a_folder_without_a_workspace_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="python -m core init"):
        workspace.open_workspace(tmp_path)


def test_a_name_is_all_that_an_attribute_needs(tmp_path: Path) -> None:
    opened = workspace.open_workspace(settings(tmp_path / "w", ONE))
    assert opened.attributes["tear"].key == "t"


def test_attributes_without_a_colour_get_different_ones(tmp_path: Path) -> None:
    opened = workspace.open_workspace(settings(tmp_path / "w", 'attributes = [{name = "a"}, {name = "b"}]\n'))
    assert opened.attributes["a"].colour != opened.attributes["b"].colour


def test_labels_lie_in_the_workspace_unless_it_says_otherwise(tmp_path: Path) -> None:
    here = workspace.open_workspace(settings(tmp_path / "w", ONE))
    assert here.database == f"sqlite:///{(tmp_path / 'w' / 'labels.db').resolve().as_posix()}"
    there = workspace.open_workspace(
        settings(tmp_path / "x", 'database = "postgresql://school/seams"\n' + ONE)
    )
    assert there.database == "postgresql://school/seams"


@pytest.mark.parametrize(
    "text",
    [
        "attributes = [",
        "",
        "attributes = 3",
        'attributes = ["good"]',
        'attributes = [{key = "g"}]',
        'attributes = [{name = "good", size = 3}]',
        "attributes = [{name = 3}]",
        'attributes = [{name = "good", colour = "blue"}]',
        'attributes = [{name = "good", key = 7}]',
        ONE + 'rules = [{attribute = "tear"}]',
        ONE + "rules = 4",
        'exclusive = "no"\n' + ONE,
        ONE + "[training]\ncache = 0.5",
    ],
)
def test_settings_that_cannot_be_understood_are_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(WorkspaceError, match=r"workspace\.toml"):
        workspace.open_workspace(settings(tmp_path / "w", text))


def test_settings_that_are_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "workspace.toml").write_bytes(b"\xff\xfe\x00name")
    with pytest.raises(WorkspaceError, match=r"workspace\.toml"):
        workspace.open_workspace(tmp_path)


@pytest.mark.parametrize(
    ("value", "path"), [("/class/seams", "/class/seams"), ("", "workspace"), (None, "workspace")]
)
def test_the_default_place_is_the_variable_or_the_folder_here(
    monkeypatch: pytest.MonkeyPatch, value: str | None, path: str
) -> None:
    monkeypatch.delenv("SEAMLENS_WORKSPACE", raising=False)
    if value is not None:
        monkeypatch.setenv("SEAMLENS_WORKSPACE", value)
    assert workspace.default_path() == Path(path)


def test_a_workspace_has_no_instructors_unless_it_names_them(tmp_path: Path) -> None:
    assert workspace.create(tmp_path / "w").instructors == ()


def test_instructors_are_read(tmp_path: Path) -> None:
    there = workspace.open_workspace(settings(tmp_path / "w", 'instructors = ["Ada", "Zoë"]\n' + ONE))
    assert there.instructors == ("Ada", "Zoë")


@pytest.mark.parametrize("wrong", ['"Ada"', "[1]", '["Ada", ""]', "true"])
def test_instructors_that_are_no_list_of_names_are_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(WorkspaceError, match="not a list of names"):
        workspace.open_workspace(settings(tmp_path / "w", f"instructors = {wrong}\n" + ONE))


def test_cameras_have_names_and_numbers_or_addresses(tmp_path: Path) -> None:
    assert workspace.open_workspace(settings(tmp_path / "none", ONE)).cameras == ()
    text = ONE + '[cameras]\n"Machine 3" = 0\nDoor = "rtsp://me:secret@10.0.0.5/1"\n'
    opened = workspace.open_workspace(settings(tmp_path / "some", text))
    assert opened.cameras == (("Machine 3", 0), ("Door", "rtsp://me:secret@10.0.0.5/1"))


@pytest.mark.parametrize(
    "value", ['"file:///etc/secret"', '"/dev/secret0"', "-1", "true", "1.5", '["secret"]']
)
def test_what_is_no_camera_is_refused_without_telling_it(tmp_path: Path, value: str) -> None:
    with pytest.raises(
        WorkspaceError, match="camera Door is neither a number nor an rtsp or http"
    ) as refused:
        workspace.open_workspace(settings(tmp_path / "w", f"{ONE}[cameras]\nDoor = {value}\n"))
    assert "secret" not in str(refused.value)


def test_one_line_chooses_the_colours_of_all_attributes(tmp_path: Path) -> None:
    made = workspace.create(tmp_path / "w")
    file = tmp_path / "w" / "workspace.toml"
    own = file.read_text(encoding="utf-8")
    for line, expected in (
        ('colours = "by meaning"', SEAM.coloured_by_meaning()),
        ('colours = "published"', SEAM),
    ):
        file.write_text(f"{line}\n{own}", encoding="utf-8")
        assert workspace.open_workspace(made.path).attributes == expected
    file.write_text(f'colours = "loud"\n{own}', encoding="utf-8")
    with pytest.raises(WorkspaceError, match="colours is 'loud', not “published” or “by meaning”"):
        workspace.open_workspace(made.path)


@pytest.mark.parametrize("line", ['instructors = ["Ada"]', 'database = "sqlite:///other.db"'])
def test_a_setting_below_the_sections_is_not_passed_over(tmp_path, line):
    """At the end of the file it would belong to the rule above it."""
    workspace.create(tmp_path / "class")
    file = tmp_path / "class" / "workspace.toml"
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(WorkspaceError, match=r"put it above the first \[\[attributes\]\]"):
        workspace.open_workspace(tmp_path / "class")


def test_material_is_set_beside_the_other_settings(tmp_path):
    made = workspace.create(tmp_path / "w")
    assert made.material is None
    (made.path / "workspace.toml").open("a").write("\n[training]\nslots = 2  # two\n")
    changed = workspace.set_material(made, "separate")
    assert (changed.material, changed.slots) == ("separate", 2)
    assert "# two" in (made.path / "workspace.toml").read_text("utf-8")


def test_another_material_is_refused(tmp_path):
    made = workspace.create(tmp_path / "w")
    (made.path / "workspace.toml").open("a").write('\n[training]\nmaterial = "wood"\n')
    with pytest.raises(WorkspaceError, match="not continuous or separate"):
        workspace.open_workspace(made.path)


@pytest.mark.parametrize("name", ["boxes", "Name", "GROUP", "Part", "seq", "value"])
def test_a_new_workspace_has_no_attribute_called_like_a_column(tmp_path: Path, name: str) -> None:
    with pytest.raises(WorkspaceError, match="tables have a column of that name"):
        workspace.create(tmp_path / "w", AttributeSet(completed([Attribute(name, "", "")])))
    assert not (tmp_path / "w").exists()


def test_attributes_that_differ_in_capitals_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="Good and good stand there more than once, but for capitals"):
        workspace.create(tmp_path / "w", named(["Good", "good"]))


@pytest.mark.parametrize("name", ["Naht (links)", "[A] 2/3", "🧵 lose", "kurz / lang", "fehlt!"])
def test_attributes_may_hold_brackets_slashes_and_emoji(tmp_path: Path, name: str) -> None:
    made = workspace.create(tmp_path / "w", named([name, "good"]))
    assert workspace.open_workspace(made.path).attributes.names == (name, "good")


def test_others_cannot_read_the_settings_where_passwords_may_stand(tmp_path: Path) -> None:
    made = workspace.create(tmp_path / "w")
    file = made.path / workspace.SETTINGS_FILE
    assert file.stat().st_mode & 0o077 == 0
    file.chmod(0o644)  # of an earlier version
    workspace.set_note(made, "Rendered.")
    assert file.stat().st_mode & 0o077 == 0
