"""`relevo broker` and what is done to an installation on the command line: accounts, backup, restore.

What is for a program to read is printed as JSON on standard output; passwords come on standard input, never as an
argument.  `ctx.obj["console"]` is the folder of the built web console.  Only `relevo broker` imports the application.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError

from broker import schemas
from broker.clock import SystemClock
from broker.errors import BrokerError
from broker.keys import NAME as KEY_FILE
from broker.log.cli import app as session_log
from broker.log.key import LogKey
from broker.logs import configure
from broker.roles import Role
from broker.services import Services
from broker.settings import Settings, load
from broker.store import backup as backups
from broker.store.engine import Store
from broker.store.lock import only_broker
from broker.store.schema import upgrade
from broker.wiring import build_services

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
organisation = typer.Typer(no_args_is_help=True, help="Add and list organisations.")
operator = typer.Typer(no_args_is_help=True, help="Add, list, invite and disable operators.")
app.add_typer(organisation, name="organisation")
app.add_typer(operator, name="operator")
app.add_typer(session_log, name="log")

Config = Annotated[Path | None, typer.Option("--config", help="Settings in TOML.", envvar="RELEVO_CONFIG")]
Data = Annotated[Path | None, typer.Option("--data", help="Folder of the database, keys and downloads.")]
Org = Annotated[str, typer.Option("--organisation", help="The organisation's ID.")]
Email = Annotated[str, typer.Option(help="The account's e-mail address.")]


@app.command("broker")
def run(
    ctx: typer.Context,
    config: Config = None,
    data: Data = None,
    bind: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    public_origin: Annotated[str | None, typer.Option(help="How agents and browsers reach it: https://…")] = None,
) -> None:
    """Run the provider's server, with a relay inside."""
    from broker.app import create_app
    from broker.server import server

    settings = _settings(config, data, bind=bind, port=port, public_origin=public_origin)
    configure(settings.log_level, settings.log_json)
    with ExitStack() as held:
        if Store(settings.store_url).is_sqlite:
            _refusing(lambda: held.enter_context(only_broker(settings.data_dir)))
        link = _with_services(settings, lambda services: services.operators.setup_link())
        if link is not None:
            typer.echo(f"\n  There is no administrator yet. Within 24 hours, make the first one here:\n\n    {link}\n")
        application = _refusing(lambda: create_app(settings, web_dist=(ctx.obj or {}).get("console")))
        typer.echo(f"Relevo's broker serves {settings.public_origin} on {settings.bind}:{settings.port}")
        running = server(application, settings)
        running.run()
    if not running.started:
        raise typer.Exit(1)


@organisation.command("add")
def organisation_add(
    name: Annotated[str, typer.Option(help="Its name, as customers see it.")], config: Config = None, data: Data = None
) -> None:
    """A new organisation with the default terms; prints its ID."""
    wanted = _checked(schemas.Line, name, "--name")
    made = _with_services(_settings(config, data), lambda services: services.organisations.add(wanted))
    _print({"id": made.id, "org_id": made.id, "name": made.name})


@organisation.command("list")
def organisation_list(config: Config = None, data: Data = None) -> None:
    """Every organisation of this installation."""
    found = _with_services(_settings(config, data), lambda services: services.organisations.list_all())
    _print([{"id": one.id, "name": one.name, "terms_version": one.terms_version} for one in found])


@organisation.command("build")
def organisation_build(org_id: Org, config: Config = None, data: Data = None) -> None:
    """What is fixed in the program that this organisation's customers download: for `make agent`."""
    settings = _settings(config, data)

    async def facts(services: Services) -> dict[str, str]:
        found = await services.organisations.get(org_id)
        key = LogKey.of(services.keys).public
        return {"public_origin": settings.public_origin, "org_id": found.id, "org_name": found.name, "log_key": key}

    _print(_with_services(settings, facts))


