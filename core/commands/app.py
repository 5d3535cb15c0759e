"""The program: all commands under one name, and errors in one line."""

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from core import __version__
from core.commands import (
    balance,
    cli,
    clients,
    data,
    export,
    heatmaps,
    label_issues,
    maintenance,
    measure,
    networks,
    open_app,
    people,
    review,
    serve,
    sessions,
    split,
    sweep,
    test,
    thresholds,
    train,
    watch,
)
from core.errors import SeamLensError
from core.files import plain
from core.workspace import default_path

MODULES = (
    data, balance, review, split, train, sweep, networks, test, thresholds, heatmaps, label_issues, export, watch,
    sessions, measure, maintenance, open_app, serve, people, clients,
)  # fmt: skip


class Program(TyperGroup):
    """All commands. Their output may be piped into a program that reads only its first lines."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader has left: there is nobody to tell
            sys.stderr.close()
            return 0
        except (OSError, sqlite3.OperationalError) as error:  # of whatever a command wrote
            raise plain(error, ctx.obj or default_path()) or error from error


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"SeamLens {__version__}")
        raise typer.Exit


def seamlens(
    ctx: typer.Context,
    workspace: Annotated[
        Path | None,
        cli.option("The class project. Default: SEAMLENS_WORKSPACE, else ./workspace.", metavar="FOLDER"),
    ] = None,
    version: Annotated[
        bool, cli.option("Print the version.", "--version", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """SeamLens: teach a camera to see seam defects."""
    ctx.obj = workspace or default_path()


def program() -> TyperGroup:
    """Return the program with all its commands."""
    app = typer.Typer(cls=Program, callback=seamlens, rich_markup_mode=None)
    for module in MODULES:
        app.add_typer(module.app)
    made = get_command(app)
    assert isinstance(made, TyperGroup)
    for _, command in commands_of(made):
        for parameter in command.params:
            if parameter.param_type_name == "argument":
                parameter.display_type_rich = lambda ctx: None  # PATH, not “PATH <path>”
            parameter.secondary_opts.clear()  # --json, but no --no-json
    return made


def commands_of(group: TyperGroup, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the commands of a group and of the groups in it, with their full names."""
    for key, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands_of(command, f"{name}{key} ")
        else:
            yield f"{name}{key}", command


def installed() -> int:
    """Run the installed command, ``seamlens``, which opens the app where no command is named."""
    return main(_with_command(sys.argv[1:]))


def _with_command(arguments: Sequence[str]) -> list[str]:
    """Put ``app`` where the command is missing: at the end, or before the first option of Streamlit's, which have dots."""
    place = 2 if arguments[:1] == ["--workspace"] else 1 if _starts(arguments, "--workspace=") else 0
    before, after = list(arguments[:place]), list(arguments[place:])
    is_streamlits = _starts(after, "--") and "." in after[0].partition("=")[0]
    return [*before, "app", *after] if is_streamlits or not after else [*before, *after]


def _starts(arguments: Sequence[str], text: str) -> bool:
    return bool(arguments) and arguments[0].startswith(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, or 2 with one line on standard error for bad input."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        return program().main(arguments, _name(arguments or sys.argv[1:]), standalone_mode=False) or 0
    except (SeamLensError, typer.TyperException) as error:
        sentence = str(error) if isinstance(error, SeamLensError) else _sentence(error)
        print(f"seamlens: {' '.join(sentence.split())}", file=sys.stderr)
        return 2


def _name(arguments: Sequence[str]) -> str:
    """Return how the program was called. Shells complete a single word only: the installed command."""
    completes = {"--install-completion", "--show-completion"} & set(arguments)
    return "seamlens" if completes or Path(sys.argv[0]).stem == "seamlens" else "python -m core"


def _sentence(error: typer.TyperException) -> str:
    """Return what is wrong with the arguments, and where their help is."""
    sentence, context = error.format_message(), getattr(error, "ctx", None)
    if isinstance(error, typer.BadParameter):
        sentence = error.message.removeprefix("Value error, ") or "is missing"
        if error.param is not None:
            is_option = error.param.param_type_name == "option"
            name = error.param.opts[0] if is_option else error.param.display_name_raw
            sentence = f"{name} {sentence}" if sentence.startswith(("must", "is ")) else f"{name}: {sentence}"
    return f"{sentence.removesuffix('.')}.{f' See “{context.command_path} --help”.' if context else ''}"
