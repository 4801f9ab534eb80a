"""How like the desktop a picture of it is.  Pure."""

from typing import Any

import numpy as np

from tests.bench.felt.workloads.window import type_pixels

Luma = np.ndarray[Any, np.dtype[np.float64]]
_WINDOW = 7
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def luma(pixels: type_pixels) -> Luma:
    """Brightness 0–255 of RGB pixels, by ITU-R BT.601."""
    grey: Luma = pixels[..., :3].astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    return grey


def ssim(one: Luma, other: Luma) -> float:
    """Mean structural similarity (Wang et al., IEEE TIP 13(4), 2004) over windows of 7×7, with sample covariances.

    1.0: the same; text stays readable above about 0.98.
    """
    count = _WINDOW * _WINDOW
    mean_1, mean_2 = _means(one), _means(other)
    spread = count / (count - 1)
    var_1 = spread * (_means(one * one) - mean_1 * mean_1)
    var_2 = spread * (_means(other * other) - mean_2 * mean_2)
    both = spread * (_means(one * other) - mean_1 * mean_2)
    like = (2 * mean_1 * mean_2 + _C1) * (2 * both + _C2)
    return float(np.mean(like / ((mean_1**2 + mean_2**2 + _C1) * (var_1 + var_2 + _C2))))


def _means(picture: Luma) -> Luma:
    """Of every window that lies inside."""
    sums = np.pad(picture, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    n = _WINDOW
    means: Luma = (sums[n:, n:] - sums[:-n, n:] - sums[n:, :-n] + sums[:-n, :-n]) / (n * n)
    return means
