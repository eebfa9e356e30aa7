"""From a user's arrays to a checked design and outcomes in group order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis_py.mixed import boundaries
from analysis_py.mixed.design import (
    Design,
    as_column,
    as_matrix,
    check_finite,
    check_not_negative,
    make_design,
)
from analysis_py.mixed.kernels import weighted_gram
from analysis_py.mixed.quadrature import FloatArray
from common_py.errors import CinError


@dataclass(frozen=True)
class Counts:
    """Counts `y` (n,) in the order of `design`, and why they cannot be fitted, if so."""

    design: Design
    y: FloatArray
    failure: str

    @property
    def n_events(self) -> float:
        """Sum of the counts."""
        return float(self.y.sum())

    def first_guess(self) -> FloatArray:
        """Scaled coefficients (p,) by least squares, from counts drawn half-way to the mean rate.

        The start of iteratively reweighted least squares (McCullagh and Nelder 1989, 2.5).
        """
        design = self.design
        top = float(design.offset.max())
        share = np.exp(design.offset - top)
        mean = 0.5 * (self.y + share * (self.n_events / float(np.sum(share))))
        kept = mean > 0
        mean = np.where(kept, mean, 1.0)
        work = np.log(mean) + (self.y - mean) / mean - design.offset
        weight = np.where(kept, mean, 0.0)
        gram, pull = weighted_gram(design.x, weight), design.x @ (weight * work)
        if np.all(np.isfinite(gram)) and np.all(np.isfinite(pull)):
            return np.asarray(np.linalg.lstsq(gram, pull, rcond=None)[0])
        beta = np.zeros(design.n_coefs)
        if design.constant >= 0:
            beta[design.constant] = np.log(self.n_events / float(np.sum(share))) - top
        return beta


@dataclass(frozen=True)
class Trials:
    """Successes `y` and `trials` (n,) in the order of `design`, and why they cannot be fitted."""

    design: Design
    y: FloatArray
    trials: FloatArray
    failure: str

    @property
    def n_events(self) -> float:
        """Sum of the successes."""
        return float(self.y.sum())

    def first_guess(self) -> FloatArray:
        """Scaled coefficients (p,) that reproduce the overall share."""
        beta = np.zeros(self.design.n_coefs)
        if self.design.constant >= 0:
            share = self.n_events / float(self.trials.sum())
            beta[self.design.constant] = np.log(share / (1.0 - share))
        return beta


def read_counts(
    endog: npt.ArrayLike,
    exog: npt.ArrayLike,
    groups: npt.ArrayLike,
    exposure: npt.ArrayLike | None,
    offset: npt.ArrayLike | None,
    *,
    exog_names: Sequence[str] | None,
) -> Counts:
    """Check and sort the inputs of a count model; shapes (n,), (n, p), (n,), (n,), (n,).

    Raises
    ------
    CinError
        Naming the column at fault.
    """
    y = as_column(endog, "endog")
    x, names = as_matrix(exog, exog_names, len(y))
    check_not_negative(y, "endog")
    shift = np.zeros(len(y)) if offset is None else as_column(offset, "offset", len(y))
    keep = np.ones(len(y), dtype=bool)
    if exposure is not None:
        size = as_column(exposure, "exposure", len(y))
        shift, keep = _log_exposure(shift, size, y)
    design = make_design(x, names, groups, shift, keep)
    ordered = y[design.row_index]
    return Counts(design, ordered, boundaries.empty(design, float(ordered.sum()), np.inf))


def read_trials(
    successes: npt.ArrayLike,
    exog: npt.ArrayLike,
    groups: npt.ArrayLike,
    trials: npt.ArrayLike | None,
    offset: npt.ArrayLike | None,
    *,
    exog_names: Sequence[str] | None,
) -> Trials:
    """Check and sort the inputs of a binomial model; shapes (n,), (n, p), (n,), (n,), (n,).

    Raises
    ------
    CinError
        Naming the column at fault.
    """
    y = as_column(successes, "successes")
    x, names = as_matrix(exog, exog_names, len(y))
    size = np.ones(len(y)) if trials is None else as_column(trials, "trials", len(y))
    check_not_negative(y, "successes")
    check_not_negative(size, "trials")
    over = int(np.count_nonzero(y > size))
    if over:
        raise CinError(
            f"{over} rows have more successes than trials",
            place="successes",
            remedy="count successes among the trials of the same row",
        )
    shift = np.zeros(len(y)) if offset is None else as_column(offset, "offset", len(y))
    design = make_design(x, names, groups, shift, size > 0)
    y, size = y[design.row_index], size[design.row_index]
    return Trials(design, y, size, boundaries.empty(design, float(y.sum()), float(size.sum())))


def _log_exposure(
    offset: FloatArray, size: FloatArray, y: FloatArray
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    check_not_negative(size, "exposure")
    keep = size > 0
    orphans = int(np.count_nonzero(~keep & (y > 0)))
    if orphans:
        raise CinError(
            f"{orphans} rows have events but no exposure",
            place="exposure",
            remedy="give those rows a denominator, or move their events where one exists",
        )
    log_size = np.log(size, out=np.zeros_like(size), where=keep)
    check_finite(log_size, "exposure")
    return offset + log_size, keep
