"""What stands between programs and a broker, all real: nginx as `deploy/` has it, tinyproxy, a relay, a line to cut."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts.processes import Processes, free_port, listening
from scripts.product import RELEVO

ROOT = Path(__file__).resolve().parents[2]
USER, PASSWORD = "relevo", "pass-word"
"""What the proxy of `tinyproxy` asks for."""
PROXY_ADDRESS = "127.0.0.5"
"""From where that proxy goes on: nginx has it for its visitor."""


@dataclass(frozen=True, slots=True)
class Nginx:
    """The one public port, with TLS.  `visits`: its access log, a line for each request that was answered."""

    port: int
    plain_port: int
    visits: Path


def nginx(processes: Processes, folder: Path, port: int, broker_port: int, certificate: Path) -> Nginx:
    """The shipped configuration, but for the name, the ports and the certificate (chain and key in one file)."""
    folder.mkdir(parents=True)
    plain_port = free_port()
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    for shipped, ours in {
        "listen 80;": f"listen 127.0.0.1:{plain_port};",
        "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "server_name support.example.com;": "server_name localhost;",
        "/etc/ssl/relevo/fullchain.pem": str(certificate),
        "/etc/ssl/relevo/privkey.pem": str(certificate),
        "http://127.0.0.1:8000": f"http://127.0.0.1:{broker_port}",
    }.items():
        assert shipped in site, f"deploy/nginx.conf has no “{shipped}” any more"
        site = site.replace(shipped, ours)
    (folder / "relevo.conf").write_text(site)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log {folder}/access.log;\n{temporary}include {folder}/relevo.conf;\n}}\n"
    )
    command: list[str | Path] = [
        "nginx",
        "-p",
        folder,
        "-e",
        folder / "error.log",
        "-c",
        folder / "nginx.conf",
        "-g",
        "daemon off;",
    ]
    processes.start("nginx", command)
    processes.wait_for("nginx", lambda: listening(port))
    return Nginx(port, plain_port, folder / "access.log")


@dataclass(frozen=True, slots=True)
class Tinyproxy:
    """An HTTP proxy with a password that connects to one port alone."""

    port: int
    log: Path

    def address(self, password: str = PASSWORD) -> str:
        """For `--proxy`."""
        return f"http://{USER}:{password}@127.0.0.1:{self.port}"


def tinyproxy(processes: Processes, folder: Path, allowed_port: int) -> Tinyproxy:
    """A new one."""
    folder.mkdir(parents=True)
    port, log = free_port(), folder / "log"
    (folder / "tinyproxy.conf").write_text(
        f"Port {port}\nListen 127.0.0.1\nBind {PROXY_ADDRESS}\nTimeout 600\nMaxClients 20\nAllow 127.0.0.1\n"
        f'BasicAuth {USER} {PASSWORD}\nConnectPort {allowed_port}\nLogFile "{log}"\nLogLevel Info\n'
    )
    processes.start("tinyproxy", ["tinyproxy", "-d", "-c", folder / "tinyproxy.conf"])
    processes.wait_for("tinyproxy", lambda: listening(port))
    return Tinyproxy(port, log)


def relay(
    processes: Processes, folder: Path, port: int, broker_origin: str, env: Mapping[str, str], *options: str | Path
) -> None:
    """`relevo relay` on `port` with these options; `env` holds its credential."""
    command = [RELEVO, "relay", "--broker", broker_origin, "--port", str(port), *options]
    processes.start("relay", command, env=env, cwd=folder)
    processes.wait_for("the relay", lambda: listening(port))


@dataclass
class Cable:
    """A TCP port of loopback that leads to another, until it is cut.

    `passed`: bytes, both directions together; `dialled`: connections that were let through.
    """

    target: int
    port: int = 0
    passed: int = 0
    dialled: int = 0
    whole: bool = True
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """Nothing passes any more: what is open breaks off in the middle, and what is new at once."""
        self.whole = False
        for end in self._ends:
            end.transport.abort()

    def mend(self) -> None:
        """New connections pass again."""
        self.whole = True

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either end or `cut` ends it."""
        if not self.whole:
            writer.transport.abort()
            return
        self.dialled += 1
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        both = {writer, there_writer}
        self._ends |= both
        try:
            await asyncio.gather(self._copy(reader, there_writer), self._copy(there_reader, writer))
        finally:
            self._ends -= both
            for end in both:
                end.transport.abort()

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(1 << 16):
                self.passed += len(data)
                target.write(data)
                await target.drain()
        except OSError:
            pass  # cut, or an end went
        finally:
            target.close()


@asynccontextmanager
async def cable(target: int) -> AsyncIterator[Cable]:
    """A whole one to that port of loopback."""
    made = Cable(target)
    server = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        made.cut()
