"""`relevo bill verify`: recompute every bill from the session log and the policies it was made by."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from broker.i18n import N_
from broker.installation import on_store, say
from broker.log.repository import LogRepository
from broker.settings import Settings
from broker.store.engine import Store
from broker.work.replay import Difference
from broker.work.verify import Checked
from broker.work.verify import verify as recompute

app = typer.Typer()
bill = typer.Typer(no_args_is_help=True, help="Check bills.")
app.add_typer(bill, name="bill")


@bill.callback()
def _group() -> None:
    """Check bills."""


@bill.command("verify")
def verify(
    org_id: Annotated[str | None, typer.Option("--organisation", help="Only this organisation.")] = None,
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Day after the last.")] = None,
    config: Annotated[Path | None, typer.Option("--config", envvar="RELEVO_CONFIG", help="Settings in TOML.")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the database, keys and downloads.")] = None,
) -> None:
    """Rate all work and add up all invoices again; name the first difference, and fail, if there is one."""

    async def work(store: Store, settings: Settings) -> bool:
        async with store.reading() as db:
            organisations = [org_id] if org_id else await LogRepository(db).organisations()
        return all([_told(one, await recompute(store, one, _second(since), _second(until))) for one in organisations])

    if not on_store(config, data, work):
        raise typer.Exit(1)


def _told(org_id: str, checked: Checked) -> bool:
    if checked.differences:
        text = N_("{org_id}: {count} differences in {charges} charges and {invoices} invoices; the first: {first}")
        first = _sentence(checked.differences[0])
    else:
        text = N_("{org_id}: {charges} charges and {invoices} invoices are what the log and the policies make of them.")
        first = ""
    count = len(checked.differences)
    typer.echo(
        say(text).format(org_id=org_id, count=count, charges=checked.charges, invoices=checked.invoices, first=first),
        err=bool(count),
    )
    return not count


def _sentence(one: Difference) -> str:
    text = say(N_("event {seq}, {work_id}: {field} is {logged}, and should be {computed}"))
    return text.format(seq=one.seq, work_id=one.work_id, field=one.field, logged=one.logged, computed=one.computed)


def _second(day: datetime | None) -> int | None:
    return None if day is None else int(day.replace(tzinfo=UTC).timestamp())
