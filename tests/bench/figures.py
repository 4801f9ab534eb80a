"""Figures as a person reads them: a median and its company, a Markdown table."""

from collections.abc import Sequence
from statistics import median, quantiles

Row = tuple[str, str]


def milliseconds(seconds: Sequence[float]) -> str:
    """`p50 123 ms (p95 180 ms, 20 runs)`; under 20 runs the slowest in place of the 95th percentile."""
    p50 = f"p50 {median(seconds) * 1e3:.0f} ms"
    if len(seconds) < 20:
        return f"{p50} (slowest {max(seconds) * 1e3:.0f} ms, {len(seconds)} runs)"
    return f"{p50} (p95 {quantiles(seconds, n=20)[-1] * 1e3:.0f} ms, {len(seconds)} runs)"


def table(rows: Sequence[Row]) -> str:
    """Markdown."""
    return "\n".join(["| what | measured |", "|---|---|", *(f"| {what} | {measured} |" for what, measured in rows)])
