"""Random-intercept-and-slope Poisson and binomial models (statistics, section 3: sensitivity)."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np
import numpy.typing as npt

from analysis_py.mixed import boundaries
from analysis_py.mixed.base import RandomIntercept, Shape
from analysis_py.mixed.inputs import Counts, Trials, read_counts, read_trials
from analysis_py.mixed.models import BinomialMixed, PoissonMixed
from analysis_py.mixed.quadrature import FloatArray, gauss_hermite, silent_overflow
from analysis_py.mixed.quasi import SmoothOptimum, climb
from analysis_py.mixed.results import MixedResults
from analysis_py.mixed.rows import BinomialRows, PoissonRows, RowFamily
from analysis_py.mixed.slope import lower, slope_value, slope_values
from analysis_py.mixed.slope_sums import slope_rows
from analysis_py.mixed.variants import PlainStart, delta, plain_start
from common_py.errors import CinError

_NAMES = ("group_sd", "slope_sd", "correlation")

#: Standard deviations below this, on the scale of the standardised column, are zero.
ZERO_SD = 1e-4


#: Rows, or cells of rows, of several points that are summed at once.
_AT_ONCE = 20_000


class RandomSlope:
    """The same effects as `PoissonMixed`, and the coefficient of one column varies by group.

    `log E[y_i] = … + u_j + w_j z_i`, (u_j, w_j) bivariate normal. `variance_params` are the
    standard deviations of u and w and their correlation.
    """

    _plain: RandomIntercept

    def __init__(
        self, data: Counts | Trials, family: str, rows: RowFamily, z: FloatArray, n_points: int
    ) -> None:
        self._data = data
        self._rule = gauss_hermite(n_points)
        self._shape = Shape(family, data.design, data.n_events, n_points, _NAMES)
        self._failure = data.failure
        if data.failure:
            return
        mean, size = float(np.mean(z)), float(np.std(z))
        if size <= 1e-12 * abs(mean) or size == 0.0:
            raise CinError(
                "the column is constant: its slope cannot vary",
                place="slope",
                remedy="choose a column that varies within groups",
            )
        self._to_user = np.array([[1.0, -mean / size], [0.0, 1.0 / size]])
        self._rows = slope_rows(data.design, rows, (z - mean) / size)
        self._modes = np.zeros((2, data.design.n_groups))

    def loglike(
        self, params: npt.ArrayLike, group_sd: float, slope_sd: float, correlation: float
    ) -> float:
        """Return the marginal log-likelihood at values on the user's scale."""
        boundaries.refuse(self._failure)
        rest = np.sqrt(max(1.0 - correlation**2, 0.0))
        user = np.array([[group_sd, 0.0], [slope_sd * correlation, slope_sd * rest]])
        # A lower factor of M Mᵀ is Rᵀ of Mᵀ = Q R, also where M is singular.
        upper = np.asarray(np.linalg.qr((np.linalg.inv(self._to_user) @ user).T, mode="r"))
        factor = upper.T
        beta = self._shape.design.from_user(np.asarray(params, dtype=np.float64))
        theta = np.concatenate([beta, [factor[0, 0], factor[1, 0], factor[1, 1]]])
        start = np.zeros_like(self._modes)
        with silent_overflow():
            return slope_value(self._rows, self._rule, theta, start).value

    def fit(self) -> MixedResults:
        """Fit by maximum likelihood, starting from the random-intercept model."""
        if self._failure:
            return self._shape.failed(self._failure)
        with silent_overflow():
            start = plain_start(self._plain, self._shape.design)
            if not start.results.converged:
                return self._shape.failed(start.results.reason)
            best = self._climb(start)
            if not best.converged:
                return self._shape.failed(best.reason, start.results.llf)
            return self._succeeded(best, start)

    def _objective(self, theta: FloatArray) -> tuple[float, FloatArray]:
        found = slope_value(self._rows, self._rule, theta, self._modes)
        if np.isfinite(found.value):
            self._modes = found.modes
        return found.value, found.gradient

    def _gradients(self, thetas: FloatArray) -> FloatArray:
        """Return the gradients (n, d) at thetas (n, d), as many at once as rows fit in a cache."""
        size = max(1, _AT_ONCE // self._rows.n_summed)
        found = [
            slope_values(self._rows, self._rule, some, np.tile(self._modes, len(some))).gradient
            for some in np.split(thetas, range(size, len(thetas), size))
        ]
        return np.concatenate(found)

    def _climb(self, start: PlainStart) -> SmoothOptimum:
        self._modes = np.stack([start.modes, np.zeros(len(start.modes))])
        slope_sd = 0.2 * start.sd
        theta = np.concatenate([start.theta[:-1], [start.sd, 0.0, slope_sd]])
        typical = 0.5 * slope_sd
        scale = start.extended(np.array([typical, typical]))
        best = climb(self._objective, theta, scale, self._gradients)
        if best.converged:
            return best
        # Where the intercepts' variance is zero, l21 and l22 are told apart by their squares'
        # sum alone: a saddle, which a start with a strong correlation of either sign avoids.
        found = [best]
        for sign in (1.0, -1.0):
            size = max(float(np.hypot(*best.theta[-2:])), start.sd)
            near = [start.sd, 0.9 * sign * size, 0.4 * size]
            again = np.concatenate([best.theta[:-3], near])
            found.append(climb(self._objective, again, scale, self._gradients))
        return max(found, key=lambda end: (end.converged, end.value))

    def _reported(self, factor_params: FloatArray) -> FloatArray:
        factor = self._to_user @ lower(factor_params)
        cov = factor @ factor.T
        sd = np.sqrt(np.diag(cov))
        return np.array([sd[0], sd[1], cov[0, 1] / (sd[0] * sd[1])])

    def _succeeded(self, best: SmoothOptimum, start: PlainStart) -> MixedResults:
        design, factor = self._shape.design, lower(best.theta)
        at = slope_value(self._rows, self._rule, best.theta, self._modes)
        extras = best.theta[-3:]
        steps = 1e-6 * np.maximum(np.abs(extras), 1e-3)
        columns = [
            (self._reported(extras + step) - self._reported(extras - step)) / (2 * step.sum())
            for step in np.diag(steps)
        ]
        cov_full = delta(np.stack(columns, axis=1), best.hessian, design, 3)
        variance, reason = _at_edges(self._reported(extras), factor)
        held = ~(variance != 0) | (np.arange(3) == 2) if reason else np.zeros(3, dtype=bool)
        for c in np.flatnonzero(held) + design.n_coefs:
            cov_full[c, :], cov_full[:, c] = np.nan, np.nan
        spread = self._to_user @ factor
        effects = spread @ at.modes
        curvature = at.curvature[[0, 1, 1, 2]].T.reshape(-1, 2, 2)
        variances = spread @ np.linalg.inv(curvature) @ spread.T
        errors = np.sqrt(np.diagonal(variances, axis1=1, axis2=2)).T
        return self._shape.result(
            params=design.to_user(best.theta[:-3]),
            variance=variance,
            cov_full=cov_full,
            llf=best.value,
            llf_null=start.results.llf,
            effects=(effects[0], errors[0]),
            slopes=(effects[1], errors[1]),
            reason=reason,
            boundary=bool(reason),
            n_iter=best.n_iter,
            null_df=1,
        )


def _at_edges(variance: FloatArray, factor: FloatArray) -> tuple[FloatArray, str]:
    """Return (group_sd, slope_sd, correlation) with zeros where they are zero, and what to know."""
    no_slope = bool(np.hypot(factor[1, 0], factor[1, 1]) < ZERO_SD)
    if no_slope and abs(factor[0, 0]) < ZERO_SD:
        return np.array([0.0, 0.0, np.nan]), boundaries.ZERO_VARIANCE
    if no_slope:
        return np.array([variance[0], 0.0, np.nan]), boundaries.ZERO_SLOPE_SD
    # Not a number where the intercepts have no variance at all.
    perfect = not 1.0 - abs(float(variance[2])) >= 1e-6
    return variance, boundaries.PERFECT_CORRELATION if perfect else ""


class PoissonRandomSlope(RandomSlope):
    """`RandomSlope` for counts; inputs as `PoissonMixed`, and `slope` names a column."""

    def __init__(
        self,
        endog: npt.ArrayLike,
        exog: npt.ArrayLike,
        groups: npt.ArrayLike,
        exposure: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        *,
        slope: str | int,
        exog_names: Sequence[str] | None = None,
        n_points: int = 7,
    ) -> None:
        data = read_counts(endog, exog, groups, exposure, offset, exog_names=exog_names)
        z = slope_column(exog, data.design.names, slope)[data.design.row_index]
        super().__init__(data, "poisson, random slope", PoissonRows(data.y), z, n_points)
        self._plain = PoissonMixed.of(data, n_points)


class BinomialRandomSlope(RandomSlope):
    """`RandomSlope` for trials; inputs as `BinomialMixed`, and `slope` names a column."""

    def __init__(
        self,
        successes: npt.ArrayLike,
        exog: npt.ArrayLike,
        groups: npt.ArrayLike,
        trials: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        *,
        slope: str | int,
        exog_names: Sequence[str] | None = None,
        n_points: int = 7,
    ) -> None:
        data = read_trials(successes, exog, groups, trials, offset, exog_names=exog_names)
        z = slope_column(exog, data.design.names, slope)[data.design.row_index]
        rows = BinomialRows(data.y, data.trials)
        super().__init__(data, "binomial, random slope", rows, z, n_points)
        self._plain = BinomialMixed.of(data, n_points)


def slope_column(exog: npt.ArrayLike, names: tuple[str, ...], slope: str | int) -> FloatArray:
    """Return the column (n,) that `slope` names.

    Raises
    ------
    CinError
        If there is no such column.
    """
    matrix = np.asarray(exog, dtype=np.float64)
    index = names.index(slope) if isinstance(slope, str) and slope in names else slope
    if not isinstance(index, Integral) or not 0 <= index < len(names):
        raise CinError(
            f"no column {slope!r}", place="slope", remedy="use one of " + ", ".join(names)
        )
    return matrix.reshape(len(matrix), -1)[:, int(index)]
