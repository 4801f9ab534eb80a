"""`make agent`: the customer's program as one file for Linux, for one broker and one organisation.

    make agent AGENT="--build FILE --output FOLDER"

FILE is the JSON that `relevo organisation build` prints: the broker's origin, the organisation and the broker's log
key.  They are fixed here, inside the program, and never taken from a link or a file name.  What it makes: the program,
its SHA-256 and its licence notices (also inside it: `relevo-agent --notices`).
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts import notices

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "agent"
NAME = "relevo-agent"
RECIPE = ROOT / "scripts" / "relevo-agent.spec"


def main() -> None:
    """Builds what the command line asks for."""
    parser = argparse.ArgumentParser(prog="make agent", description="The customer's one-file program.")
    parser.add_argument("--build", type=Path, required=True, help="the build file of one broker and organisation")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="the folder for what is made")
    given = parser.parse_args()
    program = build(given.build, given.output)
    print(f"{program}  {program.stat().st_size / 1e6:.1f} MB\nSHA-256  {sha256(program)}")


def build(build_file: Path, output: Path) -> Path:
    """The program made from `build_file`, in `output`.  Raises `CalledProcessError` when PyInstaller fails."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    output.mkdir(parents=True, exist_ok=True)
    (WORK / "entry.py").write_text("from client_agent.cli import main\n\nmain()\n")
    (WORK / "NOTICES.txt").write_text(notices.text("agent"))
    shutil.copy(build_file, WORK / "build.json")
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    subprocess.run(
        [*command, "--distpath", output, "--workpath", WORK, RECIPE],
        env=os.environ | {"RELEVO_BUILD_WORK": str(WORK)},
        cwd=ROOT,
        check=True,
    )
    shutil.copy(WORK / "NOTICES.txt", output / f"{NAME}.NOTICES.txt")
    program = output / NAME
    (output / f"{NAME}.sha256").write_text(f"{sha256(program)}  {NAME}\n")
    return program


def sha256(path: Path) -> str:
    """Hexadecimal, as `sha256sum` prints it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
