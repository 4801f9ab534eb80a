"""A session bus of a test's own, which starts no more than the test says."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from scripts.desktop import session_bus
from scripts.processes import Processes

SERVICES = Path("/usr/share/dbus-1/services")
_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth><servicedir>{folder}</servicedir>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""


def a_bus(
    processes: Processes, folder: Path, services: Iterable[str] = (), env: Mapping[str, str] | None = None
) -> str:
    """The address of a new bus that may start `services` by itself, with `env`; its files lie in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in services:
        (folder / f"{name}.service").symlink_to(SERVICES / f"{name}.service")
    config = folder / "bus.conf"
    config.write_text(_CONFIG.format(folder=folder))
    return session_bus(processes, dict(os.environ if env is None else env), config)
