"""A PostgreSQL server of the tests' own, on a socket in a folder of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`; None where PostgreSQL or its driver is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders and find_spec("asyncpg") else None


@contextmanager
def postgresql(binaries: Path) -> Iterator[Callable[[], str]]:
    """Start an empty server, and give a function that makes a database and gives its URL."""
    folder = Path(tempfile.mkdtemp(prefix="relevo-pg-"))
    user = None
    if os.geteuid() == 0:  # the server refuses to run as root
        user = "postgres"
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    numbers = count(1)

    def run(program: str, *arguments: str) -> None:
        command = [str(binaries / program), *arguments]
        subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)

    def database() -> str:
        name = f"test{next(numbers)}"
        run("createdb", "-h", str(folder), "-U", "relevo", name)
        return f"postgresql+asyncpg://relevo@/{name}?host={folder}"

    try:
        run("initdb", "-D", "data", "-U", "relevo", "-A", "trust", "-E", "UTF8", "--no-sync")
        run("pg_ctl", "-D", "data", "-w", "-s", "-l", "log", "-o", f"-k {folder} -c listen_addresses=''", "start")
        try:
            yield database
        finally:
            run("pg_ctl", "-D", "data", "-w", "-s", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
