"""What moving pictures cost and how they look, at four lines: the table of docs/decisions/0052-which-video.md.

    python -m tests.bench.encoders [kind …]

CPU time of the whole process, so other work on the computer hardly counts.  Every picture is the same at every run.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from statistics import median, quantiles
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from client_agent.capture.base import Pixels
from client_agent.encode.colour import Rectangle
from client_agent.encode.video import MOMENT, VideoEncoder

WIDTH, HEIGHT = 1920, 1072
LINES = ((256, 10), (1024, 20), (4096, 20), (8192, 20))
"""kbit/s and pictures a second."""
SHARE = 0.8
"""Of the line, for moving pictures."""
PICTURES = 60
SCROLLED, DRAGGED, FILM = (464, 192, 992, 688), (600, 400), (640, 352, 640, 368)
STEP = 54
"""Pixels that a text is scrolled by: three lines."""
WORDS = (
    "customer",
    "sees",
    "what",
    "a",
    "technician",
    "does",
    "and",
    "may",
    "end",
    "it",
    "session",
    "paid",
    "by",
    "log",
)
BRIGHT = ((255, 85, 85), (80, 250, 123), (241, 250, 140), (139, 233, 253), (189, 147, 249), (248, 248, 242))

Grey = NDArray[np.float32]
Step = tuple[Pixels, list[Rectangle], Rectangle]
"""The desktop, what changed, and where to judge it."""


def page(width: int, height: int, seed: int, dark: bool = False) -> Pixels:
    """Text: black and blue on white, or coloured on black."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (width, height), (12, 14, 20) if dark else "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    for number, y in enumerate(range(2, height, 18)):
        x = 8.0
        while x < width:
            words = " ".join(WORDS[one] for one in random.integers(0, len(WORDS), 4)) + " "
            plain = (20, 20, 20) if number % 7 else (0, 70, 200)
            draw.text((x, y), words, font=font, fill=BRIGHT[int(random.integers(6))] if dark else plain)
            x += draw.textlength(words, font=font)
    return np.ascontiguousarray(np.asarray(image.convert("RGBA"))[..., [2, 1, 0, 3]])


def desktop() -> Pixels:
    """A coloured background with two windows of text."""
    picture = np.empty((HEIGHT, WIDTH, 4), np.uint8)
    picture[:] = (120, 90, 40, 0)
    picture[40:900, 480:1760] = page(1280, 860, 7)
    picture[360:900, 20:500] = page(480, 540, 8, dark=True)
    return picture


def scroll(dark: bool = False) -> Iterator[Step]:
    x, y, w, h = SCROLLED
    shown, text = desktop(), page(w, h + STEP * PICTURES, 3, dark)
    for number in range(PICTURES):
        shown[y : y + h, x : x + w] = text[number * STEP : number * STEP + h]
        yield shown, [SCROLLED], SCROLLED


def terminal() -> Iterator[Step]:
    return scroll(dark=True)


def drag() -> Iterator[Step]:
    below, window = desktop(), page(*DRAGGED, 5)
    window[:24] = (150, 80, 30, 0)
    before: Rectangle | None = None
    for number in range(PICTURES):
        turn = number / PICTURES * 9.4
        x, y = int(660 * (1 + 0.8 * np.cos(turn))), int(336 * (1 + 0.8 * np.sin(turn * 1.3)))
        shown, place = below.copy(), (x, y, *DRAGGED)
        shown[y : y + DRAGGED[1], x : x + DRAGGED[0]] = window
        yield shown, [before or place, place], place
        before = place


def film() -> Iterator[Step]:
    x, y, w, h = FILM
    shown, random = desktop(), np.random.default_rng(4)
    down, right = np.mgrid[0:h, 0:w]
    for number in range(PICTURES):
        waves = [np.sin((right + number * 4) / 90), np.sin((down - number * 3) / 70), np.cos((right + down) / 110)]
        picture = 120 + 70 * np.stack(waves, -1) + random.normal(0, 3, (h, w, 3))
        for ball in range(4):
            away = (right - 320 - 220 * np.cos(number / 15 + ball)) ** 2 + (down - 180 - 120 * np.sin(number / 12)) ** 2
            picture[away < (30 + 12 * ball) ** 2] = (40 + 50 * ball, 200 - 40 * ball, 80 + 30 * ball)
        shown[y : y + h, x : x + w, :3] = np.clip(picture, 0, 255)
        yield shown, [FILM], FILM


