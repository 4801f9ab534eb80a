"""Makes this checkout runnable: `.venv` with hashed packages, and the system's packages or the command that gets them.

    python3 scripts/setup.py run      what `make demo` and `make serve` need
    python3 scripts/setup.py dev      that, and what `make check` and `make test` need
    python3 scripts/setup.py bench    that, and the peers that `make bench` measures Relevo against

Runs on a bare Python 3.11 (standard library only).  It installs system packages only as root on Debian and its kin;
elsewhere it prints the exact command and stops before anything is started.
"""

import os
import shutil
import subprocess
import sys
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SETS = {"run": ("run",), "dev": ("run", "test"), "bench": ("run", "test", "bench")}
"""Groups of system-packages.txt by what is wanted."""
PINS = {"run": "run", "dev": "dev", "bench": "dev"}
"""The file of pinned Python packages, likewise."""


class SystemPackage(NamedTuple):
    """A line of system-packages.txt."""

    name: str
    program: str | None
    needed_by: str


def main(wanted: str) -> None:
    """Everything that `wanted`, one of `SETS`, needs; what is there already is left alone."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the file that a newcomer's Python meets first
        stop("Relevo needs Python 3.11 or newer; this is " + sys.version.split()[0], "Try:  make PYTHON=python3.12 …")
    if sys.platform != "linux":
        stop("The demo and the tests bring a desktop of their own, which needs Linux.")
    install_system_packages(wanted)
    make_venv()
    install_python_packages(wanted)


def install_system_packages(wanted: str) -> None:
    """Debian packages by apt when root; otherwise prints the command and stops."""
    packages = [p for p in read_packages() if p.needed_by in SETS[wanted]]
    if not shutil.which("dpkg-query"):
        absent = [p for p in packages if p.program and not shutil.which(p.program)]
        if absent:
            names = " ".join(sorted(p.program or "" for p in absent))
            stop(f"These programs are missing: {names}", "Install your system's packages for them, then try again.")
        return
    missing = missing_debian([p.name for p in packages]) + missing_venv()
    if not missing:
        return
    if os.geteuid() != 0:
        stop(
            "Some of the system's packages are missing.  Install them with:",
            "    sudo apt-get update && sudo apt-get install --no-install-recommends " + " ".join(missing),
            "then run the same make command again.  Nothing was started.",
        )
    say(f"installing {len(missing)} system packages with apt-get")
    apt("update", "-qq")
    apt("install", "--yes", "-q", "--no-install-recommends", *missing)


def read_packages() -> list[SystemPackage]:
    """The lines of system-packages.txt."""
    lines = (ROOT / "scripts" / "system-packages.txt").read_text().splitlines()
    fields = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return [SystemPackage(name, None if program == "-" else program, who) for name, program, who in fields]


def missing_debian(names: list[str]) -> list[str]:
    """Those of `names` that dpkg does not hold installed, by any package that provides them."""
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package} ${Provides}\\n"]
    held = subprocess.run(query, capture_output=True, text=True, check=True).stdout.splitlines()
    present = {word.rstrip(",") for line in held if line.startswith("installed ") for word in line.split()[1:]}
    return [name for name in names if name not in present]


def missing_venv() -> list[str]:
    """Debian's package with what `python3 -m venv` needs, if this Python cannot do it and has to."""
    return [] if has_venv() or find_spec("ensurepip") else [f"python3.{sys.version_info.minor}-venv"]


def make_venv() -> None:
    """`.venv` with a pip in it."""
    if has_venv():
        return
    invalidate_caches()
    if not find_spec("ensurepip"):
        stop("This Python cannot make virtual environments: its module “ensurepip” is missing.")
    say("making .venv")
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def has_venv() -> bool:
    """Whether `.venv` is there and its pip runs."""
    return PYTHON.exists() and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0


def install_python_packages(wanted: str) -> None:
    """The hashed pins, then this checkout itself; nothing is fetched without a hash."""
    requirements = ROOT / "requirements" / f"{PINS[wanted]}.txt"
    say(f"installing the Python packages of requirements/{requirements.name} into .venv")
    pip("--require-hashes", "-r", str(requirements))
    pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    (VENV / f".{wanted}").touch()


def pip(*arguments: str) -> None:
    """pip install, with a line for each package instead of pip's own twenty."""
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *arguments]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, env=environment
    ) as process:
        assert process.stdout is not None
        lines, count = [], 0
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Collecting "):
                count += 1
                print(f"  {count:4}  {line.split()[1]}", flush=True)
            elif line.startswith("Installing collected"):
                print("  unpacking …", flush=True)
    if process.returncode:
        stop("pip could not install the packages:", *(line.rstrip() for line in lines[-25:]))


def apt(*arguments: str) -> None:
    """apt-get without questions."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    if subprocess.run(["apt-get", "-o", "Dpkg::Use-Pty=0", *arguments], env=environment).returncode:
        stop("apt-get failed: its own words are above.")


def say(what: str) -> None:
    """A line of progress."""
    print(f"relevo: {what} …", flush=True)


def stop(*lines: str) -> NoReturn:
    """Says why, and ends."""
    sys.exit("relevo: " + "\n".join(lines))


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in SETS:
        stop(f"usage: {sys.argv[0]} {'|'.join(SETS)}")
    main(sys.argv[1])
