"""Figures as a person reads them: a median, a spread, a Markdown table."""

from collections.abc import Sequence
from statistics import median, quantiles

Row = tuple[str, str]


def milliseconds(seconds: Sequence[float]) -> str:
    """`p50 123 ms (p95 180 ms, 20 runs)`; under 20 runs the slowest in place of the 95th percentile."""
    p50 = f"p50 {median(seconds) * 1e3:.0f} ms"
    if len(seconds) < 20:
        return f"{p50} (slowest {max(seconds) * 1e3:.0f} ms, {len(seconds)} runs)"
    return f"{p50} (p95 {quantiles(seconds, n=20)[-1] * 1e3:.0f} ms, {len(seconds)} runs)"


def spread(seconds: Sequence[float]) -> str:
    """`500.4 … 503.1 ms, p50 501.0 (30 replies)`: what someone who measures replies could tell apart."""
    return (
        f"{min(seconds) * 1e3:.1f} … {max(seconds) * 1e3:.1f} ms, p50 {median(seconds) * 1e3:.1f} "
        f"({len(seconds)} replies)"
    )


def table(rows: Sequence[Row]) -> str:
    """Markdown."""
    return "\n".join(["| what | measured |", "|---|---|", *(f"| {what} | {measured} |" for what, measured in rows)])
