"""A program on the customer's desktop, until it is ended: `python -m tests.bench.felt.workloads NAME TIMES-FILE`.

Each is a deterministic X client that draws by shared memory and notes in TIMES-FILE when each step was on the desktop.
"""

import sys
from pathlib import Path

from tests.bench.felt.workloads import moving, place, standing
from tests.bench.felt.workloads.window import Times, Window, steady

STANDING = {"wall": standing.wall, "echo": standing.echo, "page": standing.page}
MOVING = {
    "scroll": (moving.scroll, place.SCROLL_RATE),
    "drag": (moving.drag, place.DRAG_RATE),
    "video": (moving.video, place.VIDEO_RATE),
}


def main(name: str, times: Times) -> None:
    """Draw until ended."""
    if name in STANDING:
        STANDING[name](times)
        return
    program, rate = MOVING[name]
    steps = program(Window)
    for _ in steady(rate):
        times.note(next(steps))


if __name__ == "__main__":
    main(sys.argv[1], Times(Path(sys.argv[2])))
