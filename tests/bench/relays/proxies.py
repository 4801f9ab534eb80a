"""Programs that hand on without knowing of pairs: HAProxy and nginx (bytes), websockify (WebSocket in, bytes out)."""

import shutil
from pathlib import Path

from scripts.processes import Processes, free_port, listening
from tests.bench.errors import Missing
from tests.bench.relays import frames
from tests.bench.relays.frames import Framing
from tests.bench.relays.relay import Forwarder, Pair

CONNECTIONS = 4096
STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")


class _Proxy(Forwarder):
    framing = Framing.PLAIN

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()

    def run(self, processes: Processes, command: list[str | Path]) -> None:
        """Start it and wait until it answers; that first connection reaches us too."""
        self.program = processes.start(Path(command[0]).name, command)
        processes.wait_for(self.name, lambda: listening(self.port))
        self.accepted().close()

    def joined(self) -> Pair:
        sender = frames.connected(self.port)
        return Pair(sender, self.accepted())


class HAProxy(_Proxy):
    """As it is set up for TCP, with one thread."""

    name = "HAProxy (TCP)"

    def start(self, processes: Processes, folder: Path) -> None:
        program = program_of("haproxy", "haproxy")
        settings = folder / "haproxy.cfg"
        settings.write_text(
            f"global\n nbthread 1\n maxconn {CONNECTIONS}\n"
            "defaults\n mode tcp\n timeout connect 5s\n timeout client 5m\n timeout server 5m\n"
            f"listen bench\n bind 127.0.0.1:{self.port}\n server us 127.0.0.1:{self.target_port}\n"
        )
        self.run(processes, [program, "-db", "-f", settings])


class Nginx(_Proxy):
    """Its stream module, with one worker."""

    name = "nginx (stream)"

    def start(self, processes: Processes, folder: Path) -> None:
        program = program_of("nginx", "nginx-light")
        if not STREAM_MODULE.exists():
            raise Missing("nginx's stream module (Debian: libnginx-mod-stream)")
        settings = folder / "nginx.conf"
        settings.write_text(
            f"load_module {STREAM_MODULE};\ndaemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\n"
            f"error_log {folder}/nginx-errors.log;\nevents {{ worker_connections {CONNECTIONS}; }}\n"
            f"stream {{ server {{ listen 127.0.0.1:{self.port}; proxy_pass 127.0.0.1:{self.target_port};\n"
            " tcp_nodelay on; }}\n".replace("}}", "} }")
        )
        self.run(processes, [program, "-p", folder, "-c", settings])


class Websockify(Forwarder):
    """A process per connection, which unwraps what the sender wraps."""

    name = "websockify (to TCP)"
    unwrapped = True

    def __init__(self) -> None:
        super().__init__()
        self._port = free_port()

    def start(self, processes: Processes, folder: Path) -> None:
        program = program_of("websockify", "websockify")
        target = f"127.0.0.1:{self.target_port}"
        self.program = processes.start("websockify", [program, f"127.0.0.1:{self._port}", target])
        processes.wait_for(self.name, lambda: listening(self._port))

    def joined(self) -> Pair:
        sender = frames.opened(self._port, "/")
        return Pair(sender, self.accepted())


def program_of(name: str, package: str) -> str:
    """Where a program is.  Raises `Missing`."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Missing(f"{name} (Debian: {package})")
    return found
