"""The broker cannot read a session: what it imports, in the end, opens no sealed channel."""

import subprocess
import sys

SEALED = {
    "protocol.channel",
    "protocol.cpace",
    "protocol.inner",
    "protocol.inner_codec",
    "protocol.noise",
    "protocol.pairing",
}
EVERYTHING = """
import importlib, pkgutil, sys
import broker
for module in pkgutil.walk_packages(broker.__path__, "broker."):
    if ".migrations." not in module.name:
        importlib.import_module(module.name)
print(*sys.modules)
"""


def test_nothing_that_the_broker_imports_opens_the_channel() -> None:
    done = subprocess.run([sys.executable, "-c", EVERYTHING], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    held = set(done.stdout.split())
    assert "protocol.control" in held
    assert not held & SEALED
    assert not {name for name in held if name.partition(".")[0] in ("client_agent", "operator_console", "PySide6")}
