"""Rounding of counts, and what a rounded count still says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


def rounded(counts: Whole | Sequence[int], base: int) -> Whole:
    """Return counts rounded to the nearest multiple of `base`, halves upwards."""
    return base * ((2 * np.asarray(counts, dtype=np.int64) + base) // (2 * base))


def rounded_from(shown: Whole, base: int, least: int) -> tuple[Whole, Whole]:
    """Return the smallest and the largest count behind each rounded one.

    Parameters
    ----------
    shown
        Rounded counts, shape (n,).
    base
        What they are rounded to.
    least
        The least count above zero that is shown: a count of 1 to `least` less one is hidden
        and a zero is shown as it is, so a rounded count above zero is at least `least`.
    """
    low = np.maximum(shown - base // 2, least)
    high = shown + (base - 1) // 2
    return np.where(shown == 0, 0, low), np.where(shown == 0, 0, high)
