"""`relevo agent`: the customer's program.

Counterpart: `relevo.py` from source, `main` in a frozen program, which takes no broker from anywhere but its build.
"""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from client_agent import build_config
from client_agent.build_config import Build

# Plain text: the frozen program carries nothing to paint it with.
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)

BuildFile = Annotated[Path | None, typer.Option("--build", help="What `relevo organisation build` printed.")]
Broker = Annotated[
    str | None, typer.Option("--broker", help="The broker's public origin; a trial without a build file.")
]
Organisation = Annotated[
    str | None, typer.Option("--organisation", "--org", help="The organisation's ID, with --broker.")
]
Terminal = Annotated[bool, typer.Option("--terminal", help="Speak in this terminal instead of a window.")]
Receipts = Annotated[
    Path | None,
    typer.Option("--receipts", help="With --terminal: a folder for the receipts.", file_okay=False),
]
StatusFileOption = Annotated[
    Path | None, typer.Option("--status-file", help="Demo and tests only: write state, ID and password to this file.")
]
CaFile = Annotated[Path | None, typer.Option("--ca", help="The provider's own authority, beside the system's.")]
ProxyOption = Annotated[
    str | None, typer.Option("--proxy", help="http://[name:password@]host:port; empty for none. Else the system's.")
]


@app.command("agent")
def agent(
    build: BuildFile = None,
    broker: Broker = None,
    organisation: Organisation = None,
    terminal: Terminal = False,
    receipts: Receipts = None,
    status_file: StatusFileOption = None,
    ca: CaFile = None,
    proxy: ProxyOption = None,
) -> None:
    """Run the customer's program: an ID and a password, consent, a session, its end."""
    from client_agent.app import Options, run

    try:
        fixed = build_config.bundled() or _chosen(build, broker, organisation)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    options = Options(terminal=terminal, receipts=receipts, status_file=status_file, ca_file=ca, proxy=proxy)
    raise typer.Exit(run(fixed, options))


def _chosen(build: Path | None, broker: str | None, organisation: str | None) -> Build:
    if build is not None:
        return build_config.read(build)
    if not broker or not organisation:
        raise ValueError("give --build FILE, or --broker and --organisation")
    return Build(public_origin=broker.rstrip("/"), org_id=organisation)


def main() -> None:
    """The frozen program's entry.  A first word of `ABOUT` says something of the program and runs nothing."""
    if len(sys.argv) > 1 and sys.argv[1] in ABOUT:
        print(ABOUT[sys.argv[1]]())
        return
    app()


def _notices() -> str:
    return (Path(__file__).parent / "NOTICES.txt").read_text(encoding="utf-8")


def _version() -> str:
    from client_agent.registration import PROGRAM

    return PROGRAM


def _self_check() -> str:
    """What it was made for and that its parts load; an error and another exit status than 0 where they don't."""
    from client_agent.self_check import loaded

    fixed = build_config.bundled()
    made_for = f"for {fixed.public_origin}, organisation {fixed.org_id}" if fixed else "from source"
    return "\n".join((f"{_version()} {made_for}", *loaded()))


ABOUT = {"--notices": _notices, "--version": _version, "--self-check": _self_check}
"""The licences of what is inside; the program's version; whether all that it needs on this computer loads."""
