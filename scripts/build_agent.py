"""`make agent`: the customer's program as one file, for one broker and one organisation, for the system it is made on.

    make agent AGENT="--build FILE --output FOLDER"

FILE is the JSON that `relevo organisation build` prints: the broker's origin, the organisation and the broker's log
key; where there is no such file, `--broker`, `--organisation`, `--name` and `--log-key` say the same.  They are fixed
here, inside the program, and never taken from a link or a file name.  What it makes: the program, its SHA-256 and its
licence notices (also inside it: `relevo-agent --notices`).  Proved on Linux; on Windows and macOS (docs/builds.md) not.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from client_agent import build_config
from scripts import catalogues, notices, program_icon

ROOT = Path(__file__).resolve().parent.parent
NAME = "relevo-agent"
RECIPE = ROOT / "scripts" / "relevo-agent.spec"
COMPRESSION = "6"
"""Of zlib's nine levels: half a megabyte more than the highest, which takes half a minute longer."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the program is on one system."""

    made: str
    """What PyInstaller leaves: a file, or a folder that the system takes for one."""
    runs: str
    """What is started of it."""
    offered: str
    """The one file that a customer downloads."""
    icon: str | None = None
    """The icon's kind, where a program carries one."""


TARGETS = {
    "linux": Target(NAME, NAME, NAME),
    "win32": Target(f"{NAME}.exe", f"{NAME}.exe", f"{NAME}.exe", ".ico"),
    "darwin": Target("Relevo.app", f"Relevo.app/Contents/MacOS/{NAME}", f"{NAME}-macos.zip", ".icns"),
}


def main() -> None:
    """Builds what the command line asks for."""
    parser = argparse.ArgumentParser(prog="make agent", description="The customer's one-file program.")
    parser.add_argument("--build", type=Path, help="the build file of one broker and organisation")
    parser.add_argument("--broker", help="instead of a build file: the broker's public origin, https://…")
    parser.add_argument("--organisation", help="… the organisation's ID")
    parser.add_argument("--name", default="", help="… the organisation's name")
    parser.add_argument("--log-key", help="… the broker's log key")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="the folder for what is made")
    given = parser.parse_args()
    if not given.build and not (given.broker and given.organisation and given.log_key):
        parser.error("give --build FILE, or --broker, --organisation and --log-key")
    with TemporaryDirectory(prefix="relevo-agent-") as work:
        try:
            program = build(given.build or _build_file(given, Path(work)), given.output)
        except ValueError as error:
            parser.error(str(error))
    print(f"{program}  {program.stat().st_size / 1e6:.1f} MB\nSHA-256  {sha256(program)}")


def _build_file(given: argparse.Namespace, folder: Path) -> Path:
    file = folder / "build.json"
    said = {"public_origin": given.broker.rstrip("/"), "org_id": given.organisation, "org_name": given.name}
    file.write_text(json.dumps(said | {"log_key": given.log_key}), encoding="utf-8")
    return file


def build(build_file: Path, output: Path, compression: str = COMPRESSION) -> Path:
    """The file to offer, made from `build_file`, in `output`.

    Raises `ValueError` for a build file that is none, `CalledProcessError` when PyInstaller fails or what it made does
    not load.
    """
    build_config.read(build_file)
    target = TARGETS[sys.platform]
    catalogues.build()
    output.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="relevo-agent-") as folder:
        work = Path(folder)
        (work / "entry.py").write_text("from client_agent.cli import main\n\nmain()\n", encoding="utf-8")
        (work / "NOTICES.txt").write_text(notices.text("agent"), encoding="utf-8")
        shutil.copy(build_file, work / "build.json")
        shutil.copy(work / "NOTICES.txt", output / f"{NAME}.NOTICES.txt")
        if target.icon:
            program_icon.write(work / f"icon{target.icon}")
        command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
        subprocess.run(
            [*command, "--distpath", output, "--workpath", work, RECIPE],
            env=os.environ | {"RELEVO_BUILD_WORK": str(work), "PYINSTALLER_ZLIB_COMPRESSION_LEVEL": compression},
            cwd=ROOT,
            check=True,
        )
    subprocess.run([output / target.runs, "--self-check"], check=True)
    offered = output / target.offered
    if target.offered != target.made:
        # The system's own archiver: it keeps an application's links and rights.
        subprocess.run(["ditto", "-c", "-k", "--keepParent", output / target.made, offered], check=True)
    (output / f"{offered.name}.sha256").write_text(f"{sha256(offered)}  {offered.name}\n", encoding="utf-8")
    return offered


def sha256(path: Path) -> str:
    """Hexadecimal, as `sha256sum` prints it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
