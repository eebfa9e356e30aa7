"""Three-level Poisson: effects of subgroups (MSOAs, or single rows) within groups (LAs).

The outer nodes are placed by the *profile* over subgroup effects, so that one point of each rule
is exactly the joint Laplace approximation of lme4 and glmmTMB, and more points converge to the
integral. Gradients are exact, the Hessian is differenced from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from analysis_py.mixed import boundaries
from analysis_py.mixed.base import Shape
from analysis_py.mixed.design import group_codes
from analysis_py.mixed.inner import Profile, inner_integral, profile
from analysis_py.mixed.inputs import Counts, read_counts
from analysis_py.mixed.models import PoissonMixed
from analysis_py.mixed.quadrature import (
    FloatArray,
    IntArray,
    find_modes,
    gauss_hermite,
    log_sum_exp,
    silent_overflow,
)
from analysis_py.mixed.quasi import SmoothOptimum, climb
from analysis_py.mixed.results import MixedResults
from analysis_py.mixed.variants import PlainStart, delta, plain_start
from common_py.errors import CinError

#: Standard deviations below this, and no better than the simpler model, are zero.
ZERO_SD = 1e-4


@dataclass(frozen=True)
class _Units:
    """Subgroups in group order: totals `y` (M,), first unit of each group, rows' order."""

    order: IntArray
    row_starts: IntArray
    group_starts: IntArray
    group_of: IntArray
    y: FloatArray

    def rows(self, values: FloatArray) -> FloatArray:
        """Add rows (…, n) within subgroups, giving (…, M)."""
        return np.add.reduceat(values[..., self.order], self.row_starts, axis=-1)

    def groups(self, values: FloatArray) -> FloatArray:
        """Add subgroups (…, M) within groups, giving (…, J)."""
        return np.add.reduceat(values, self.group_starts, axis=-1)


def _units(data: Counts, subgroups: npt.ArrayLike | None, n_rows: int) -> _Units:
    design = data.design
    if subgroups is None:
        codes: IntArray = np.arange(design.n_rows, dtype=np.intp)
    else:
        codes = group_codes(subgroups, n_rows, "subgroups")[0][design.row_index]
    order = np.lexsort((codes, design.group_of)).astype(np.intp)
    sorted_codes, sorted_groups = codes[order], design.group_of[order]
    new = np.concatenate(([True], (np.diff(sorted_codes) != 0) | (np.diff(sorted_groups) != 0)))
    row_starts = np.flatnonzero(new).astype(np.intp)
    group_of = sorted_groups[row_starts]
    group_starts = np.flatnonzero(np.concatenate(([True], np.diff(group_of) > 0)))
    y = np.add.reduceat(data.y[order], row_starts)
    return _Units(order, row_starts, group_starts.astype(np.intp), group_of, y)


@dataclass(frozen=True)
class _Value:
    value: float
    gradient: FloatArray
    modes: FloatArray
    curvature: FloatArray
    w: FloatArray


