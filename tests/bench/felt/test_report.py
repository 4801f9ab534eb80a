"""A run's tables and picture, from observations made by hand."""

from typing import Any

from tests.bench.felt import report
from tests.bench.felt.chart import svg

CIRCUMSTANCES = {
    "date": "2026-11-30",
    "machine": {"cores": 2, "processor": "any", "kernel": "6", "load_before": 0.1},
    "versions": dict.fromkeys(("relevo", "python", "chromium", "tigervnc", "websockify", "novnc"), "1"),
}


def cell(peer: str, work: str, p50: float, number: int, **more: Any) -> dict[str, Any]:
    return {
        "line": "1024", "peer": peer, "work": work, "round": number, "key_p50_ms": p50, "key_p95_ms": 2 * p50,
        "up_kbit": 60.0, "down_kbit": 10.0, "cpu": {"Chromium": 0.5}, **more,
    }  # fmt: skip


def a_run() -> dict[str, Any]:
    moving = {"seen_per_s": 16.0, "age_p50_s": 0.1, "age_p95_s": 0.2}
    cells = [cell("ours", "rest", p50, n) for n, p50 in enumerate((90, 50, 60))]
    cells += [cell("novnc", "rest", 60, 0), cell("novnc", "video", 600, 0, **moving | {"seen_per_s": 2.0})]
    cells.append(cell("ours", "video", 150, 0, **moving))
    pictures = [{"peer": peer, "line": "1024", "first_picture_s": 1.25} for peer in ("ours", "novnc")]
    change = {"line": "1024", "ssim_1s": 0.99, "ssim_3s": 1.0, "wrong_pixels_3s": 3, "kbytes": 200.0}
    changes = [change | {"peer": "ours"}]
    return {
        "circumstances": CIRCUMSTANCES, "rounds": 3, "keys": 17, "cells": cells, "pictures": pictures,
        "changes": changes,
    }  # fmt: skip


def test_a_row_is_the_median_of_the_rounds_beside_the_peer_with_ratio_and_target() -> None:
    text = report.markdown(a_run())
    assert "| key → pixel at rest, p50 ms | 60 | 60 | 1.00 | ≤ 1× ✓ |" in text
    assert "| key → pixel while a video plays, p50 ms | 150 | 600 | 0.25 | ≤ 0.2× ✗ |" in text
    assert "| pictures/s while a video plays | 16 | 2 | 8.00 | ≥ 15 ✓ |" in text
    assert "| new page of text: wrong pixels after 3 s | 3 |  |  | ≤ 0 ✗ |" in text
    assert "| first whole picture, s | 1.250 | 1.250 | 1.00 | ≤ 1.5 ✓ |" in text
    assert "1024 kbit/s + 40 ms" in text
    assert "### 256" not in text, "a line that was not measured"


def test_every_target_names_a_row_that_a_whole_run_has() -> None:
    found = a_run()
    whole = [cell(p, w, 60, 0, seen_per_s=1.0, age_p50_s=1.0, age_p95_s=1.0) for p in ("ours", "novnc")
             for w in report.WORK_NAMES]  # fmt: skip
    found["cells"] = whole
    known = report.rows(found, "1024")
    assert {target.row for target in report.TARGETS} <= set(known)


def test_the_picture_has_a_bar_for_each_peer_and_is_whole() -> None:
    picture = svg(a_run())
    assert picture.count("key → pixel") == 2
    assert "60 / 120 ms" in picture
    assert picture.rstrip().endswith("</svg>")
