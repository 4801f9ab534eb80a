"""`relevo log`: whether the session log is whole, whether it agrees with what others kept, and its sessions as a file.

It reads; it never makes a database or a key where there is none.
"""

import sys
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from broker.clock import SystemClock
from broker.export import as_csv, as_json
from broker.i18n import N_, environment_language
from broker.installation import on_store, say, stop
from broker.keys import Keys
from broker.log import witness
from broker.log.key import LogKey
from broker.log.service import LogService
from broker.log.writer import EventLog
from broker.sessions.archive import SessionArchive
from broker.sessions.export import COLUMNS, row
from broker.sessions.replies import session_item
from broker.sessions.repository import Filter
from broker.settings import Settings
from broker.store.engine import Store
from protocol.errors import ProtocolError

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Verify and export the session log.")

Config = Annotated[Path | None, typer.Option("--config", help="Settings in TOML.", envvar="RELEVO_CONFIG")]
Data = Annotated[Path | None, typer.Option("--data", help="Folder of the database, keys and downloads.")]


class Format(StrEnum):
    """What an export is for: a spreadsheet or a program."""

    CSV = "csv"
    JSON = "json"


@app.command()
def verify(
    witnesses: Annotated[
        list[Path] | None,
        typer.Option("--witness", help="What someone kept: the customer's receipt, an ended, a log head. Repeatable."),
    ] = None,
    org_id: Annotated[str | None, typer.Option("--organisation", help="Only this organisation.")] = None,
    key: Annotated[
        str | None, typer.Option(help="The public log key that signed the witnesses, if not today's.")
    ] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Check every event, and that the log agrees with what others have kept of it.  Fails if anything is wrong."""
    kept = [(file, said) for file in witnesses or () for said in _witnesses(file)]

    async def work(store: Store, log: LogService) -> bool:
        whole, organisations = True, [org_id] if org_id else await log.organisations()
        if not organisations:
            typer.echo(say(N_("Nothing has been logged yet.")))
        for one in organisations:
            whole &= await _verify(log, one)
        for file, said in kept:
            whole &= await _agrees(log, file, said, key)
        return whole

    if not _with_log(config, data, work):
        raise typer.Exit(1)


@app.command("key")
def public_key(config: Config = None, data: Data = None) -> None:
    """Print the public log key, which is fixed in the customers' program and checks what the broker signed."""

    async def work(store: Store, log: LogService) -> str:
        return log.public_key

    typer.echo(_with_log(config, data, work))


@app.command()
def export(
    org_id: Annotated[str, typer.Option("--organisation", help="The organisation's ID.")],
    format: Annotated[Format, typer.Option("--format", help="For a spreadsheet or for a program.")] = Format.CSV,
    config: Config = None,
    data: Data = None,
) -> None:
    """Write all sessions of an organisation to standard output, newest first."""

    async def work(store: Store, log: LogService) -> None:
        archive = SessionArchive(store, EventLog(store, SystemClock()))
        items = (session_item(entry) async for entry in archive.every(Filter(org_id)))
        async for text in as_csv(COLUMNS, items, row) if format is Format.CSV else as_json(items):
            sys.stdout.write(text)

    _with_log(config, data, work)


async def _verify(log: LogService, org_id: str) -> bool:
    found = await log.verify(org_id)
    for problem in found.problems:
        typer.echo(problem.sentence(environment_language()), err=True)
    verdict = N_("The log of {org_id} is whole: {events} events, head {head}.")
    if not found.ok:
        verdict = N_("The log of {org_id} is NOT whole: {events} events, head {head}.")
    typer.echo(say(verdict).format(org_id=org_id, events=found.events, head=found.head))
    return found.ok


async def _agrees(log: LogService, file: Path, said: witness.Witness, key: str | None) -> bool:
    try:
        wrong = await log.contradiction(said, key)
    except ProtocolError:
        wrong = witness.SIGNATURE
    typer.echo(f"{file}: {say(wrong or witness.AGREES)}", err=wrong is not None)
    return wrong is None


def _witnesses(file: Path) -> tuple[witness.Witness, ...]:
    try:
        return witness.read(file.read_bytes())
    except OSError as missing:
        stop(say(N_("{file} cannot be read: {reason}")).format(file=file, reason=missing.strerror))
    except ProtocolError:
        stop(say(N_("{file} is no witness of a session log.")).format(file=file))


def _with_log(config: Path | None, data: Path | None, work: Callable[[Store, LogService], Awaitable[T]]) -> T:
    """Run `work` on the log of this installation."""

    async def on_log(store: Store, settings: Settings) -> T:
        return await work(store, LogService(store, SystemClock(), LogKey.of(Keys.open(settings.data_dir))))

    return on_store(config, data, on_log)
