"""The folder that holds one class project."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import tomlkit
from pydantic import ValidationError
from tomlkit.exceptions import TOMLKitError

from core import database_urls, names
from core.access.private import write_private
from core.access.rights import Right, needs
from core.attributes import SEAM, Attribute, AttributeSet, Rule, check_new_names, completed
from core.errors import WorkspaceError
from core.files import make_folder, writable
from core.json_files import checked, why
from core.urls import CAMERA_SCHEMES

USUAL = "workspace"
"""Name of the folder where none is given."""
TOP_LEVEL = ("note", "exclusive", "instructors", "database", "colours")
"""Settings that belong to no section, so that they stand above the first."""

PUBLISHED, BY_MEANING = "published", "by meaning"
"""Colours: those that the attributes have, or those of `AttributeSet.coloured_by_meaning`."""

Material = Literal["continuous", "separate"]

SETTINGS_FILE = "workspace.toml"

MOST = 100_000
"""Of any number in the settings."""
MOST_CAMERAS = 1000
"""Numbers of USB cameras are below."""


@dataclass(frozen=True)
class Cluster:
    """Where trainings may go instead of this computer, see `core.cluster`.

    Args:
        address: of Ray; empty where there is none.
        cpus: processors that a training takes there.
        gpus: graphics processors that it takes.
        slots: how many runs may be there at once; the others queue.
    """

    address: str = ""
    cpus: int = 1
    gpus: int = 0
    slots: int = 4


@dataclass(frozen=True)
class Workspace:
    """An opened workspace: where its parts are, and its attributes.

    Args:
        path: the folder.
        attributes: what is labelled and learned here.
        database: SQLAlchemy URL of the labels; it may hold a password, so it is not shown.
        note: shown on every page, for example that all videos are rendered.
        instructors: annotators who may adjudicate and see everybody's labels.
        slots: how many runs may train at once; the others queue.
        places: how many live views may run at once; the others wait in line.
        cache: gigabytes for pictures prepared for networks and their features, see `core.inputs.picture_cache`.
        material: what the pictures show: a ``continuous`` material such as a seam, or ``separate`` things; none is not
            known yet. See `core.inputs.material`.
        cameras: of the server, that the Live page offers: their names, with a number (USB) or an address.
        mm_per_pixel: scale of the pictures, in which stitches are measured; none before `core.measure.calibration`.
        upload: gigabytes that a file from a browser may have.
        cluster: for trainings elsewhere.
    """

    path: Path
    attributes: AttributeSet
    database: str = field(repr=False)
    note: str = ""
    instructors: tuple[str, ...] = ()
    slots: int = 1
    places: int = 2
    cache: int = 4
    material: Material | None = None
    quality: int = 95
    half_colour: bool = False
    cameras: tuple[tuple[str, int | str], ...] = ()
    mm_per_pixel: float | None = None
    upload: int = 8
    cluster: Cluster = Cluster()

    @property
    def videos(self) -> Path:
        """Originals, never changed."""
        return self.path / "videos"

    @property
    def frames(self) -> Path:
        """One folder of pictures per video."""
        return self.path / "frames"

    @property
    def runs(self) -> Path:
        return self.path / "runs"

    @property
    def inbox(self) -> Path:
        """What a teacher copied onto the server to be added."""
        return self.path / "inbox"

    @property
    def split_file(self) -> Path:
        return self.path / "split.csv"


def default_path() -> Path:
    """Return the folder named by ``SEAMLENS_WORKSPACE``, else ``./workspace``."""
    return Path(os.environ.get("SEAMLENS_WORKSPACE") or USUAL)


def exists(path: Path) -> bool:
    """Return whether ``path`` holds a workspace."""
    return (path / SETTINGS_FILE).is_file()


@needs(Right.ADD)
def create(path: Path, attributes: AttributeSet = SEAM, note: str = "") -> Workspace:
    """Make a new workspace in ``path``, which may exist and may hold other files.

    Raises:
        WorkspaceError: there is a workspace already, or the folder cannot be made.
    """
    check_new_names(attributes.names)
    if exists(path):
        raise WorkspaceError(f"{path} is a workspace already.", "Open it, or name another folder.")
    with writable(path):
        for folder in ("videos", "frames", "runs", "inbox"):
            make_folder(path / folder)
        document = _document(attributes, note)
        if server := database_urls.from_environment():  # the folder shall say where its labels are
            document["database"] = database_urls.without_password(server)
        _write(path / SETTINGS_FILE, document)
    return open_workspace(path)


def open_workspace(path: Path, *, use_environment: bool = True) -> Workspace:
    """Read the workspace in ``path``.

    Args:
        path: its folder.
        use_environment: False leaves out what `core.database_urls.VARIABLE` names: the labels are where the folder says.

    Raises:
        WorkspaceError: there is none, or its settings cannot be understood.
    """
    file = path / SETTINGS_FILE
    if not file.is_file():
        raise WorkspaceError(
            f"{path} is not a workspace: it has no workspace.toml.",
            "Make one with “python -m core init” or “python -m core demo”.",
        )
    try:
        settings = tomlkit.parse(file.read_text(encoding="utf-8-sig")).unwrap()
        return _with_settings(path, settings, use_environment)
    except (
        TOMLKitError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
        RuntimeError,
        OSError,
    ) as error:
        known = isinstance(error, ValidationError | KeyError | OSError | RecursionError | UnicodeDecodeError)
        reason = why(error) if known else " ".join(str(error).split())
        raise WorkspaceError(
            f"{file} cannot be understood: {reason}.", "Repair it in a text editor."
        ) from error


def _with_settings(path: Path, settings: dict[str, Any], use_environment: bool) -> Workspace:
    """Return the workspace of these settings; whatever is wrong with one raises an error that says what."""
    _check_places(settings)
    return Workspace(
        path,
        _attribute_set(settings),
        database_urls.of_workspace(path, _database(settings), use_environment=use_environment),
        str(settings.get("note", "")),
        _instructors(settings),
        _count(settings, "training", "slots", 1),
        _count(settings, "live", "places", 2),
        _count(settings, "training", "cache", 4),
        _material(settings),
        _count(settings, "frames", "quality", 95, most=100),
        _switch(settings, "frames", "half_colour"),
        _cameras(settings),
        _scale(settings),
        _count(settings, "uploads", "gigabytes", 8),
        _cluster(settings),
    )


def open_or_create(path: Path, attributes: AttributeSet = SEAM) -> Workspace:
    """Open the workspace in ``path``, or make one with ``attributes`` where there is none."""
    return open_workspace(path) if exists(path) else create(path, attributes)


@needs(Right.SETTINGS)
def set_note(workspace: Workspace, note: str) -> Workspace:
    """Store ``note`` in the settings, everything else (comments too) as it was, and return the workspace anew."""
    return _change(workspace, {"note": note})


@needs(Right.SETTINGS)
def set_material(workspace: Workspace, material: Material) -> Workspace:
    """Store what the pictures show, and return the workspace anew; see `set_note`."""
    return _change(workspace, {"training": {"material": material}})


@needs(Right.SETTINGS)
def set_scale(workspace: Workspace, mm_per_pixel: float) -> Workspace:
    """Store the scale of the pictures, and return the workspace anew; see `set_note`."""
    return _change(workspace, {"ruler": {"mm_per_pixel": mm_per_pixel}})


@needs(Right.SETTINGS)
def set_database(workspace: Workspace, url: str | None) -> None:
    """Store where the labels are, without the password of ``url``; none is ``labels.db``. See `set_note`."""
    file = workspace.path / SETTINGS_FILE
    document = tomlkit.parse(file.read_text(encoding="utf-8-sig"))
    document.pop("database", None)
    if url is not None:
        document["database"] = database_urls.without_password(url)
    with writable(file):
        _write(file, document)


@needs(Right.SETTINGS)
def set_attributes(workspace: Workspace, attributes: AttributeSet) -> Workspace:
    """Store other attributes and their rules in the settings, and return the workspace anew; see `set_note`."""
    check_new_names(attributes.names)
    return _change(workspace, {"rules": [], **_document(attributes, workspace.note)})


def _change(workspace: Workspace, settings: dict[str, Any]) -> Workspace:
    file = workspace.path / SETTINGS_FILE
    document = tomlkit.parse(file.read_text(encoding="utf-8-sig"))
    for name, value in settings.items():
        if isinstance(document.get(name), dict) and isinstance(value, dict):
            document[name].update(value)
        else:
            document[name] = value
    if not document.get("rules"):
        document.pop("rules", None)
    with writable(file):
        _write(file, document)
    return open_workspace(workspace.path)


def _write(file: Path, document: tomlkit.TOMLDocument) -> None:
    write_private(
        file, tomlkit.dumps(document)
    )  # with passwords of the database, of cameras and of the webhook


def _document(attributes: AttributeSet, note: str) -> tomlkit.TOMLDocument:
    document = tomlkit.document()
    document.add(tomlkit.comment("A SeamLens workspace. Keys: small letters or digits; colours: #rrggbb."))
    document["note"] = note
    document["exclusive"] = attributes.exclusive
    document["attributes"] = [_attribute_entry(attribute) for attribute in attributes]
    if attributes.rules:
        rules = attributes.rules
        document["rules"] = [{"attribute": r.attribute, "never_with": list(r.never_with)} for r in rules]
    return document


def _attribute_entry(attribute: Attribute) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": attribute.name, "key": attribute.key, "colour": attribute.colour}
    entry |= {word: text for word in ("true", "false") if (text := getattr(attribute, word))}
    return entry | ({"all_clear": True} if attribute.all_clear else {})


def _attribute_set(settings: dict[str, Any]) -> AttributeSet:
    given = [Attribute(**{"key": "", "colour": "", **entry}) for entry in settings["attributes"]]
    attributes = [
        replace(each, name=names.attribute(each.name)) for each in (checked(Attribute, g) for g in given)
    ]
    rules = [Rule(entry["attribute"], tuple(entry["never_with"])) for entry in settings.get("rules", [])]
    if not isinstance(exclusive := settings.get("exclusive", False), bool):
        raise TypeError(f"exclusive is {exclusive!r}, not true or false")
    chosen = settings.get("colours", PUBLISHED)
    if chosen not in (PUBLISHED, BY_MEANING):
        raise TypeError(f"colours is {chosen!r}, not “{PUBLISHED}” or “{BY_MEANING}”")
    own = AttributeSet(completed(attributes), exclusive, tuple(rules))
    return own.coloured_by_meaning() if chosen == BY_MEANING else own


def _check_places(settings: dict[str, Any]) -> None:
    """Refuse a setting at the end of the file, where it belongs to the section above it and has no effect."""
    sections = [*settings["attributes"], *settings.get("rules", [])]
    sections += [
        settings.get(name, {})
        for name in ("training", "live", "frames", "cameras", "ruler", "uploads", "cluster")
    ]
    for name in TOP_LEVEL:
        if any(name in section for section in sections):
            problem = f"{name} stands below a [section] and so belongs to it"
            raise ValueError(f"{problem}; put it above the first [[attributes]]")


def _cluster(settings: dict[str, Any]) -> Cluster:
    address = settings.get("cluster", {}).get("address", "")
    if not isinstance(address, str):
        raise TypeError(f"address of cluster is {address!r}, not a text such as ray://10.0.0.5:10001")
    counts = {name: _count(settings, "cluster", name, getattr(Cluster, name)) for name in ("cpus", "slots")}
    return Cluster(address.strip(), gpus=_count(settings, "cluster", "gpus", 0, least=0), **counts)


def _count(
    settings: dict[str, Any], section: str, name: str, default: int, most: int = MOST, least: int = 1
) -> int:
    count = settings.get(section, {}).get(name, default)
    if not isinstance(count, int) or isinstance(count, bool) or count < least:
        raise TypeError(f"{name} of {section} is {count!r}, not a whole number of at least {least}")
    if count > most:
        raise TypeError(f"{name} of {section} is more than {most:,}")
    return count


def _switch(settings: dict[str, Any], section: str, name: str) -> bool:
    value = settings.get(section, {}).get(name, False)
    if not isinstance(value, bool):
        raise TypeError(f"{name} of {section} is {value!r}, not true or false")
    return value


def _scale(settings: dict[str, Any]) -> float | None:
    scale = settings.get("ruler", {}).get("mm_per_pixel")
    if scale is None:
        return None
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not 0 < scale < MOST:
        raise TypeError(f"mm_per_pixel of ruler is {scale!r}, not a number above 0")
    return float(scale)


def _database(settings: dict[str, Any]) -> str:
    database = str(settings.get("database") or "")
    database_urls.check_setting(database)
    return database


def _material(settings: dict[str, Any]) -> Material | None:
    material = settings.get("training", {}).get("material")
    if material not in (None, *get_args(Material)):
        raise TypeError(f"material of training is {material!r}, not continuous or separate")
    return material


def _cameras(settings: dict[str, Any]) -> tuple[tuple[str, int | str], ...]:
    """Return the cameras by name; what is wrong is said without the address, which may hold a password."""
    given = settings.get("cameras", {})
    if not isinstance(given, dict):
        raise TypeError("cameras is not a section of names with a number or an address each")
    for name, value in given.items():
        is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_CAMERAS
        if not is_number and not (isinstance(value, str) and value.lower().startswith(CAMERA_SCHEMES)):
            raise TypeError(f"camera {name} is neither a number nor an rtsp or http address")
    return tuple(given.items())


def _instructors(settings: dict[str, Any]) -> tuple[str, ...]:
    given = settings.get("instructors", [])
    if not isinstance(given, list) or not all(isinstance(name, str) and name.strip() for name in given):
        raise TypeError(f"instructors is {given!r}, not a list of names")
    return tuple(names.instructor(name) for name in given)
