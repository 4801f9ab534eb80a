"""The relays' figures as a section of `docs/performance.md`."""

from collections.abc import Mapping

from tests.bench.relays.measure import MANY, Figures
from tests.bench.tables import table

OURS, DIRECT, HAPROXY, MESHCENTRAL = "Relevo", "none (the two ends directly)", "HAProxy (TCP)", "MeshCentral"
SPEEDS = (("16384", MESHCENTRAL, 4), ("16384", HAPROXY, 1), ("1024", MESHCENTRAL, 8), ("1024", HAPROXY, 0.5))
"""Sizes, whom ours is compared with, and how many times as fast it is to be at least."""
DELAY_US, STALLED_MB, NOISE = 40, 4, 1.25
FULL, IDLE = 0.9, 0.6
"""Share of a core from which on it was the limit, and below which it was not."""
NOTES = {
    "*": "\\* the load, not the relay, was the limit.",
    "†": "† neither was at its limit: the computer had other work, and the CPU time is the better figure.",
}
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
        _wanted(found),
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
        speeds = [f"{one.mb_per_s[key]:.0f}{_mark(one, key)}" for key in keys]
        costs = [f"{one.cpu_s_per_gb[key]:.2f}" if key in one.cpu_s_per_gb else "–" for key in keys]
        rows.append([_bold(name), *speeds, *costs])
    used = [note for mark, note in NOTES.items() if any(mark in cell for row in rows for cell in row[1:])]
    return "\n\n".join([table(head, rows), *used])


def _mark(one: Figures, key: str) -> str:
    """What a speed is to be read with."""
    if one.load_busy[key] > FULL:
        return "*"
    relay_busy = one.mb_per_s[key] * one.cpu_s_per_gb.get(key, 1.0) / 1000
    return "†" if key in one.cpu_s_per_gb and relay_busy < IDLE else ""


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


def _wanted(found: Mapping[str, Figures]) -> str:
    """What was asked of our relay, as far as those that it is compared with were measured."""
    if (ours := found.get(OURS)) is None:
        return ""
    haproxy, rows = found.get(HAPROXY), []
    for size, name, least in SPEEDS:
        if (other := found.get(name)) is not None:
            key = f"1x{size}"
            times = ours.mb_per_s[key] / other.mb_per_s[key]
            rows.append(
                (f"one pair, {SIZES[size]}: MB/s beside {name}", f"{times:.2f}×", f"≥ {least:g}×", times >= least)
            )
    if haproxy is not None:
        more = ours.p50_us - haproxy.p50_us
        rows.append(("one way beside HAProxy, p50", f"{more:+.0f} µs", f"≤ +{DELAY_US} µs", more <= DELAY_US))
    rows.append(
        ("growth by a stalled reader", f"{ours.stalled_mb:.1f} MB", f"≤ {STALLED_MB} MB", ours.stalled_mb <= STALLED_MB)
    )
    if ours.others_p95_us:
        times = ours.beside_stalled_p95_us / ours.others_p95_us
        rows.append(("others' p95 beside a stalled reader", f"{times:.2f}×", f"≤ {NOISE}× (noise)", times <= NOISE))
    return table(["Relevo", "measured", "wanted", ""], [(*row[:3], "yes" if row[3] else "**no**") for row in rows])


def _bold(name: str) -> str:
    return f"**{name}**" if name == OURS else name
