"""Commands about the people of a class and the codes with which they come in."""

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from core.commands import cli
from core.workspace import Workspace

app = typer.Typer()
people = typer.Typer(help="See, rename, erase and sign out the people of a class.")
codes = typer.Typer(help="See and change the codes with which a class comes in.")
app.add_typer(people, name="people")
app.add_typer(codes, name="codes")

NamedPerson = Annotated[str, cli.argument("Their name.", metavar="NAME", parser=cli.words)]


@dataclass(frozen=True)
class _Row:
    name: str
    role: str | None
    signed_in: str | None


@people.command("list")
def list_people(ctx: typer.Context, as_json: cli.Json = False) -> None:
    """List who has signed in on the class server, and who has answered without one."""
    rows = [vars(row) for row in _rows(cli.get_workspace(ctx))]
    cli.print_json_if(as_json, rows)
    if rows:
        shown = [
            (row["name"], row["role"], (row["signed_in"] or "")[:16].replace("T", " ") or None)
            for row in rows
        ]
        cli.print_table(("name", "role", "signed in (UTC)"), shown)
    else:
        print("Nobody has signed in or answered yet.")


@people.command()
def rename(
    ctx: typer.Context, name: NamedPerson, new: Annotated[str, cli.argument("The new one.", metavar="NEW")]
) -> None:
    """Give somebody another name. Their answers stay theirs; files made before, such as runs and exports, keep the old name."""
    from core.labels.people import rename as rename_person

    print(f"{name} is called {rename_person(cli.get_workspace(ctx), name, new)} now.")


@people.command()
def erase(
    ctx: typer.Context, name: NamedPerson, yes: Annotated[bool, cli.flag("Really erase them.")] = False
) -> None:
    """Erase a name and its PIN. The answers stay, under a name that says nothing.

    Files made before (runs, sessions, exports, reports, backups) keep the name.
    """
    from core.labels.people import erase as erase_person

    if not yes:
        raise typer.BadParameter(f"Add --yes to erase {name} for good")
    stays = erase_person(cli.get_workspace(ctx), name)
    print(f"{name} is erased.{f' The answers stay under “{stays}”.' if stays else ''}")


@people.command("sign-out")
def sign_out(ctx: typer.Context, name: NamedPerson) -> None:
    """Sign somebody out on all their devices."""
    from core.access import accounts

    accounts.sign_out(cli.get_workspace(ctx).path, name)
    print(f"{name} is signed out everywhere.")


@people.command("reset-pin")
def reset_pin(ctx: typer.Context, name: NamedPerson) -> None:
    """Let somebody choose a new PIN the next time they sign in."""
    from core.access import accounts

    accounts.reset_pin(cli.get_workspace(ctx).path, name)
    print(
        f"{name} is signed out, and chooses a new PIN when signing in. Whoever signs in first as {name} does."
    )


@codes.command()
def show(ctx: typer.Context, as_json: cli.Json = False) -> None:
    """Print the class code and the instructor code."""
    from core.access.codes import readable_codes
    from core.errors import AccessError

    found = readable_codes(cli.get_workspace(ctx).path)
    if found is None:
        raise AccessError(
            "This class has no codes, or they were made on another computer.",
            "Open the class with “serve”, or make new ones with “codes new”.",
        )
    _print_codes(found.student, found.instructor, as_json)


@codes.command("new")
def new_codes(
    ctx: typer.Context,
    only: Annotated[Literal["class", "instructor"] | None, cli.option("Only this code.")] = None,
    as_json: cli.Json = False,
) -> None:
    """Make new codes. Whoever came in with an old one is signed out; PINs stay."""
    from core.access.codes import CODES, renew
    from core.access.person import Role

    wanted = {None: CODES, "class": (Role.STUDENT,), "instructor": (Role.INSTRUCTOR,)}[only]
    made = renew(cli.get_workspace(ctx).path, wanted)
    _print_codes(made.student, made.instructor, as_json)


def _print_codes(class_code: str, instructor_code: str, as_json: bool) -> None:
    cli.print_json_if(as_json, {"class_code": class_code, "instructor_code": instructor_code})
    print(f"Class code       {class_code}\nInstructor code  {instructor_code}")


def _rows(workspace: Workspace) -> list[_Row]:
    from core import names
    from core.access.accounts import people as accounts_of
    from core.files import natural
    from core.labels.people import with_answers

    accounts = accounts_of(workspace.path)
    signed_in = {names.key(each.name) for each in accounts}
    rows = [_Row(each.name, str(each.role), each.signed_in or None) for each in accounts]
    rows += [_Row(name, None, None) for name in with_answers(workspace) if names.key(name) not in signed_in]
    return sorted(rows, key=lambda row: natural(row.name))
