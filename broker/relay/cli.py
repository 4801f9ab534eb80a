"""`relevo relay`: a relay of its own.  Its credential comes from the environment, never as an argument."""

import asyncio
import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

import typer

from broker.errors import SettingsRefused
from broker.logs import configure
from broker.relay.link import RelaySettings, StandaloneRelay
from broker.relay.messages import WORKERS
from broker.relay.standalone import serve
from broker.relay.workers import Workers
from broker.settings import checked_origin

CREDENTIAL = "RELEVO_RELAY_CREDENTIAL"

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command("relay")
def run(
    broker: Annotated[str, typer.Option(envvar="RELEVO_RELAY_BROKER", help="The broker's address: https://…")],
    bind: Annotated[str, typer.Option(envvar="RELEVO_RELAY_BIND", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="RELEVO_RELAY_PORT", help="Port to listen on.")] = 8001,
    certificate: Annotated[
        Path | None, typer.Option(envvar="RELEVO_RELAY_TLS_CERTIFICATE", help="PEM chain, to serve wss:// by itself.")
    ] = None,
    ca: Annotated[
        Path | None,
        typer.Option(envvar="RELEVO_RELAY_CA", exists=True, help="CA certificates beside the system's: the broker's."),
    ] = None,
    key: Annotated[Path | None, typer.Option(envvar="RELEVO_RELAY_TLS_KEY", help="Its private key.")] = None,
    workers: Annotated[
        int, typer.Option(envvar="RELEVO_RELAY_WORKERS", min=1, max=WORKERS, help="Processes behind the one port.")
    ] = 1,
    trusted_proxies: Annotated[
        str,
        typer.Option(
            envvar="RELEVO_RELAY_TRUSTED_PROXIES",
            help="Addresses or networks, between commas, whose X-Forwarded-For counts.",
        ),
    ] = "",
) -> None:
    """Run a relay of its own for a broker elsewhere."""
    configure("info", True)
    credential = os.environ.get(CREDENTIAL, "")
    if not credential:
        typer.echo(f"relevo: set {CREDENTIAL} to the credential that the broker knows this relay by", err=True)
        raise typer.Exit(1)
    if (certificate is None) != (key is None):
        typer.echo("relevo: --certificate and --key go together", err=True)
        raise typer.Exit(1)
    if workers > 1 and certificate is not None:
        typer.echo("relevo: with --workers TLS has to end in a proxy in front of the relay: no --certificate", err=True)
        raise typer.Exit(1)
    try:
        origin = checked_origin(broker)
    except ValueError as wrong:
        typer.echo(f"relevo: --broker {wrong}", err=True)
        raise typer.Exit(1) from None
    try:
        proxies = tuple(ip_network(one.strip()) for one in trusted_proxies.split(",") if one.strip())
    except ValueError as wrong:
        typer.echo(f"relevo: --trusted-proxies {wrong}", err=True)
        raise typer.Exit(1) from None
    settings = RelaySettings(
        broker=origin, credential=credential, bind=bind, port=port, authority=ca, trusted_proxies=proxies,
        tls_certificate=certificate, tls_key=key,
    )  # fmt: skip
    try:
        relay = StandaloneRelay(settings)
    except SettingsRefused as refused:
        typer.echo(f"relevo: {refused}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Relevo's relay for {origin} listens on {bind}:{port}")
    asyncio.run(serve(relay, settings) if workers == 1 else Workers(settings, workers).serve())
