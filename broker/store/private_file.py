"""New files of the data folder: for their owner's eyes, and owned by whoever owns the folder.

An administrator's command runs as root where the broker runs as a user of its own (`deploy/relevo-broker.service`);
what the command makes, the broker must be able to open.  SQLite does the same with the files beside a database.
"""

import os
from pathlib import Path


def create(file: Path) -> int:
    """Make `file` and open it for writing; returns the descriptor.  Raises `FileExistsError`."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    if os.geteuid() == 0:
        folder = file.parent.stat()
        os.fchown(handle, folder.st_uid, folder.st_gid)  # by descriptor: nobody can put another file in between
    return handle
