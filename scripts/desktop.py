"""A desktop of its own for the demo's or a test's customer: X server, session bus, window manager, terminal, editor.

Xephyr shows it in a window of the display there is; Xvfb keeps it in memory, and the *customer's chair* (x11vnc and
noVNC, loopback only, a password in the address) shows it in a browser.
"""

import os
import secrets
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.processes import Processes, free_port, listening

SIZE = (1280, 800)
NOVNC = Path("/usr/share/novnc")
OPENBOX = Path("/etc/xdg/openbox/rc.xml")
# Sun-blue slate: not black, so that an empty desktop is seen to be one.
BACKGROUND = "#31475e"


@dataclass(frozen=True, slots=True)
class Desktop:
    """A running desktop.  `display` as in DISPLAY; `env`: what a program on it must be given, whole."""

    display: str
    home: Path
    env: dict[str, str]


def start(
    processes: Processes,
    home: Path,
    size: tuple[int, int] = SIZE,
    window: str | None = None,
    server: list[str] | None = None,
) -> Desktop:
    """An empty desktop with a window manager; `window`: the display (as in DISPLAY) to show it on, else in memory.

    `server`: the command of another X server to have it on.
    """
    home.mkdir(parents=True, exist_ok=True)
    runtime = home / "run"
    runtime.mkdir(exist_ok=True)
    runtime.chmod(0o700)
    server = server or (_xephyr(size) if window else _xvfb(size))
    display = _x_server(processes, server, dict(os.environ) | ({"DISPLAY": window} if window else {}))
    env = environment(home, runtime, display)
    env["DBUS_SESSION_BUS_ADDRESS"] = session_bus(processes, env)
    _window_manager(processes, home, env)
    subprocess.run(["xsetroot", "-solid", BACKGROUND], env=env, check=True)
    return Desktop(display, home, env)


def open_programs(processes: Processes, desktop: Desktop, text: Path) -> None:
    """A terminal, and an editor with the file `text` open."""
    text.touch()
    (desktop.home / ".bashrc").write_text("PS1='customer:\\w\\$ '\n")
    font = ["-fa", "DejaVu Sans Mono", "-fs", "11"]
    terminal = ["xterm", *font, "-geometry", "72x18", "-title", "Terminal"]
    processes.start("terminal", terminal, env=desktop.env, cwd=desktop.home, essential=False)
    editor = ["mousepad", "--disable-server", str(text)]
    processes.start("editor", editor, env=desktop.env, cwd=desktop.home, essential=False)


def show_chair(processes: Processes, desktop: Desktop, wanted_port: int = 0) -> str:
    """A loopback page that shows the desktop and takes the customer's mouse and keys; its address."""
    password = secrets.token_urlsafe(6)[:8]
    secret = desktop.home / "chair-password"
    secret.touch(mode=0o600)
    secret.write_text(password + "\n")
    vnc, page = free_port(), free_port(wanted_port)
    options = ["-localhost", "-forever", "-shared", "-noipv6", "-no6", "-xkb", "-noxrecord", "-quiet"]
    processes.start(
        "chair-vnc",
        ["x11vnc", "-display", desktop.display, "-rfbport", str(vnc), "-passwdfile", secret, *options],
        env=desktop.env,
    )
    processes.wait_for("the customer's chair (x11vnc)", lambda: listening(vnc))
    processes.start("chair-page", ["websockify", "--web", NOVNC, f"127.0.0.1:{page}", f"127.0.0.1:{vnc}"])
    processes.wait_for("the customer's chair (noVNC)", lambda: listening(page))
    return f"http://127.0.0.1:{page}/vnc.html#autoconnect=true&resize=scale&password={password}"


def _window_manager(processes: Processes, home: Path, env: dict[str, str]) -> None:
    """Returns when it manages windows: one that is there before it gets neither its place nor the keyboard."""
    begun = home / "openbox.begun"
    begun.unlink(missing_ok=True)
    tell = shlex.join(["touch", str(begun)])
    processes.start("openbox", ["openbox", "--config-file", _window_rules(home), "--startup", tell], env=env)
    processes.wait_for("the window manager", begun.exists)


def _window_rules(home: Path) -> Path:
    """Openbox's own configuration, with the programs' windows at the left so that the agent's has the right."""
    rules = "".join(
        f'<application class="{name}"><position force="yes"><x>{x}</x><y>{y}</y></position>{size}</application>'
        for name, x, y, size in (
            ("XTerm", 16, 16, ""),
            ("Mousepad", 16, 420, "<size><width>660</width><height>340</height></size>"),
        )
    )
    own = home / "openbox.xml"
    own.write_text(OPENBOX.read_text().replace("</applications>", f"{rules}</applications>"))
    return own


def _xvfb(size: tuple[int, int]) -> list[str]:
    return ["Xvfb", "-screen", "0", f"{size[0]}x{size[1]}x24", "-dpi", "96", "-noreset", "-nolisten", "tcp"]


def _xephyr(size: tuple[int, int]) -> list[str]:
    title = "Relevo demo: the customer's desktop"
    return ["Xephyr", "-screen", f"{size[0]}x{size[1]}", "-title", title, "-no-host-grab", "-nolisten", "tcp"]


def _x_server(processes: Processes, command: list[str], env: dict[str, str]) -> str:
    """Starts the X server; it picks the display's number itself and writes it to the pipe."""
    reading, writing = os.pipe()
    try:
        processes.start(command[0], [*command, "-displayfd", str(writing)], env=env, pass_fds=[writing])
    finally:
        os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    if not number:
        processes.check()
        raise RuntimeError(f"{command[0]} gave no display: see {processes.logs}")
    return f":{number}"


def session_bus(processes: Processes, env: dict[str, str], config: Path | None = None) -> str:
    """A bus of its own, by `config` or as every session's is; its address."""
    reading, writing = os.pipe()
    try:
        kind = f"--config-file={config}" if config else "--session"
        command = ["dbus-daemon", kind, "--nofork", "--nopidfile", f"--print-address={writing}"]
        processes.start("session-bus", command, env=env, pass_fds=[writing])
    finally:
        os.close(writing)
    with os.fdopen(reading) as pipe:
        return pipe.readline().strip()


def environment(home: Path, runtime: Path, display: str) -> dict[str, str]:
    """A person's environment that shares neither settings nor state with whoever started this."""
    kept = ("PATH", "LANG", "LC_ALL", "LANGUAGE", "TZ", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "HOME": str(home),
        "SHELL": shutil.which("bash") or "/bin/sh",
        "LANG": os.environ.get("LANG") or "C.UTF-8",
        "DISPLAY": display,
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_SESSION_TYPE": "x11",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
    }