KINDS: dict[str, Callable[[], Iterator[Step]]] = {"scroll": scroll, "terminal": terminal, "drag": drag, "film": film}


def measure(kind: str, region: Rectangle, kbit: int, fps: int) -> str:
    """One row of the table."""
    left, top, width, height = region
    largest = int(kbit * 1000 / 8 * MOMENT)
    encoder = VideoEncoder("h264", width, height, int(kbit * SHARE), fps, largest)
    decoder: Any = av.CodecContext.create("h264", "r")
    decoder.flags |= av.codec.context.Flags.low_delay
    took, sizes, likeness, whole = [], [], [], None
    for number, (desk, dirty, (x, y, w, h)) in enumerate(KINDS[kind]()):
        shown = desk[top : top + height, left : left + width]
        began = time.process_time()
        coded = encoder.encode(shown, [(a - left, b - top, c, d) for a, b, c, d in dirty])
        took.append((time.process_time() - began) * 1000)
        sizes.append(len(coded.data))
        frame = decoder.decode(av.Packet(coded.data))[0]
        if coded.rows == height:
            whole = number if whole is None else whole
            if number % 3 == 2:
                seen = frame.to_ndarray(format="gray", src_color_range="JPEG", dst_color_range="JPEG")
                part = np.s_[y - top : y - top + h, x - left : x - left + w]
                likeness.append(ssim(luma(shown[part]), seen[part].astype(np.float32)))
    flow = sum(sizes) * 8 * fps / PICTURES / 1000
    return (
        f"| {kind} {width}×{height} | {kbit} | {median(took):.1f} / {quantiles(took, n=20)[-1]:.1f} "
        f"| {sizes[0] / 1024:.1f}, whole after {(whole or 0) / fps:.1f} s "
        f"| {median(sizes) / 1024:.1f} / {quantiles(sizes, n=20)[-1] / 1024:.1f} / {max(sizes) / 1024:.1f} "
        f"| {max(sizes) / largest:.2f} | {flow:.0f} | {np.mean(likeness[:4]):.3f} / {np.mean(likeness[-6:]):.3f} |"
    )


def luma(pixels: Pixels) -> Grey:
    weights = np.array([0.0722, 0.7152, 0.2126], np.float32)
    grey: Grey = pixels[..., :3].astype(np.float32) @ weights
    return grey


def ssim(one: Grey, other: Grey) -> float:
    """Wang et al. 2004, mean over blocks of 8 × 8 side by side."""

    def blocks(grey: Grey) -> Grey:
        height, width = grey.shape[0] // 8, grey.shape[1] // 8
        cut = grey[: height * 8, : width * 8].reshape(height, 8, width, 8)
        return cut.transpose(0, 2, 1, 3).reshape(-1, 64)

    a, b = blocks(one), blocks(other)
    mean_a, mean_b = a.mean(1), b.mean(1)
    together = (a * b).mean(1) - mean_a * mean_b
    small, less = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    alike = (2 * mean_a * mean_b + small) * (2 * together + less)
    return float((alike / ((mean_a**2 + mean_b**2 + small) * (a.var(1) + b.var(1) + less))).mean())


def rows(kinds: Iterable[str] = KINDS) -> Iterator[str]:
    """The table, line by line as it is measured."""
    yield (
        "| what moves, region | line kbit/s | CPU ms p50 / p95 | first KiB | KiB p50 / p95 / max | max / limit "
        "| kbit/s | SSIM begin / end |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for kind in kinds:
        region = {"film": FILM, "drag": (96, 48, 1728, 944)}.get(kind, SCROLLED)
        for kbit, fps in LINES:
            yield measure(kind, region, kbit, fps)
    yield measure("scroll", (0, 0, WIDTH, HEIGHT), 1024, 20)


if __name__ == "__main__":
    for row in rows(sys.argv[1:] or KINDS):
        print(row, flush=True)
