"""What `make check` runs: lint, format, types of both languages, import rules.  Warm under 20 s on two cores.

The tools run side by side; what each has to say is printed in one piece, and one that is unhappy makes the check fail.
"""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"

TOOLS: dict[str, list[str]] = {
    "ruff check": [str(BIN / "ruff"), "check", "."],
    "ruff format": [str(BIN / "ruff"), "format", "--check", "."],
    "mypy": [str(BIN / "mypy")],
    "import rules": [str(BIN / "lint-imports"), "--no-logo"],
    "web types": [sys.executable, "-m", "scripts.web", "check"],
}


def main() -> int:
    """0 when every tool is content, otherwise 1."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return int(not all(list(pool.map(run, TOOLS))))


def run(name: str) -> bool:
    """Whether the tool is content."""
    began = time.monotonic()
    done = subprocess.run(TOOLS[name], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    content = done.returncode == 0
    words = "" if content else "\n" + done.stdout.rstrip()
    print(f"{'ok  ' if content else 'FAIL'}  {name}  ({time.monotonic() - began:.1f} s){words}", flush=True)
    return content


if __name__ == "__main__":
    sys.exit(main())
