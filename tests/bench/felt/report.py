"""What a run came to: tables with both peers, their ratio and what is wanted, as Markdown.  Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median
from typing import Any

from tests.bench.felt.line import LINES, described

Found = dict[str, Any]
OURS, THEIRS = "ours", "novnc"
WORK_NAMES = {
    "rest": "at rest",
    "scroll": "while text scrolls",
    "drag": "while a window is dragged",
    "video": "while a video plays",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted on a line: our figure, or its ratio to theirs, at most (or at least) `bound`."""

    line: str
    row: str
    bound: float
    ratio: bool = False
    least: bool = False

    def words(self) -> str:
        """`≤ 0.5×`."""
        return f"{'≥' if self.least else '≤'} {self.bound:g}{'×' if self.ratio else ''}"

    def met(self, ours: float, theirs: float | None) -> bool | None:
        """None when there is nothing to compare with."""
        if self.ratio and not theirs:
            return None
        value = ours / theirs if self.ratio and theirs else ours
        return value >= self.bound if self.least else value <= self.bound


TARGETS = (
    Target("fast", "key → pixel at rest, p50 ms", 1.0, ratio=True),
    Target("fast", "key → pixel at rest, p95 ms", 1.0, ratio=True),
    Target("fast", "key → pixel while a video plays, p50 ms", 0.5, ratio=True),
    Target("fast", "key → pixel while a video plays, p95 ms", 0.3, ratio=True),
    Target("1024", "key → pixel at rest, p50 ms", 1.0, ratio=True),
    Target("1024", "key → pixel at rest, p95 ms", 1.0, ratio=True),
    Target("1024", "key → pixel while a video plays, p50 ms", 0.2, ratio=True),
    Target("1024", "key → pixel while a video plays, p95 ms", 0.25, ratio=True),
    Target("1024", "pictures/s while text scrolls", 10, least=True),
    Target("1024", "pictures/s while a window is dragged", 12, least=True),
    Target("1024", "pictures/s while a video plays", 15, least=True),
    Target("1024", "new page of text: SSIM after 1 s", 0.985, least=True),
    Target("1024", "new page of text: wrong pixels after 3 s", 0),
    *(Target(line, "typing, kbit/s both ways", 100) for line in LINES),
    Target("1024", "first whole picture, s", 1.5),
)
_Figure = tuple[str, Callable[[Found], float | None]]
_MOVING = tuple(WORK_NAMES)[1:]
_CELL_ROWS: tuple[tuple[Sequence[str], Sequence[_Figure]], ...] = (
    (
        tuple(WORK_NAMES),
        (
            ("key → pixel {work}, p50 ms", lambda cell: cell["key_p50_ms"]),
            ("key → pixel {work}, p95 ms", lambda cell: cell["key_p95_ms"]),
        ),
    ),
    (("rest", "video"), (("key → frame {work}, p50 ms", lambda cell: cell.get("key_to_frame_p50_ms")),)),
    (_MOVING, (("pictures/s {work}", lambda cell: cell.get("seen_per_s")),)),
    (
        _MOVING,
        (
            ("age of the picture {work}, p50 ms", lambda cell: _ms(cell.get("age_p50_s"))),
            ("age of the picture {work}, p95 ms", lambda cell: _ms(cell.get("age_p95_s"))),
        ),
    ),
    (_MOVING, (("kbit/s from the customer {work}", lambda cell: cell["up_kbit"]),)),
    (("rest",), (("typing, kbit/s both ways", lambda cell: cell["up_kbit"] + cell["down_kbit"]),)),
)
"""Rows of the table in their order, for each of the works."""
_CHANGE_ROWS = (
    ("new page of text: SSIM after 1 s", "ssim_1s"),
    ("new page of text: SSIM after 3 s", "ssim_3s"),
    ("new page of text: wrong pixels after 3 s", "wrong_pixels_3s"),
    ("new page of text: KB until 3 s", "kbytes"),
)


