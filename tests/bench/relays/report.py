"""The relays' figures as a section of `docs/performance.md`."""

from collections.abc import Mapping

from tests.bench.relays.measure import MANY, Figures
from tests.bench.tables import table

OURS, DIRECT = "Relevo", "none (the two ends directly)"
SIZES = {"128": "128 B", "1024": "1 KiB", "16384": "16 KiB", "64000": "64 KB"}


def section(found: Mapping[str, Figures], missing: Mapping[str, str], where: str) -> str:
    """Markdown.  `missing`: what was not measured, and why; `where`: computer and time."""
    head = (
        f"{where[0].upper()}{where[1:]}. Each relay runs on one core and the load, a program in C, on another. "
        "MB are 1,000,000 bytes of payload; every figure is the median of the rounds."
    )
    parts = [
        head,
        _speed(found, 1, "One pair"),
        _speed(found, MANY, f"{MANY} pairs at once"),
        _patience(found),
    ]
    if missing:
        parts.append("Not measured: " + "; ".join(f"{name}: {why}" for name, why in missing.items()) + ".")
    return "\n\n".join(part for part in parts if part)


def _speed(found: Mapping[str, Figures], pairs: int, title: str) -> str:
    head = [title, *(f"MB/s at {size}" for size in SIZES.values())]
    head += [f"CPU s/GB at {size}" for size in SIZES.values()]
    rows = []
    for name, one in found.items():
        keys = [f"{pairs}x{size}" for size in SIZES]
        speeds = [f"{one.mb_per_s[key]:.0f}{'*' if one.load_busy[key] > 0.9 else ''}" for key in keys]
        costs = [f"{one.cpu_s_per_gb[key]:.2f}" if key in one.cpu_s_per_gb else "–" for key in keys]
        rows.append([_bold(name), *speeds, *costs])
    limited = any("*" in cell for row in rows for cell in row[1:5])
    return table(head, rows) + ("\n\n\\* the load, not the relay, was the limit." if limited else "")


def _patience(found: Mapping[str, Figures]) -> str:
    head = [
        "Delay and memory", "one way, µs p50 / p95", "added to direct, µs p50", "stalled reader: relay grows, MB",
        "… taken from its sender, MB", "ten others' p95, µs: before → beside it", "memory of a silent pair, KiB",
    ]  # fmt: skip
    direct = found.get(DIRECT)
    rows = []
    for name, one in found.items():
        added = f"{one.p50_us - direct.p50_us:.0f}" if direct else "–"
        row = [_bold(name), f"{one.p50_us:.0f} / {one.p95_us:.0f}", added]
        if one is direct:
            row += ["–"] * 4
        else:
            row += [
                f"{one.stalled_mb:.1f}", f"{one.swallowed_mb:.1f}",
                f"{one.others_p95_us:.0f} → {one.beside_stalled_p95_us:.0f}", f"{one.idle_kib:.1f}",
            ]  # fmt: skip
        rows.append(row)
    return table(head, rows)


def _bold(name: str) -> str:
    return f"**{name}**" if name == OURS else name
