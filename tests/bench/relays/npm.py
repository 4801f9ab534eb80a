"""Relays in Node.js: the smallest one on `ws`, and MeshCentral's.  Fetched by npm, by hash, to a place outside git."""

import json
import shutil
from pathlib import Path
from subprocess import CalledProcessError
from urllib.parse import quote

from broker.ids import new_id, new_token
from scripts import web
from scripts.processes import Processes, free_port, listening
from tests.bench.errors import BenchFailed, Missing
from tests.bench.relays import frames
from tests.bench.relays.relay import Pair, Relay

SOURCES = Path(__file__).parent / "node"
CACHE = Path(__file__).resolve().parents[3] / "build" / "bench" / "node"
"""`build/` is not in git."""
USER = "bench"


def fetched() -> Path:
    """The folder with what `package-lock.json` names, fetched unless it is there.  Raises `Missing`."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for source in SOURCES.iterdir():
        shutil.copy(source, CACHE / source.name)
    try:
        web.install(CACHE, "the relays that ours is compared with")
    except (OSError, CalledProcessError) as error:
        raise Missing(f"the npm packages ws and meshcentral ({error})") from None
    return CACHE


class NodeWs(Relay):
    """`node/ws_relay.js`: two sockets with the same id, each read no faster than the other takes."""

    name = "Node.js `ws`"

    def start(self, processes: Processes, folder: Path) -> None:
        cache, self._port = fetched(), free_port()
        script = cache / "ws_relay.js"
        self.program = processes.start("ws", ["node", script, str(self._port)], env=web.node_environment(), cwd=cache)
        processes.wait_for(self.name, lambda: listening(self._port))

    def joined(self) -> Pair:
        path = f"/?id={new_id()}"
        return Pair(frames.opened(self._port, path), frames.opened(self._port, path))


class MeshCentral(Relay):
    """Its `/meshrelay.ashx` behind plain HTTP on loopback, both ends as its default user."""

    name = "MeshCentral"

    def start(self, processes: Processes, folder: Path) -> None:
        cache, self._port = fetched(), free_port()
        data = CACHE.parent / "meshcentral"  # kept: making its certificates takes a while
        data.mkdir(exist_ok=True)
        settings = {
            "cert": "localhost", "port": self._port, "portBind": "127.0.0.1", "exactPorts": True, "redirPort": 0,
            "mpsPort": 0, "TLSOffload": "127.0.0.1", "user": USER, "selfUpdate": False, "localDiscovery": False,
            "agentTimeStampServer": False, "autoBackup": False, "plugins": {"enabled": False},
        }  # fmt: skip
        (data / "config.json").write_text(json.dumps({"settings": settings, "domains": {"": {}}}))
        command: list[str | Path] = [
            "node",
            cache / "node_modules" / "meshcentral" / "meshcentral.js",
            "--datapath",
            data,
        ]
        command += ["--filespath", folder / "files"]
        env = web.node_environment()
        account = processes.start("account", [*command, "--createaccount", USER, "--pass", new_token()], env, folder)
        account.process.wait(frames.WAIT_S)
        processes.stop(account)
        self.program = processes.start("meshcentral", command, env, folder)
        processes.wait_for(self.name, lambda: listening(self._port))

    def joined(self) -> Pair:
        path = f"/meshrelay.ashx?id={quote(new_id())}&noping=1"
        pair = Pair(frames.opened(self._port, path, "localhost"), frames.opened(self._port, path, "localhost"))
        for end in (pair.sender, pair.receiver):
            if (said := frames.read_frame(end)) != (frames.TEXT, b"c"):
                raise BenchFailed(f"MeshCentral did not join the two: {said!r}")
        return pair
