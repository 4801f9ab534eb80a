"""The picture of docs/performance.md: from a key press to its pixel, both peers, one bar each, as SVG.  Pure."""

from html import escape
from math import log10

from tests.bench.felt.line import LINES, described
from tests.bench.felt.report import OURS, THEIRS, WORK_NAMES, Found, rows

_LEFT, _BAR, _GAP, _WIDTH = 290, 15, 12, 560
_FROM_MS, _TO_MS = 8.0, 8000.0
_PEERS = ((OURS, "Relevo", "#0e6b6b"), (THEIRS, "TigerVNC + noVNC", "#a8b3bd"))


def svg(found: Found) -> str:
    """Bars end at the median; a thin line goes on to the 95th percentile.  The scale is logarithmic."""
    out, y = [], 34
    for number, (_, name, colour) in enumerate(_PEERS):
        x = _LEFT + 150 * number
        out += [f'<rect x="{x}" y="8" width="12" height="12" fill="{colour}"/>', _text(x + 18, 18, name)]
    for line in LINES:
        table = rows(found, line)
        if not table:
            continue
        out.append(_text(8, y + 12, described(LINES[line]), "font-weight='bold'"))
        y += 22
        for work in WORK_NAMES.values():
            middle, tail = (table.get(f"key → pixel {work}, {p} ms", {}) for p in ("p50", "p95"))
            if not middle:
                continue
            out.append(_text(24, y + _BAR + 4, f"key → pixel {work}"))
            for peer, _, colour in _PEERS:
                if peer in middle:
                    out += _bar(y, middle[peer], tail[peer], colour)
                y += _BAR
            y += _GAP
    size = f'width="{_LEFT + _WIDTH + 120}" height="{y}" viewBox="0 0 {_LEFT + _WIDTH + 120} {y}"'
    style = 'font-family="DejaVu Sans, Verdana, sans-serif" font-size="12" fill="#1b2733"'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style} role="img">',
        "<title>From a key press to its pixel: median and 95th percentile in ms, logarithmic</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>', *out, "</svg>\n",
    ])  # fmt: skip


def _bar(y: int, middle: float, tail: float, colour: str) -> list[str]:
    end, far = _across(middle), _across(tail)
    whisker = max(0.0, far - end)
    return [
        f'<rect x="{_LEFT}" y="{y}" width="{end:.0f}" height="{_BAR - 2}" fill="{colour}"/>',
        f'<rect x="{_LEFT + end:.0f}" y="{y + _BAR // 2 - 2}" width="{whisker:.0f}" height="3" fill="{colour}"/>',
        _text(_LEFT + max(end, far) + 6, y + _BAR - 4, f"{middle:.0f} / {tail:.0f} ms", "font-size='11'"),
    ]


def _across(ms: float) -> float:
    inside = min(max(ms, _FROM_MS), _TO_MS)
    return _WIDTH * log10(inside / _FROM_MS) / log10(_TO_MS / _FROM_MS)


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" {more}>{escape(words)}</text>'
