"""The `relevo` command: finds the part that is asked for, imports it lazily and wires it.

The only file that knows all parts.  Each part's `cli.py` offers a Typer application named `app` with the commands
below.  What a part needs of another it takes from the context: `ctx.obj["console"]` is the folder of the built web
console, which the broker serves without importing any of it.  Must never hold logic of a part.
"""

import gc
import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

PARTS = ("protocol", "broker", "client_agent", "operator_console")
CONSOLE = Path(__file__).resolve().parent / "operator_console" / "web" / "dist"


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command lives.  `extra` is the set of packages that it needs, `help` its line in `relevo --help`."""

    module: str
    extra: str
    help: str


COMMANDS = {
    "broker": Command("broker.cli", "broker", "Run the provider's server, with a relay inside."),
    "relay": Command("broker.relay.cli", "broker", "Run a relay of its own for a broker elsewhere."),
    "organisation": Command("broker.cli", "broker", "Add and list organisations."),
    "operator": Command("broker.cli", "broker", "Add, list, invite and disable operators."),
    "log": Command("broker.cli", "broker", "Verify and export the session log."),
    "rate": Command("broker.rating.cli", "broker", "Rate a case by a policy: check a bill by hand."),
    "policy": Command("broker.rating.cli", "broker", "Check policy files."),
    "bill": Command("broker.work.cli", "broker", "Recompute bills from the log."),
    "backup": Command("broker.cli", "broker", "Copy the database while the broker runs."),
    "restore": Command("broker.cli", "broker", "Put a backup in place of the database."),
    "agent": Command("client_agent.cli", "agent", "Run the customer's program."),
    "connect": Command("operator_console.cli", "console", "Join a customer's computer from the command line."),
    "console": Command("operator_console.cli", "console", "Serve the web console from this computer."),
}


def main() -> None:
    """The console script's entry."""
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    try:
        build(asked)()
    except ModuleNotFoundError as missing:
        # Parts import what only they need as late as when they run.
        if asked not in COMMANDS or (missing.name or "").partition(".")[0] in PARTS:
            raise
        sys.exit(
            f"“relevo {asked}” needs the package {missing.name}.\n"
            f"Install what it needs with:  pip install 'relevo[{COMMANDS[asked].extra}]'"
        )


def build(asked: str | None) -> typer.Typer:
    """The command line with the part of the command `asked` for; with none of them, only the list of commands."""
    root = typer.Typer(name="relevo", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    root.callback()(_root)
    if asked in COMMANDS:
        root.add_typer(_part(asked))
    else:
        for name, command in COMMANDS.items():
            root.command(name, help=command.help)(_listed)
    return root


def _show(asked: bool) -> None:
    if asked:
        typer.echo(version("relevo"))
        raise typer.Exit


def _root(
    ctx: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Self-hosted remote support: an ID and a password, the customer's consent, and a relay that cannot read."""
    ctx.obj = {"console": CONSOLE}


def _listed() -> None:
    """Stands in the list of commands for one whose part is not imported."""


def _part(asked: str) -> typer.Typer:
    # Thousands of classes, none of them to go: looking for garbage meanwhile is a fifth of the start.
    gc.disable()
    try:
        app = import_module(COMMANDS[asked].module).app
    finally:
        gc.enable()
    assert isinstance(app, typer.Typer)
    return app


if __name__ == "__main__":
    main()
