"""Commands that check, back up and restore a workspace."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands import cli
from core.workspace import open_workspace

if TYPE_CHECKING:
    from core.maintenance.findings import Finding

app = typer.Typer()

FINDINGS_LEFT = 1
"""Exit code where something is wrong; 2 stands for a command that could not be carried out."""


@app.command()
def check(
    ctx: typer.Context,
    repair: Annotated[bool, cli.flag("Repair what can be repaired without losing anything.")] = False,
    as_json: cli.Json = False,
) -> None:
    """Check that a workspace is whole.

    Compares labels, pictures, originals, runs and the split. Exit code 1: something is wrong.
    """
    from core.maintenance import check as checks
    from core.text import count

    workspace = open_workspace(ctx.obj)  # as it is: what killed processes have left is a finding
    with cli.progress_bar("Checking", "pictures") as progress:
        report = (checks.repair if repair else checks.check_workspace)(workspace, progress)
    code = 0 if report.is_whole else FINDINGS_LEFT
    if as_json:
        plain = {name: [f.to_json() for f in getattr(report, name)] for name in ("findings", "repaired")}
        content = {"whole": report.is_whole, **plain, "notes": list(report.notes)}
        print(json.dumps(content, indent=2, ensure_ascii=False))
        raise typer.Exit(code)
    for finding in report.repaired:
        print(f"Repaired: {finding.where}: {finding.problem}")
    for finding in report.findings:
        print(_line(finding))
    for note in report.notes:
        print(note)
    repairable = sum(finding.mend is not None for finding in report.findings)
    if report.is_whole:
        print(f"{workspace.path} is whole.")
    else:
        how = f"; --repair repairs {repairable} of them" if repairable and not repair else ""
        print(f"{count(len(report.findings), 'finding')}{how}.")
    raise typer.Exit(code)


def _line(finding: "Finding") -> str:
    what = f"--repair: {finding.repair}" if finding.repair else finding.advice
    return f"{finding.where}: {finding.problem} {what}".rstrip()


@app.command()
def backup(
    ctx: typer.Context,
    file: Annotated[Path, cli.argument("The file to write, such as class.zip.", metavar="FILE")],
    without_runs: Annotated[bool, cli.flag("Leave out the runs and their sessions.")] = False,
) -> None:
    """Back up a workspace into one file, while the class works."""
    from core.maintenance.backup import backup as back_up

    with cli.progress_bar("Backing up", "bytes") as progress:
        made = back_up(cli.get_workspace(ctx), file, runs=not without_runs, progress=progress)
    print(made.summary())
    for finding in made.findings:
        print(f"It lacks what the workspace lacks: {_line(finding)}")


@app.command()
def restore(
    ctx: typer.Context,
    file: Annotated[Path, cli.argument("A file that “backup” made.", metavar="FILE")],
    into: Annotated[Path | None, cli.folder("A new or empty folder. Default: the workspace.")] = None,
) -> None:
    """Make a workspace from a backup, in a new or empty folder."""
    from core.maintenance.restore import restore as restore_into

    with cli.progress_bar("Restoring", "bytes") as progress:
        restored = restore_into(file, into or ctx.obj, progress)
    print(restored.summary())
    for finding in restored.findings:
        print(f"It lacks what the workspace lacked: {_line(finding)}")
