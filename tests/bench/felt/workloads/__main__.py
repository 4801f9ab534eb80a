"""A program on the customer's desktop, until it is ended: `python -m tests.bench.felt.workloads NAME TIMES-FILE`.

Each is a deterministic X client that draws by shared memory and notes in TIMES-FILE when each step was on the desktop.
"""

import sys
from pathlib import Path

from tests.bench.felt.workloads import moving, standing
from tests.bench.felt.workloads.window import Times

PROGRAMS = {
    "wall": standing.wall,
    "echo": standing.echo,
    "page": standing.page,
    "scroll": moving.scroll,
    "drag": moving.drag,
    "video": moving.video,
}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](Times(Path(sys.argv[2])))
