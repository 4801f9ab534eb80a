"""`relevo connect` and `relevo console`.  Passwords are asked for on the terminal, never taken as arguments.

Each imports what only it needs when it runs, so that its `--help` is there at once.
"""

import asyncio
import getpass
import secrets
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operator_console.errors import ConsoleError, _
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from operator_console.client import Way
    from operator_console.session import RemoteSession
    from protocol.control import Permission

app = typer.Typer()

Broker = Annotated[str, typer.Option(envvar="RELEVO_BROKER", help="The broker's public origin, https://…")]
Authority = Annotated[Path | None, typer.Option("--ca", help="CA certificates beside the system's.", exists=True)]
Proxy = Annotated[str | None, typer.Option(help="An HTTP proxy; without it, the environment's.")]


@app.command("connect")
def connect(
    agent_id: Annotated[str, typer.Argument(metavar="ID", help="The ID that the customer reads out.")],
    broker: Broker,
    email: Annotated[str, typer.Option(envvar="RELEVO_EMAIL", help="Your account.")],
    service: Annotated[str, typer.Option(help="The service that the session is about.")] = "",
    totp: Annotated[str | None, typer.Option(help="The code of your authenticator.")] = None,
    view_only: Annotated[bool, typer.Option("--view-only", help="Ask for the picture alone.")] = False,
    customer: Annotated[str, typer.Option(help="Its contract number, e-mail or licence key.")] = "",
    order: Annotated[str | None, typer.Option(help="The order's ID, as its page's address has it.")] = None,
    ticket: Annotated[str | None, typer.Option(help="The ticket's ID, as its page's address has it.")] = None,
    urgent: Annotated[bool, typer.Option("--urgent", help="Urgent, as the policy understands it.")] = False,
    screenshot: Annotated[Path | None, typer.Option(help="Save the screen to this PNG file.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Type this text.")] = None,
    stay: Annotated[bool, typer.Option("--stay", help="Don't end after that; wait for the end.")] = False,
    ca: Authority = None,
    proxy: Proxy = None,
) -> None:
    """Join a customer's computer, save a screenshot or type a text, and end."""
    from operator_console.client import Console, Whom
    from operator_console.price import price_sentence

    own = _ask(_("Password of {email}: ").format(email=email))
    customers = _ask(_("Password that the customer reads out: "))
    wanted: tuple[Permission, ...] = ("view",) if view_only else ("view", "control")

    async def run() -> None:
        async with Console.sign_in(_way(broker, ca, proxy), email, own, totp) as console:
            chosen = service or next(iter(console.welcome.services), "")
            known = await console.customer(customer) if customer else None
            whom = Whom(known, order, ticket, urgent)
            session = await console.pair(agent_id, customers, chosen, wanted, whom)
            _say(price_sentence(session.offer))
            try:
                await _work(session, screenshot, type_, stay or (screenshot is None and type_ is None))
            finally:
                await session.end()
            typer.echo(str(await session.over()))

    _guarded(run())


@app.command("console")
def console(
    broker: Broker,
    page: typer.Context,
    port: Annotated[int, typer.Option(help="The loopback port; 0 for any.")] = 0,
    ca: Authority = None,
    proxy: Proxy = None,
) -> None:
    """Serve the web console from this computer, so that the page is yours and not the broker's."""
    import uvicorn

    from operator_console.local import Upstream, create_app

    async def run() -> None:
        way = _way(broker, ca, proxy)
        token = secrets.token_urlsafe(32)
        config = uvicorn.Config(
            lambda: None, host="127.0.0.1", port=port, ws="websockets-sansio", log_level="warning",
            ws_per_message_deflate=False,
        )  # fmt: skip
        listener = config.bind_socket()
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config.app = create_app(Upstream(way), page.obj["console"], origin, token)
        typer.echo(_("Open this address; it works once:") + f"\n  {origin}/open/{token}\n" + _("Ctrl-C ends it."))
        await uvicorn.Server(config).serve([listener])

    _guarded(run())


async def _work(session: "RemoteSession", screenshot: Path | None, text: str | None, stay: bool) -> None:
    _say(_("The customer's window asks now."))
    granted = await session.consent()
    _say(_("The customer agreed to: {granted}").format(granted=", ".join(sorted(granted))))
    picture = await session.whole_picture()
    if text is not None:
        session.type_text(text)
        await session.drained()
    if screenshot is not None:
        picture.image.save(screenshot, "PNG")
        _say(_("Saved {file}").format(file=screenshot))
    if stay:
        await session.over()


def _way(broker: str, ca: Path | None, proxy: str | None) -> "Way":
    from operator_console.client import Way

    return Way(broker, str(ca) if ca else None, proxy)


def _ask(prompt: str) -> str:
    """A secret: unseen from a terminal, or a line of what is piped in."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\n")


def _say(sentence: str) -> None:
    typer.echo(sentence, err=True)


def _guarded(run: Coroutine[None, None, None]) -> None:
    """Run it; a failure becomes its sentence and an exit code."""
    try:
        asyncio.run(run)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except ConsoleError as error:
        _say(str(error))
        raise typer.Exit(error.exit_code) from None
    except ProtocolError as error:
        _say(str(error))
        raise typer.Exit(2) from None
