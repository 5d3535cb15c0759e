"""What the commands share: the workspace, options that several of them take, and printing.

Commands import what they call inside their functions: `--help` and completion must not wait for pandas or TensorFlow.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from core import names as names_of
from core.attributes import Answer
from core.errors import SeamLensError
from core.files import Progress
from core.names import LONGEST, is_storable, quoted
from core.text import UNKNOWN, with_minus
from core.workspace import Workspace, default_path, open_workspace

if TYPE_CHECKING:
    import pandas as pd

    from core.runs.run import Run
    from core.runs.settings import TrainSettings

ANSWERS: dict[str, Answer] = {"true": True, "false": False, "unset": None}
WORDS = {answer: word for word, answer in ANSWERS.items()}
"""The same the other way round."""


MOST_CHARACTERS = 255
"""Of a name that was once written."""


class Names(list[str]):
    """Names that were given with commas between them."""


def get_workspace(ctx: typer.Context) -> Workspace:
    """Open the workspace that stands before the command, without what killed processes have left in it."""
    from core.media.transaction import put_in_order

    workspace = open_workspace(ctx.obj)
    put_in_order(workspace)
    return workspace


def get_run(ctx: typer.Context, name: str) -> "Run":
    """Return the run called ``name``, or the newest for ``latest``."""
    from core.runs.run_store import get_run as run_of

    return run_of(get_workspace(ctx), name)


# What the shell completes. These only list folders: a key press cannot wait for more.


def _folder(ctx: typer.Context) -> Path:
    return Path(ctx.find_root().params.get("workspace") or default_path())


def run_names(ctx: typer.Context) -> list[str]:
    """Return ``latest`` and the runs of the workspace, newest first."""
    files = sorted(_folder(ctx).glob("runs/[!.]*/config.json"), reverse=True)
    return ["latest", *(file.parent.name for file in files)]


def video_names(ctx: typer.Context) -> list[str]:
    """Return the videos of the workspace."""
    return sorted(folder.name for folder in _folder(ctx).glob("frames/[!.]*"))


def attribute_names(ctx: typer.Context) -> list[str]:
    """Return the attributes of the workspace; none where it cannot be read."""
    try:
        return list(open_workspace(_folder(ctx)).attributes.names)
    except SeamLensError:
        return []


# How the text of an option is read. What cannot be read "must be" something else.


def reader(what: str, read: Callable[[str], Any], is_valid: Callable[[Any], bool]) -> Callable[[str], Any]:
    """Return a reader of the text of an option that must be ``what``."""

    def parse(text: str) -> Any:
        with suppress(ValueError):
            if is_valid(value := read(text)):
                return value
        raise typer.BadParameter(f"must be {what}, not {shortened(text)}")

    return parse


LARGEST = 10**9
"""What no number of frames, epochs, minutes or pixels reaches."""


def shortened(text: str) -> str:
    """Return what somebody wrote for an error, of much text the start."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return a reader of whole numbers from ``least`` to ``most``; without that, to a billion."""
    limits = f"of at least {least}" if most is None else f"from {least} to {most}"
    return reader(
        f"a whole number {limits}", int, lambda n: least <= n <= (LARGEST if most is None else most)
    )


def place(text: str) -> int:
    """Read the place of a frame; far beyond the end is a billion, which no video reaches either."""
    return min(reader("a whole number of at least 0", int, lambda n: n >= 0)(text), LARGEST)


def words(text: str) -> str:
    """Read the name of something that may be here, as it was once written."""
    if not is_storable(text) or len(text) > MOST_CHARACTERS:
        raise typer.BadParameter(f"cannot be {quoted(text)}: nothing has such a name")
    return text


def person(text: str) -> str:
    """Read the name of somebody who labels, decides or trains; an empty default stays empty."""
    return names_of.annotator(text) if text else ""