class NestedPoissonMixed:
    """Poisson counts with random intercepts for groups and for subgroups within them.

    `log E[y] = … + u_j + w_k`, u ~ N(0, s²), w ~ N(0, σ²). Inputs are those of `PoissonMixed` and

    Parameters
    ----------
    subgroups
        Labels (n,), taken as nested: the same label in two groups is two subgroups. None makes
        every row its own subgroup (observation-level lognormal).
    n_points
        Quadrature points of both integrals; 1 is the joint Laplace approximation.

    `variance_params` are (group_sd, subgroup_sd), or (group_sd, row_sd).
    """

    def __init__(
        self,
        endog: npt.ArrayLike,
        exog: npt.ArrayLike,
        groups: npt.ArrayLike,
        exposure: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        *,
        subgroups: npt.ArrayLike | None,
        exog_names: Sequence[str] | None = None,
        n_points: int = 7,
    ) -> None:
        data = read_counts(endog, exog, groups, exposure, offset, exog_names=exog_names)
        self._data, self._rule = data, gauss_hermite(n_points)
        by_row = subgroups is None
        self._shape = Shape(
            "poisson-lognormal" if by_row else "three-level poisson",
            data.design,
            data.n_events,
            n_points,
            ("group_sd", "row_sd" if by_row else "subgroup_sd"),
        )
        if data.failure:
            return
        self._units = _units(data, subgroups, len(np.asarray(endog)))
        self._modes = np.zeros(data.design.n_groups)
        self._w = np.zeros(len(self._units.y))
        self._log_factorials = float(np.sum(gammaln(data.y + 1.0)))
        if len(self._units.y) == data.design.n_groups:
            raise CinError(
                "every group is one subgroup, so that the two levels are the same",
                place="subgroups",
                remedy="fit PoissonMixed, or give labels of a finer level",
            )

    def loglike(self, params: npt.ArrayLike, group_sd: float, subgroup_sd: float) -> float:
        """Return the marginal log-likelihood at values on the user's scale."""
        boundaries.refuse(self._data.failure)
        beta = self._shape.design.from_user(np.asarray(params, dtype=np.float64))
        with silent_overflow():
            return self._value(np.concatenate([beta, [group_sd, subgroup_sd]])).value

    def fit(self) -> MixedResults:
        """Fit by maximum likelihood, starting from the two-level model."""
        if self._data.failure:
            return self._shape.failed(self._data.failure)
        with silent_overflow():
            plain = PoissonMixed.of(self._data, self._shape.n_points)
            start = plain_start(plain, self._shape.design)
            if not start.results.converged:
                return self._shape.failed(start.results.reason)
            best = self._climb(start)
            if not best.converged:
                return self._shape.failed(best.reason, start.results.llf)
            return self._succeeded(best, start)

    def _climb(self, start: PlainStart) -> SmoothOptimum:
        def objective(theta: FloatArray) -> tuple[float, FloatArray]:
            found = self._value(theta)
            if np.isfinite(found.value):
                self._modes, self._w = found.modes, found.w
            return found.value, found.gradient

        self._modes = start.modes
        theta = np.concatenate([start.theta[:-1], [start.sd, 0.1]])
        return climb(objective, theta, start.extended(np.array([0.02])))

    def _value(self, theta: FloatArray) -> _Value:
        units, design, rule = self._units, self._shape.design, self._rule
        s, sigma = float(theta[-2]), float(theta[-1])
        eta = theta[:-2] @ design.x + design.offset
        mu = np.exp(eta)
        total = units.rows(mu)
        lam, lam_by = np.log(total), units.rows(design.x * mu) / total
        v, at = self._modes_of(lam, s, sigma)
        if not (np.all(np.isfinite(v)) and np.all(np.isfinite(at.w))):
            nan = np.full(len(theta), np.nan)
            return _Value(-np.inf, nan, self._modes, self._modes, self._w)
        tau, dv, dtau = self._placement(lam_by, s, sigma, v, at=at)
        spread = tau**-0.5
        terms, slopes = [], []
        for node, log_weight in zip(rule.nodes, rule.log_weights, strict=True):
            outer = v + node * spread
            shifted = lam + s * outer[units.group_of]
            here = at if node == 0.0 else profile(units.y, shifted, sigma, at.w)
            found = inner_integral(rule, units.y, shifted, sigma, here)
            sums = units.groups(found.by_lam)
            own = np.vstack(
                [
                    units.groups(found.by_lam * lam_by),
                    outer * sums,
                    units.groups(found.by_sigma),
                ]
            )
            moved = (s * sums - outer) * (dv - 0.5 * node * spread**3 * dtau)
            slopes.append(own + moved)
            terms.append(units.groups(found.value) - 0.5 * outer**2 + log_weight)
        stacked = np.stack(terms)
        log_sum = log_sum_exp(stacked)
        weight = np.exp(stacked - log_sum)
        gradient = np.sum(weight[:, None, :] * np.stack(slopes), axis=0) - 0.5 * dtau / tau
        level = float(np.sum(log_sum - 0.5 * np.log(tau))) + self._constant(eta, lam)
        # The constant holds Σ y eta - Σ Y λ, whose gradient in β is Σ y x - Σ Y λ_β.
        gradient_beta = design.x @ self._data.y - lam_by @ units.y
        out = gradient.sum(axis=1)
        out[:-2] += gradient_beta
        return _Value(level, out, v, tau, at.w)

    def _constant(self, eta: FloatArray, lam: FloatArray) -> float:
        """Return what the rows' densities hold beyond those of the subgroup totals."""
        y = self._data.y
        return float(y @ eta - self._units.y @ lam) - self._log_factorials

    def _modes_of(self, lam: FloatArray, s: float, sigma: float) -> tuple[FloatArray, Profile]:
        units = self._units
        last = [self._w]

        def slope(v: FloatArray) -> tuple[FloatArray, FloatArray]:
            at = profile(units.y, lam + s * v[units.group_of], sigma, last[0])
            last[0] = at.w
            rest, bend = units.groups(units.y - at.m), units.groups(at.m / at.tau)
            return s * rest - v, -1.0 - s * s * bend

        v = find_modes(slope, self._modes)
        return v, profile(units.y, lam + s * v[units.group_of], sigma, last[0])

    def _placement(
        self, lam_by: FloatArray, s: float, sigma: float, v: FloatArray, *, at: Profile
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return τ (J,) of the profile and the derivatives of v̂ and τ, both (d, J)."""
        units = self._units
        bend = at.m / at.tau
        bend_lam = at.m / at.tau**3
        m_sigma = at.by_sigma(sigma, units.y)
        bend_sigma = (m_sigma - 2.0 * sigma * at.m**2) / at.tau**2
        q, q_lam = units.groups(bend), units.groups(bend_lam)
        tau = 1.0 + s * s * q
        rest = units.groups(units.y - at.m)
        slope_by = np.vstack(
            [-s * units.groups(bend * lam_by), rest - s * v * q, -s * units.groups(m_sigma)]
        )
        dv = slope_by / tau
        bent_by = np.vstack(
            [
                s * s * units.groups(bend_lam * lam_by),
                2.0 * s * q + s * s * v * q_lam,
                s * s * units.groups(bend_sigma),
            ]
        )
        return tau, dv, bent_by + s**3 * q_lam * dv

    def _succeeded(self, best: SmoothOptimum, start: PlainStart) -> MixedResults:
        design = self._shape.design
        s, sigma = float(best.theta[-2]), float(best.theta[-1])
        at = self._value(best.theta)
        jacobian = np.diag([1.0 if s >= 0 else -1.0, 1.0 if sigma >= 0 else -1.0])
        cov_full = delta(jacobian, best.hessian, design, 2)
        variance = np.abs(best.theta[-2:])
        zero = variance < ZERO_SD
        variance = np.where(zero, 0.0, variance)
        for c in np.flatnonzero(zero) + design.n_coefs:
            cov_full[c, :], cov_full[:, c] = np.nan, np.nan
        reasons = [boundaries.ZERO_GROUP_SD, boundaries.ZERO_SUBGROUP_SD]
        return self._shape.result(
            params=design.to_user(best.theta[:-2]),
            variance=variance,
            cov_full=cov_full,
            llf=best.value,
            llf_null=start.results.llf,
            effects=(s * at.modes, abs(s) / np.sqrt(at.curvature)),
            reason="; ".join(r for r, z in zip(reasons, zero, strict=True) if z),
            boundary=bool(zero.any()),
            n_iter=best.n_iter,
        )
