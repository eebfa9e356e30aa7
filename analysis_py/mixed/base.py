"""The search that all random-intercept models share, and how its end becomes a result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis_py.mixed import boundaries
from analysis_py.mixed.design import Design
from analysis_py.mixed.kernels import Kernel, PoissonKernel
from analysis_py.mixed.marginal import Evaluation, evaluate
from analysis_py.mixed.optimise import Optimum, maximise
from analysis_py.mixed.quadrature import FloatArray, Rule, silent_overflow
from analysis_py.mixed.results import MixedResults
from analysis_py.mixed.without_each import FullFit, climb_without_each

#: A group standard deviation below this, and no better than the GLM, is zero.
ZERO_SD = 1e-5

#: Scaled coefficients that move less than this without one group have not run away.
NEAR = 2.0


def _longest(d: int) -> FloatArray:
    """Return the longest steps (d,) of scaled coefficients and of the standard deviation."""
    return np.append(np.full(d - 1, 5.0), 0.7)


@dataclass(frozen=True)
class GlmStart:
    """The GLM optimum: scaled `beta` (p,), its value and Hessian, and L_1, L_2 by group (J,)."""

    beta: FloatArray
    value: float
    hessian: FloatArray
    first: FloatArray
    second: FloatArray
    converged: bool
    reason: str


@dataclass(frozen=True)
class _GlmPoint:
    value: float
    gradient: FloatArray
    hessian: FloatArray


def fit_glm(kernel: Kernel, start: FloatArray) -> GlmStart:
    """Maximise the likelihood without random intercepts from scaled coefficients (p,)."""
    n_groups = kernel.design.n_groups
    zero, none = np.zeros(n_groups), np.zeros((2, n_groups))

    def point(beta: FloatArray, _: _GlmPoint | None) -> _GlmPoint:
        state = kernel.state(beta)
        value = float(np.sum(state.values(zero[None])))
        if not np.isfinite(value):
            wrong = np.full(len(beta), np.nan)
            return _GlmPoint(-np.inf, wrong, np.outer(wrong, wrong))
        gradient = state.at_nodes(zero[None]).by_x[0, 0].sum(axis=1)
        return _GlmPoint(value, gradient, state.cross(zero[None], zero[None] + 1.0, zero, none))

    best = maximise(point, start, max_iter=60)
    first, second = kernel.state(best.theta).slope(zero)
    at = best.point
    return GlmStart(best.theta, at.value, at.hessian, first, second, best.converged, best.reason)


def covariance(hessian: FloatArray, jacobian: FloatArray) -> FloatArray:
    """Return jacobian (-hessian)⁻¹ jacobianᵀ, exactly symmetric, shape (d, d)."""
    full = jacobian @ np.linalg.inv(-hessian) @ jacobian.T
    return np.asarray(0.5 * (full + full.T))


@dataclass(frozen=True)
class Shape:
    """What every result of one model shares, whatever became of the fit."""

    family: str
    design: Design
    n_events: float
    n_points: int
    variance_names: tuple[str, ...] = ("group_sd",)

    def result(
        self,
        *,
        params: FloatArray,
        variance: FloatArray,
        cov_full: FloatArray,
        llf: float,
        llf_null: float,
        effects: tuple[FloatArray, FloatArray],
        converged: bool = True,
        reason: str = "",
        boundary: bool = False,
        n_iter: int = 0,
        slopes: tuple[FloatArray, FloatArray] | None = None,
        null_df: int = 0,
    ) -> MixedResults:
        """Put a fit together; `params` and `cov_full` are on the user's scale."""
        empty = np.zeros(0)
        return MixedResults(
            family=self.family,
            exog_names=self.design.names,
            params=params,
            variance_names=self.variance_names,
            variance_params=variance,
            cov_full=cov_full,
            llf=llf,
            llf_null=llf_null,
            nobs=self.design.n_rows,
            n_groups=self.design.n_groups,
            n_events=self.n_events,
            n_dropped=self.design.n_dropped,
            n_points=self.n_points,
            converged=converged,
            reason=reason,
            boundary=boundary,
            n_iter=n_iter,
            group_labels=self.design.labels,
            group_effects=effects[0],
            group_effects_se=effects[1],
            null_df=null_df,
            group_slopes=slopes[0] if slopes else empty,
            group_slopes_se=slopes[1] if slopes else empty,
        )

    def failed(self, reason: str, llf_null: float = float("nan")) -> MixedResults:
        """Return a result without numbers, and the reason."""
        p, q = self.design.n_coefs, len(self.variance_names)
        gone = np.full(self.design.n_groups, np.nan)
        return self.result(
            params=np.full(p, np.nan),
            variance=np.full(q, np.nan),
            cov_full=np.full((p + q, p + q), np.nan),
            llf=float("nan"),
            llf_null=llf_null,
            effects=(gone, gone),
            converged=False,
            reason=reason,
        )


