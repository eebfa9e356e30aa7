"""NB2 counts with a random intercept: overdispersion between rows as a gamma factor.

Variance mu + alpha mu² given the group. Fitted in (β, s, a) with alpha = a², which is smooth and
symmetric at zero, where the model is `PoissonMixed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis_py.mixed import boundaries
from analysis_py.mixed.base import Shape
from analysis_py.mixed.inputs import read_counts
from analysis_py.mixed.models import PoissonMixed
from analysis_py.mixed.quadrature import (
    FloatArray,
    Rule,
    find_modes,
    gauss_hermite,
    log_sum_exp,
    silent_overflow,
)
from analysis_py.mixed.quasi import SmoothOptimum, climb
from analysis_py.mixed.results import MixedResults
from analysis_py.mixed.rows import NegativeBinomialAtAlpha, NegativeBinomialRows
from analysis_py.mixed.variants import PlainStart, delta, plain_start
from common_py.errors import CinError

#: An alpha below this, and no better than Poisson, is zero.
ZERO_ALPHA = 1e-7

#: A group standard deviation below this is zero.
ZERO_SD = 1e-4


@dataclass(frozen=True)
class _Value:
    value: float
    gradient: FloatArray
    modes: FloatArray
    curvature: FloatArray


class NegativeBinomialMixed:
    """NB2 counts, log link, one normal random intercept a group.

    Parameters are those of `PoissonMixed`; counts must be whole. `variance_params` are
    (group_sd, alpha).
    """

    def __init__(
        self,
        endog: npt.ArrayLike,
        exog: npt.ArrayLike,
        groups: npt.ArrayLike,
        exposure: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        *,
        exog_names: Sequence[str] | None = None,
        n_points: int = 7,
    ) -> None:
        self._data = read_counts(endog, exog, groups, exposure, offset, exog_names=exog_names)
        broken = int(np.count_nonzero(self._data.y != np.round(self._data.y)))
        if broken:
            raise CinError(
                f"{broken} counts are not whole",
                place="endog",
                remedy="fit expected counts with PoissonMixed",
            )
        self._rows = NegativeBinomialRows(self._data.y)
        self._rule: Rule = gauss_hermite(n_points)
        self._shape = Shape(
            "negative binomial",
            self._data.design,
            self._data.n_events,
            n_points,
            ("group_sd", "alpha"),
        )
        self._modes = np.zeros(self._data.design.n_groups)

    def loglike(self, params: npt.ArrayLike, group_sd: float, alpha: float) -> float:
        """Return the marginal log-likelihood at values on the user's scale."""
        boundaries.refuse(self._data.failure)
        beta = self._shape.design.from_user(np.asarray(params, dtype=np.float64))
        theta = np.concatenate([beta, [group_sd, np.sqrt(alpha)]])
        with silent_overflow():
            return self._value(theta, np.zeros_like(self._modes)).value

    def fit(self) -> MixedResults:
        """Fit by maximum likelihood, starting from the Poisson model."""
        if self._data.failure:
            return self._shape.failed(self._data.failure)
        with silent_overflow():
            plain = PoissonMixed.of(self._data, self._shape.n_points)
            start = plain_start(plain, self._shape.design)
            if not start.results.converged:
                return self._shape.failed(start.results.reason)
            best = self._climb(start)
            if best.theta[-1] ** 2 < ZERO_ALPHA and best.value < start.results.llf + 1e-6:
                return self._poisson(start)
            if not best.converged:
                return self._shape.failed(best.reason, start.results.llf)
            return self._succeeded(best, start)

    def _climb(self, start: PlainStart) -> SmoothOptimum:
        def objective(theta: FloatArray) -> tuple[float, FloatArray]:
            found = self._value(theta, self._modes)
            if np.isfinite(found.value):
                self._modes = found.modes
            return found.value, found.gradient

        self._modes = start.modes
        theta = np.concatenate([start.theta[:-1], [start.sd, 0.2]])
        return climb(objective, theta, start.extended(np.array([0.05])))

    def _value(self, theta: FloatArray, start: FloatArray) -> _Value:
        design, rule = self._shape.design, self._rule
        s, a = float(theta[-2]), float(theta[-1])
        rows = self._rows.at(a * a)
        eta = theta[:-2] @ design.x + design.offset
        mu = np.exp(eta)

        def slope(v: FloatArray) -> tuple[FloatArray, FloatArray]:
            first, second = rows.first_second(mu * np.exp(s * v)[design.group_of])
            return s * design.sums(first) - v, s * s * design.sums(second) - 1.0

        v = find_modes(slope, start)
        if not np.all(np.isfinite(v)):
            return _Value(-np.inf, np.full(len(theta), np.nan), start, start)
        tau, dv, dtau = self._placement(rows, mu, s, a, v=v)
        spread = 1.0 / np.sqrt(tau)
        terms, slopes = [], []
        for node, log_weight in zip(rule.nodes, rule.log_weights, strict=True):
            at = v + node * spread
            there, shifted = mu * np.exp(s * at)[design.group_of], eta + (s * at)[design.group_of]
            value, first, by_alpha = rows.value_first_alpha(there, shifted)
            total = design.sums(first)
            moved = (s * total - at) * (dv - 0.5 * node * spread**3 * dtau)
            by_beta = np.stack([design.sums(first * column) for column in design.x])
            own = np.vstack([by_beta, at * total, 2.0 * a * design.sums(by_alpha)])
            slopes.append(own + moved)
            terms.append(design.sums(value) - 0.5 * at**2 + log_weight)
        stacked = np.stack(terms)
        log_sum = log_sum_exp(stacked)
        weight = np.exp(stacked - log_sum)
        gradient = np.sum(weight[:, None, :] * np.stack(slopes), axis=0) - 0.5 * dtau / tau
        level = self._rows.constant + float(np.sum(log_sum - 0.5 * np.log(tau)))
        return _Value(level, gradient.sum(axis=1), v, tau)

    def _placement(
        self, rows: NegativeBinomialAtAlpha, mu: FloatArray, s: float, a: float, *, v: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return τ (J,) and the derivatives of v̂ and τ, both (d, J)."""
        design = self._shape.design
        at = mu * np.exp(s * v)[design.group_of]
        first, second = rows.first_second(at)
        third = rows.third(at, second)
        first_a, second_a = (2.0 * a * design.sums(r) for r in rows.mixed_alpha(at))
        l1, l2, l3 = (design.sums(r) for r in (first, second, third))
        tau = 1.0 - s * s * l2
        by_beta = [s * design.sums(second * column) for column in design.x]
        slope_by = np.vstack([*by_beta, l1 + s * v * l2, s * first_a])
        bent = [s * s * design.sums(third * column) for column in design.x]
        bent_by = np.vstack([*bent, 2 * s * l2 + s * s * v * l3, s * s * second_a])
        dv = slope_by / tau
        return tau, dv, -(bent_by + s**3 * l3 * dv)

    def _succeeded(self, best: SmoothOptimum, start: PlainStart) -> MixedResults:
        design = self._shape.design
        s, a = float(best.theta[-2]), float(best.theta[-1])
        at = self._value(best.theta, self._modes)
        jacobian = np.diag([1.0 if s >= 0 else -1.0, 2.0 * a])
        cov_full = delta(jacobian, best.hessian, design, 2)
        zero = abs(s) < ZERO_SD
        if zero:
            cov_full[-2, :], cov_full[:, -2] = np.nan, np.nan
        return self._shape.result(
            params=design.to_user(best.theta[:-2]),
            variance=np.array([0.0 if zero else abs(s), a * a]),
            cov_full=cov_full,
            reason=boundaries.ZERO_GROUP_SD if zero else "",
            boundary=zero,
            llf=best.value,
            llf_null=start.results.llf,
            effects=(s * at.modes, abs(s) / np.sqrt(at.curvature)),
            n_iter=best.n_iter,
        )

    def _poisson(self, start: PlainStart) -> MixedResults:
        plain = start.results
        d = len(plain.cov_full)
        cov_full = np.full((d + 1, d + 1), np.nan)
        cov_full[:d, :d] = plain.cov_full
        return self._shape.result(
            params=plain.params,
            variance=np.array([plain.group_sd, 0.0]),
            cov_full=cov_full,
            llf=plain.llf,
            llf_null=plain.llf,
            effects=(plain.group_effects, plain.group_effects_se),
            reason=boundaries.ZERO_DISPERSION,
            boundary=True,
        )
