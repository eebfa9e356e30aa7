"""The same Poisson counts without each group in turn, climbed from the full fit all at once.

Where groups have few rows a fit is short and is mostly the calling of functions: one call that
holds every problem takes little longer than one that holds one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from analysis_py.mixed.kernels import PoissonKernel, PoissonState, growth
from analysis_py.mixed.marginal import Evaluations, evaluate_each
from analysis_py.mixed.optimise import negative_definite
from analysis_py.mixed.quadrature import FloatArray, IntArray, Rule

#: Rows and problems held at once.
_ROOM = 4_000_000

_MAX_ITER = 25

#: Newton decrement after which the step taken is the last: it is 4e-5 standard errors long, and
#: what it leaves is of the order of its square.
_LAST = 1e-9


@dataclass(frozen=True)
class _Problems(PoissonState):
    """Problems that each lack one group: `mu` is (n, rows), sums by group are of those kept.

    Attributes
    ----------
    kept
        The groups of each problem, shape (n, J - 1).
    """

    kept: IntArray

    def cross(
        self, u: FloatArray, node_weight: FloatArray, mode: FloatArray, mode_weight: FloatArray
    ) -> FloatArray:
        """Return the weighted sums of x xᵀ of every problem, (n, p, p)."""
        x, n = self.design.x, len(self.kept)
        by_group = np.zeros((n, self.design.n_groups))
        own = growth(u, node_weight, mode, mode_weight).reshape(n, -1)
        np.put_along_axis(by_group, self.kept, own, axis=1)
        weights = -self.mu * by_group[:, self.design.group_of]
        products = (x[:, None] * x[None]).reshape(-1, x.shape[1])
        gram = (weights @ products.T).reshape(n, len(x), len(x))
        return np.asarray(0.5 * (gram + np.swapaxes(gram, 1, 2)))


def _state(kernel: PoissonKernel, kept: IntArray, beta: FloatArray) -> _Problems:
    """Read the rows at the coefficients beta (n, p) of each problem."""
    design = kernel.design
    with np.errstate(over="ignore"):
        mu = np.exp(beta @ design.x + design.offset)

    def of_kept(by_group: FloatArray) -> FloatArray:
        return np.asarray(np.take_along_axis(by_group, kept, axis=1).ravel())

    events_by_x = kernel.events_by_x[:, kept].reshape(design.n_coefs, -1)
    fixed = of_kept(kernel.constant + beta @ kernel.events_by_x)
    return _Problems(
        design=design,
        mu=mu,
        total=of_kept(design.sums(mu)),
        by_x=np.stack([of_kept(design.sums(mu * column)) for column in design.x]),
        events=kernel.events[kept].ravel(),
        events_by_x=events_by_x,
        fixed=fixed,
        kept=kept,
    )


@dataclass(frozen=True)
class FullFit:
    """The fit with every group: θ (d,), modes (J,), and the longest steps (d,) to take from it."""

    theta: FloatArray
    modes: FloatArray
    max_step: FloatArray


def climb_without_each(kernel: PoissonKernel, rule: Rule, full: FullFit) -> FloatArray:
    """Return the maxima (J, d) without each group, NaN where this does not get there.

    Newton's method is not damped here: a problem that would take a longer step than it may, or
    whose likelihood falls, is given up.
    """
    n_groups = kernel.design.n_groups
    groups = np.arange(n_groups)
    kept = np.stack([np.delete(groups, j) for j in groups])
    room = max(kernel.design.n_rows, len(rule.nodes) * len(full.theta) * n_groups)
    size = max(1, _ROOM // room)
    blocks = [groups[at : at + size] for at in range(0, n_groups, size)]
    own = _joined([_alone(kernel, rule, full, block) for block in blocks])
    ends = []
    for out in blocks:
        first = Evaluations(
            own.value.sum() - own.value[out],
            own.gradient.sum(axis=0) - own.gradient[out],
            own.hessian.sum(axis=0) - own.hessian[out],
            own.modes[kept[out]].ravel(),
            own.curvature[kept[out]].ravel(),
        )
        ends.append(_climb(kernel, rule, full, kept[out], first))
    return np.concatenate(ends)


def _alone(kernel: PoissonKernel, rule: Rule, full: FullFit, groups: IntArray) -> Evaluations:
    """Evaluate each of some groups as a problem of its own at the full fit."""
    thetas = np.tile(full.theta, (len(groups), 1))
    state = _state(kernel, groups[:, None], thetas[:, :-1])
    return evaluate_each(state, rule, thetas[:, -1], full.modes[groups])


def _joined(parts: list[Evaluations]) -> Evaluations:
    names = [field.name for field in fields(Evaluations)]
    return Evaluations(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def _climb(
    kernel: PoissonKernel, rule: Rule, full: FullFit, kept: IntArray, first: Evaluations
) -> FloatArray:
    """Climb the problems that keep `kept` (n, J - 1) from the full fit, where all is known."""
    at, lost = first, np.zeros(len(kept), dtype=bool)
    thetas = np.tile(full.theta, (len(kept), 1))
    for _ in range(_MAX_ITER):
        step, decrement = _steps(at)
        lost |= ~(decrement >= 0.0) | np.any(np.abs(step) > full.max_step, axis=1)
        thetas = np.where(lost[:, None], full.theta, thetas + step)
        if np.all(lost | (decrement < _LAST)):
            break
        start = np.where(np.isfinite(at.modes), at.modes, first.modes)
        last = at.value
        at = evaluate_each(_state(kernel, kept, thetas[:, :-1]), rule, thetas[:, -1], start)
        lost |= ~(at.value >= last - 1e-12 * (1.0 + np.abs(last)))
    lost |= ~(decrement < _LAST)
    lost |= [not negative_definite(hessian) for hessian in at.hessian]
    return np.where(lost[:, None], np.nan, thetas)


def _steps(at: Evaluations) -> tuple[FloatArray, FloatArray]:
    """Return Newton's steps (n, d) and decrements (n,), NaN where there are none."""
    known = np.isfinite(at.hessian).all(axis=(1, 2)) & np.isfinite(at.gradient).all(axis=1)
    step = np.full_like(at.gradient, np.nan)
    if known.any():
        gradient = at.gradient[known][..., None]
        step[known] = np.linalg.solve(-at.hessian[known], gradient)[..., 0]
    return step, np.asarray(0.5 * np.sum(at.gradient * step, axis=1))