def rows(found: Found, line: str) -> dict[str, dict[str, float]]:
    """By what is measured: the median of each peer's rounds."""
    table: dict[str, dict[str, float]] = {}

    def add(row: str, peer: str, values: Sequence[float | None]) -> None:
        known = [value for value in values if value is not None]
        if known:
            table.setdefault(row, {})[peer] = median(known)

    for peer in (OURS, THEIRS):
        mine = [cell for cell in found["cells"] if (cell["line"], cell["peer"]) == (line, peer)]
        for works, figures in _CELL_ROWS:
            for work, (title, figure) in product(works, figures):
                add(title.format(work=WORK_NAMES[work]), peer, [figure(cell) for cell in mine if cell["work"] == work])
        changed = [one for one in found["changes"] if (one["line"], one["peer"]) == (line, peer)]
        for title, key in _CHANGE_ROWS:
            add(title, peer, [one[key] for one in changed])
        first = [p["first_picture_s"] for p in found["pictures"] if (p["line"], p["peer"]) == (line, peer)]
        add("first whole picture, s", peer, first)
    return table


def markdown(found: Found) -> str:
    """The section of docs/performance.md."""
    around, parts = found["circumstances"], []
    machine, versions = around["machine"], around["versions"]
    parts.append(
        f"Measured on {around['date']}: {machine['cores']} cores ({machine['processor']}), Linux {machine['kernel']}, "
        f"load {machine['load_before']} before it began; Relevo {versions['relevo']}, {versions['chromium']}; "
        f"TigerVNC {versions['tigervnc']}, websockify {versions['websockify']}, noVNC {versions['novnc']}. "
        f"Median of the rounds, of up to {found['keys']} keys each, the peers in turn."
    )
    for line in [line for line in LINES if any(p["line"] == line for p in found["pictures"])]:
        rounds = 1 + max((cell["round"] for cell in found["cells"] if cell["line"] == line), default=0)
        load = [cell["load"] for cell in found["cells"] if cell["line"] == line and "load" in cell]
        busy = f", load {median(load):.0f}" if load else ""
        parts.append(f"### {described(LINES[line])} (rounds: {rounds}{busy})\n\n{_table(found, line)}")
        if processor := _processor(found, line):
            parts.append(processor)
    return "\n\n".join(parts) + "\n"


def _table(found: Found, line: str) -> str:
    wanted = {target.row: target for target in TARGETS if target.line == line}
    out = ["| | Relevo | TigerVNC + noVNC | ratio | wanted |", "|---|---|---|---|---|"]
    for row, by_peer in rows(found, line).items():
        ours, theirs = by_peer.get(OURS), by_peer.get(THEIRS)
        ratio = f"{ours / theirs:.2f}" if ours is not None and theirs else ""
        target, verdict = wanted.get(row), ""
        if target is not None:
            met = None if ours is None else target.met(ours, theirs)
            verdict = target.words() + ("" if met is None else " ✓" if met else " ✗")
        out.append(f"| {row} | {_number(ours)} | {_number(theirs)} | {ratio} | {verdict} |")
    return "\n".join(out)


def _processor(found: Found, line: str) -> str:
    """Seconds of processor per second, by part and work."""
    out = []
    for peer, title in ((OURS, "Relevo"), (THEIRS, "TigerVNC + noVNC")):
        mine = [cell for cell in found["cells"] if (cell["line"], cell["peer"]) == (line, peer)]
        works = [work for work in WORK_NAMES if any(cell["work"] == work for cell in mine)]
        for part in mine[0]["cpu"] if mine else ():
            each = [median(cell["cpu"][part] for cell in mine if cell["work"] == work) for work in works]
            out.append(f"| {title}: {part} | " + " | ".join(f"{100 * used:.0f}" for used in each) + " |")
    if not out:
        return ""
    head = "| processor, % of a core | " + " | ".join(WORK_NAMES[work] for work in works) + " |"
    return "\n".join([head, "|---" * (len(works) + 1) + "|", *out])


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3f}" if value < 2 else f"{value:.1f}"