class RandomIntercept:
    """What the two families share: evaluation, fitting and the shape of the result."""

    _kernel: Kernel
    _rule: Rule
    _shape: Shape
    _failure: str

    def loglike(self, params: npt.ArrayLike, group_sd: float) -> float:
        """Return the marginal log-likelihood at coefficients (p,) on the user's scale."""
        return self._at(params, group_sd).value

    def score(self, params: npt.ArrayLike, group_sd: float) -> FloatArray:
        """Return the gradient in (params, group_sd), shape (p + 1,)."""
        gradient = self._at(params, group_sd).gradient
        return np.asarray(np.linalg.solve(self._shape.design.jacobian(1).T, gradient))

    def hessian(self, params: npt.ArrayLike, group_sd: float) -> FloatArray:
        """Return the Hessian in (params, group_sd), shape (p + 1, p + 1)."""
        at = self._at(params, group_sd)
        inverse = np.linalg.inv(self._shape.design.jacobian(1))
        full = inverse.T @ at.hessian @ inverse
        return np.asarray(0.5 * (full + full.T))

    def _at(self, params: npt.ArrayLike, group_sd: float) -> Evaluation:
        boundaries.refuse(self._failure)
        design = self._shape.design
        beta = design.from_user(np.asarray(params, dtype=np.float64))
        theta = np.append(beta, group_sd)
        with silent_overflow():
            return evaluate(self._kernel, self._rule, theta, np.zeros(design.n_groups))

    def fit(self) -> MixedResults:
        """Fit by maximum likelihood; what cannot be fitted comes back flagged with the reason."""
        if self._failure:
            return self._shape.failed(self._failure)
        with silent_overflow():
            return self._fit()

    def glm(self) -> tuple[GlmStart, str]:
        """Return the GLM optimum, and which estimates are infinite, in words or empty."""
        boundaries.refuse(self._failure)
        with silent_overflow():
            found = fit_glm(self._kernel, self._first_guess())
            return found, self._separation(found)

    def _separation(self, glm: GlmStart) -> str:
        pinned, design = self._pinned(), self._shape.design
        return boundaries.separation(design, *pinned, glm.converged, glm.hessian)

    def _fit(self) -> MixedResults:
        kernel = self._kernel
        glm = fit_glm(kernel, self._first_guess())
        separated = self._separation(glm)
        if separated:
            return self._shape.failed(separated)
        if not glm.converged:
            return self._shape.failed(f"the GLM that the fit starts from failed: {glm.reason}")
        # Half the second derivative of the log-likelihood in s at s = 0.
        excess = float(np.sum(glm.first**2 + glm.second))
        guess = np.sqrt(max(excess, 0.0) / float(np.sum(glm.second**2)))
        best = self._climb(glm, float(np.clip(guess, 0.05, 2.0)))
        for sd in (0.5, 0.1):
            if best.converged and not (abs(best.theta[-1]) < ZERO_SD and excess > 0):
                break
            best = max(best, self._climb(glm, sd), key=lambda b: (b.converged, b.point.value))
        return self._judged(best, glm, excess)

    def _judged(self, best: Optimum[Evaluation], glm: GlmStart, excess: float) -> MixedResults:
        """Decide between a maximum inside, one at zero variance, and none."""
        noise = 1e-9 * (1.0 + abs(glm.value))
        if not best.converged:
            return self._shape.failed(boundaries.explain(best.theta, best.reason), glm.value)
        inside = abs(best.theta[-1]) >= ZERO_SD and best.point.value >= glm.value - noise
        if inside or best.point.value > glm.value + noise:
            return self._succeeded(best, glm)
        if excess > 1e-6 * abs(float(np.sum(glm.second))):
            return self._shape.failed("the search ended below the GLM", glm.value)
        return self._boundary(glm, best.n_iter)

    def _climb(self, glm: GlmStart, sd: float) -> Optimum[Evaluation]:
        design = self._shape.design
        start = glm.beta.copy()
        if design.constant >= 0 and self._shape.family == "poisson":
            start[design.constant] -= 0.5 * sd**2
        return self._climb_from(self._kernel, np.append(start, sd), np.zeros(design.n_groups))

    def without_each(self, full: MixedResults) -> FloatArray:
        """Return the coefficients (J, p) without each group, climbing from the fit `full`.

        NaN where there is no maximum inside, or none near: the whole search, which looks for
        separation, is to judge those.
        """
        design = self._shape.design
        theta = np.append(design.from_user(full.params), full.group_sd)
        modes = full.group_effects / full.group_sd
        found = np.full((design.n_groups, design.n_coefs), np.nan)
        with silent_overflow():
            for j, end in enumerate(self._ends_without_each(theta, modes)):
                if np.max(np.abs(end - theta)) < NEAR and abs(end[-1]) >= ZERO_SD:
                    found[j] = design.to_user(end[:-1])
        return found

    def _ends_without_each(self, theta: FloatArray, modes: FloatArray) -> FloatArray:
        """Return where the search ends without each group, (J, d), NaN where nowhere."""
        ends = np.full((len(modes), len(theta)), np.nan)
        if isinstance(self._kernel, PoissonKernel):
            start = FullFit(theta, modes, _longest(len(theta)))
            ends = climb_without_each(self._kernel, self._rule, start)
        for j in np.flatnonzero(np.isnan(ends).any(axis=1)):
            best = self._climb_from(self._kernel.without(int(j)), theta, np.delete(modes, j))
            if best.converged:
                ends[j] = best.theta
        return ends

    def _climb_from(
        self, kernel: Kernel, theta: FloatArray, modes: FloatArray
    ) -> Optimum[Evaluation]:
        def point(theta: FloatArray, last: Evaluation | None) -> Evaluation:
            return evaluate(kernel, self._rule, theta, modes if last is None else last.modes)

        return maximise(point, theta, max_step=_longest(len(theta)))

    def _first_guess(self) -> FloatArray:
        raise NotImplementedError

    def _pinned(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Rows at the lowest and at the highest outcome their family allows."""
        raise NotImplementedError

    def _succeeded(self, best: Optimum[Evaluation], glm: GlmStart) -> MixedResults:
        design = self._shape.design
        sd = float(best.theta[-1])
        jacobian = design.jacobian(1)
        jacobian[-1, -1] = 1.0 if sd >= 0 else -1.0
        return self._shape.result(
            params=design.to_user(best.theta[:-1]),
            variance=np.array([abs(sd)]),
            cov_full=covariance(best.point.hessian, jacobian),
            llf=best.point.value,
            llf_null=glm.value,
            n_iter=best.n_iter,
            effects=(sd * best.point.modes, abs(sd) / np.sqrt(best.point.curvature)),
        )

    def _boundary(self, glm: GlmStart, n_iter: int) -> MixedResults:
        design = self._shape.design
        p = design.n_coefs
        cov_full = np.full((p + 1, p + 1), np.nan)
        cov_full[:p, :p] = covariance(glm.hessian, design.to_params)
        zero = np.zeros(design.n_groups)
        return self._shape.result(
            params=design.to_user(glm.beta),
            variance=np.zeros(1),
            cov_full=cov_full,
            llf=glm.value,
            llf_null=glm.value,
            reason=boundaries.ZERO_VARIANCE,
            boundary=True,
            n_iter=n_iter,
            effects=(zero, zero),
        )