@operator.command("add")
def operator_add(
    org_id: Org,
    email: Email,
    name: Annotated[str, typer.Option(help="As customers will see it.")],
    role: Annotated[Role, typer.Option()] = Role.OPERATOR,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read it from standard input.")] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """An account: with a password from standard input, or with a link that lets its owner choose one."""
    address, shown = _checked(schemas.Email, email, "--email"), _checked(schemas.Line, name, "--name")
    settings = _settings(config, data)
    if password_stdin:
        password = _checked(schemas.NewPassword, sys.stdin.readline().rstrip("\r\n"), "the password")
        made = _with_services(settings, lambda s: s.operators.add(org_id, address, shown, role, password))
        _print({"id": made, "email": address, "role": role.value})
    else:
        link = _with_services(settings, lambda s: s.operators.invite(org_id, address, shown, role, "es"))
        _print({"email": address, "role": role.value, "invite_url": link})


@operator.command("list")
def operator_list(org_id: Org, config: Config = None, data: Data = None) -> None:
    """The accounts of an organisation."""
    rows = _with_services(_settings(config, data), lambda services: services.operators.everyone(org_id))
    _print([{"id": r.id, "email": r.email, "name": r.name, "role": r.role, "disabled": r.disabled} for r in rows])


@operator.command("disable")
def operator_disable(
    org_id: Org, operator_id: Annotated[str, typer.Option("--id")], config: Config = None, data: Data = None
) -> None:
    """Keep an account out.  What it has open at a running broker, sessions too, ends there within two seconds."""
    _with_services(_settings(config, data), lambda s: s.operators.change(org_id, operator_id, disabled=True))
    _print({"id": operator_id, "disabled": True})


@operator.command("setup-link")
def setup_link(config: Config = None, data: Data = None) -> None:
    """A new link for the first administrator, for 24 hours; older ones open nothing any more."""
    link = _with_services(_settings(config, data), lambda services: services.operators.setup_link())
    if link is None:
        _stop("There is an administrator already, who can invite others.")
    typer.echo(link)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write the copy.")], config: Config = None, data: Data = None
) -> None:
    """Copy the database while the broker runs."""
    settings = _settings(config, data)
    size = _refusing(lambda: backups.backup(Store(settings.store_url), file))
    typer.echo(f"Wrote {file} ({size / 1e6:.1f} MB). Keep {settings.data_dir}/{KEY_FILE} too, in another place.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A copy made by `relevo backup`.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Put a backup in place of the database, where there is none."""
    settings = _settings(config, data)
    with ExitStack() as held:
        _refusing(lambda: held.enter_context(only_broker(settings.data_dir)))
        _refusing(lambda: backups.restore(Store(settings.store_url), file))
    typer.echo(
        f"The database is in place. {KEY_FILE} of that time belongs into {settings.data_dir} before the broker starts."
    )


def _settings(config: Path | None, data: Path | None, **options: Any) -> Settings:
    os.umask(0o077)  # whatever this command writes is for its own user
    return _refusing(lambda: load(config, data_dir=data, **options))


def _with_services(settings: Settings, work: Callable[[Services], Awaitable[T]]) -> T:
    """Run `work` on the services of this installation, its database brought up to date."""

    async def main() -> T:
        services = build_services(settings, SystemClock())
        try:
            await upgrade(services.store)
            return await work(services)
        finally:
            services.passwords.close()
            await services.store.close()

    return _refusing(lambda: asyncio.run(main()))


def _refusing(work: Callable[[], T]) -> T:
    try:
        return work()
    except BrokerError as refused:
        _stop(refused)


def _checked(kind: Any, value: str, what: str) -> str:
    try:
        checked: str = TypeAdapter(kind).validate_python(value)
    except ValidationError as wrong:
        _stop(f"{what}: {wrong.errors(include_input=False)[0]['msg'].removeprefix('Value error, ')}")
    return checked


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def _stop(why: object) -> NoReturn:
    typer.echo(f"relevo: {why}", err=True)
    raise typer.Exit(1)
