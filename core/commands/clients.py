"""Commands about the programs that may ask the server for inspections."""

from typing import Annotated

import typer

from core.commands import cli

app = typer.Typer()
clients = typer.Typer(help="Give programs tokens to ask for inspections.")
app.add_typer(clients, name="clients")

ClientName = Annotated[str, cli.argument("What you call the program.", metavar="NAME", parser=cli.words)]


@clients.command()
def add(ctx: typer.Context, name: ClientName, as_json: cli.Json = False) -> None:
    """Make a client and print its token, once: here it is stored as a hash only.

    The first client switches the interface on.
    """
    from core.access.clients import add as add_client

    token = add_client(cli.get_workspace(ctx).path, name)
    cli.print_json_if(as_json, {"name": name, "token": token})
    print(token)


@clients.command("list")
def list_clients(ctx: typer.Context, as_json: cli.Json = False) -> None:
    """List the clients, without their tokens."""
    from core.access.clients import listed

    rows = [{"name": each.name, "made": each.made} for each in listed(cli.get_workspace(ctx).path)]
    cli.print_json_if(as_json, rows)
    if rows:
        shown = [(row["name"], row["made"][:16].replace("T", " ")) for row in rows]
        cli.print_table(("name", "made (UTC)"), shown)
    else:
        print("No program has a token: the interface is off.")


@clients.command()
def remove(ctx: typer.Context, name: ClientName) -> None:
    """Remove a client: its token opens nothing from now on."""
    from core.access.clients import are_there
    from core.access.clients import remove as remove_client

    folder = cli.get_workspace(ctx).path
    remove_client(folder, name)
    rest = "" if are_there(folder) else " It was the last one: the interface is off."
    print(f"The token of {name} opens nothing any more.{rest}")