def _sides(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


def _is_region(sides: tuple[float, ...]) -> bool:
    return len(sides) == 4 and 0 <= sides[0] < sides[2] <= 1 and 0 <= sides[1] < sides[3] <= 1


above_zero = reader("a number above 0", float, lambda number: 0 < number <= LARGEST)
fraction = reader("a number from 0 to 1", float, lambda number: 0 <= number <= 1)
region = reader("left, top, right, bottom from 0 to 1, such as .3,0,.7,1", _sides, _is_region)
"""Left, top, right and bottom of a part of a picture, in fractions of its width and height."""


def names(text: str) -> Names:
    """Read names with commas between them."""
    return Names(name.strip() for name in text.split(",") if name.strip())


def read_answers(texts: Sequence[str]) -> dict[str, Answer]:
    """Read ``ATTRIBUTE=true``, ``=false`` or ``=unset``, once or more."""
    answers = {}
    for text in texts:
        name, _, value = text.rpartition("=")
        if not name or value.lower() not in ANSWERS:
            raise typer.BadParameter(f"{quoted(text)} is no answer. Write ATTRIBUTE=true, =false or =unset")
        answers[name] = ANSWERS[value.lower()]
    return answers


# Options. A command says `Annotated[int, count("What it does.")]` in its signature, or takes one of the types below.


def option(help: str, *name: str, **settings: Any) -> Any:
    """Declare an option; it is called like its parameter, unless ``name`` says otherwise."""
    return typer.Option(*name, help=help, **settings)


def argument(help: str, **settings: Any) -> Any:
    """Declare an argument."""
    return typer.Argument(help=help, **settings)


flag = option
file = partial(option, metavar="FILE")
folder = partial(option, metavar="FOLDER")
name = partial(option, metavar="NAME", parser=words)
who = partial(option, metavar="NAME", parser=person)
count = partial(option, metavar="N", parser=whole_number(1))
number = partial(option, metavar="N", parser=above_zero)
share_option = partial(option, metavar="0..1", parser=fraction)
level = partial(option, metavar="N", parser=place)
seed = partial(option, metavar="N", parser=whole_number(0, 2**32 - 1))  # as TensorFlow and NumPy take it
pixel_count = whole_number(32, 320)
pixels = partial(option, metavar="PIXELS", parser=pixel_count)
part = partial(option, metavar="L,T,R,B", parser=region)
listed = partial(option, metavar="A,B", parser=names)
run = partial(option, metavar="RUN", parser=words, autocompletion=run_names)
video = partial(option, metavar="VIDEO", parser=words, autocompletion=video_names)
attribute = partial(option, metavar="ATTRIBUTE", parser=words, autocompletion=attribute_names)
run_argument = partial(argument, metavar="RUN", parser=words, autocompletion=run_names)

RunName = Annotated[str, run_argument("Name of a run, or latest.")]
VideoName = Annotated[
    str, argument("Name of a video.", metavar="VIDEO", parser=words, autocompletion=video_names)
]
Answers = Annotated[list[str], argument("One or more answers.", metavar="ATTRIBUTE=true|false|unset")]
AttributeName = Annotated[str | None, attribute("Only this attribute.")]
Annotator = Annotated[str | None, name("Only this annotator's labels. Default: the consensus.")]
Author = Annotated[str, who("The instructor who decides.")]
First = Annotated[int, level("First frame.")]
Last = Annotated[int | None, level("Last frame. Default: the end.")]
Seed = Annotated[int, seed("Another seed makes other random choices.")]
RunSeed = Annotated[int | None, seed("Another seed trains another network. Default: 0.")]
Json = Annotated[bool, option("Print JSON.", "--json")]
Yes = Annotated[bool, flag("Really delete it.")]
Detach = Annotated[bool, flag("Train in the background, or queue, and return at once.")]
On = Annotated[
    str | None,
    option(
        "Train on a Ray cluster: its address, or auto for the one of this computer.", metavar="ray://…|auto"
    ),
]
Epochs = Annotated[int | None, count("Passes over the training frames. Default: set by the network.")]
Minutes = Annotated[float | None, number("Stop after this many minutes and keep the best epoch.")]
NetworkName = Annotated[str | None, name("Its name; “networks” lists them. Default: seam_lite.")]
SizeOption = Annotated[int | None, pixels("Input width and height. Default: the network's.")]
RegionOption = Annotated[Any, part("The part of each picture that is used, in fractions of the picture.")]
RecipeChoice = Literal["own", "published"]
RecipeName = Annotated[RecipeChoice | None, option("The network's own, or the published one. Default: own.")]
EngineChoice = Literal["keras", "onnx", "openvino", "litert", "auto"]
Engine = Annotated[EngineChoice, option("What runs the network; auto: the fastest here.")]
LiveEngine = Annotated[
    EngineChoice | None,
    option("What runs the network. Default: the fastest that was measured, else keras; auto measures."),
]
Layer = Annotated[str | None, name("Layer to explain. Default: the network's last grid.")]
Method = Annotated[
    Literal["excess", "gradcam", "hirescam"],
    option(
        "excess: only beyond frames without the attribute; gradcam: as published; hirescam: exact for peaks."
    ),
]


def only_one(**options: object) -> None:
    """Refuse options that exclude each other."""
    given = [f"--{name}" for name, value in options.items() if value is not None and value is not False]
    if len(given) > 1:
        raise typer.BadParameter(f"Use {' or '.join(given)}, not both.")


def train_settings(workspace: Workspace, **options: Any) -> "TrainSettings":
    """Return what the options say of a training; None stands for the default."""
    from core.networks.recipe import published
    from core.runs.settings import TrainSettings

    given = {name: value for name, value in options.items() if value is not None}
    if "size" in given:
        given["size"] = (given["size"], given["size"])
    if given.pop("recipe", "own") == "published":
        given["recipe"] = published(workspace.attributes.exclusive)
    return TrainSettings(**given)


def cluster(on: str | None) -> str:
    """Return the address of a cluster that answers; empty is this computer.

    Raises:
        RunError: Ray is not installed, or nothing answers there.
    """
    from core.cluster import address

    if on is not None:
        address.check(on)
    return on or ""


# Printing.


@contextmanager
def progress_bar(title: str, unit: str) -> Iterator[Progress]:
    """Give a ``progress(done, total)`` that draws a bar on standard error, where that is a terminal."""
    from tqdm import tqdm

    with tqdm(desc=title, unit=f" {unit}", disable=None, leave=False) as bar:

        def show(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def records(table: "pd.DataFrame") -> list[dict[Any, Any]]:
    """Return the rows of a table, with None for what is missing."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def print_json_if(as_json: bool, value: Any) -> None:
    """Where JSON is asked for, print ``value`` as indented JSON and end the command; else the command goes on."""
    if as_json:
        print(json.dumps(value, indent=2, ensure_ascii=False))
        raise typer.Exit


def print_lines(*sentences: str) -> None:
    """Print every sentence that is not empty, a line each."""
    for sentence in filter(None, sentences):
        print(sentence)


def print_records(rows: Sequence[Mapping[Any, Any]], keys: Sequence[str], heads: Sequence[str] = ()) -> None:
    """Print the values of some keys as a table, with the keys as heads unless there are others."""
    print_table(heads or keys, [[row[key] for key in keys] for row in rows])


PLACES = ("index", "number", "first", "last")
"""Columns with numbers that frames and events are called by: they are written as commands take them."""


def print_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print columns that line up: the first to the left, the others to the right; – for what is missing."""
    cells = [list(heads), *([_cell(*each) for each in zip(row, heads, strict=True)] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    for row in cells:
        first, *others = zip(row, widths, strict=True)
        print("  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]).rstrip())


def _cell(value: object, head: str) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return WORDS[value]
    is_count = isinstance(value, Integral) and head not in PLACES
    return with_minus(f"{value:,}") if is_count else str(value)
