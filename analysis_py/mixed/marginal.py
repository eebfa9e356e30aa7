"""Marginal log-likelihood of a random-intercept model with exact gradient and Hessian.

The parameters are θ = (β, s) with u = s v and v ~ N(0, 1). In s the likelihood is smooth and
symmetric about 0, so that a variance of zero is an ordinary stationary point and not an edge.
The derivatives are those of the quadrature formula itself: the mode v̂(θ) and the curvature τ(θ)
that place the nodes are differentiated through the implicit function theorem.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis_py.mixed.kernels import Kernel, ModeSums, NodeSums, State
from analysis_py.mixed.quadrature import FloatArray, Rule, find_modes, log_sum_exp


@dataclass(frozen=True)
class Evaluation:
    """Log-likelihood, gradient (d,), Hessian (d, d) and standardised modes (J,)."""

    value: float
    gradient: FloatArray
    hessian: FloatArray
    modes: FloatArray
    curvature: FloatArray


@dataclass(frozen=True)
class Evaluations:
    """The same of n problems: (n,), (n, d), (n, d, d), and of their groups (n J,)."""

    value: FloatArray
    gradient: FloatArray
    hessian: FloatArray
    modes: FloatArray
    curvature: FloatArray


def group_modes(state: State, s: FloatArray, start: FloatArray) -> FloatArray:
    """Return the standardised modes v̂ (J,) at group standard deviations `s` (J,)."""

    def slope(v: FloatArray) -> tuple[FloatArray, FloatArray]:
        first, second = state.slope(s * v)
        return s * first - v, s * s * second - 1.0

    return find_modes(slope, start)


@dataclass(frozen=True)
class _Placement:
    """How the nodes move with θ: first derivatives (d, J) and what second ones need."""

    v: FloatArray
    tau: FloatArray
    dv: FloatArray
    dtau: FloatArray
    g_vvv: FloatArray
    g_vvvv: FloatArray
    g_vvt: FloatArray
    g_vvvt: FloatArray


def _with_s(by_x: FloatArray, last: FloatArray) -> FloatArray:
    """Append the derivative in s to those in β along the axis before the last."""
    *outer, p, n_groups = by_x.shape
    out = np.empty((*outer, p + 1, n_groups))
    out[..., :-1, :], out[..., -1, :] = by_x, last
    return out


def _placement(sums: ModeSums, v: FloatArray, s: FloatArray) -> _Placement:
    first, second, third, fourth = sums.total
    tau = 1.0 - s**2 * second
    g_vt = _with_s(s * sums.by_x[1], first + s * v * second)
    g_vvt = _with_s(s**2 * sums.by_x[2], 2 * s * second + s**2 * v * third)
    g_vvvt = _with_s(s**3 * sums.by_x[3], 3 * s**2 * third + s**3 * v * fourth)
    dv = g_vt / tau
    dtau = -(g_vvt + s**3 * third * dv)
    return _Placement(v, tau, dv, dtau, s**3 * third, s**4 * fourth, g_vvt, g_vvvt)


def _problems_first(by_problem: FloatArray, axis: int) -> FloatArray:
    """Return a view with the axis of problems in front: `np.moveaxis` takes ten times as long."""
    order = list(range(by_problem.ndim))
    order.insert(0, order.pop(axis))
    return by_problem.transpose(order)


def _by_problem(groups: FloatArray, n: int) -> FloatArray:
    """Add (…, n J) over the J groups of each of n problems, shape (n, …)."""
    return _problems_first(groups.reshape(*groups.shape[:-1], n, -1).sum(axis=-1), -1)


def _columns(a: FloatArray, n: int) -> FloatArray:
    """Return (d, …, n J) as (n, d, … J)."""
    return _problems_first(a.reshape(*a.shape[:-1], n, -1), -2).reshape(n, len(a), -1)


def _outer(a: FloatArray, b: FloatArray, n: int) -> FloatArray:
    """Σ over the last axes of a bᵀ, symmetrised, for n problems: a and b are (d, …, n J)."""
    flat = _columns(a, n) @ _columns(b, n).transpose(0, 2, 1)
    flat += flat.transpose(0, 2, 1)
    flat *= 0.5
    return flat


def evaluate(kernel: Kernel, rule: Rule, theta: FloatArray, start: FloatArray) -> Evaluation:
    """Return value, gradient and Hessian of the marginal log-likelihood.

    Parameters
    ----------
    kernel, rule
        Data and quadrature rule.
    theta
        (β, s) on the scaled columns, shape (p + 1,).
    start
        Standardised modes to begin from, shape (J,).
    """
    found = evaluate_each(kernel.state(theta[:-1]), rule, theta[None, -1], start)
    value, gradient, hessian = float(found.value[0]), found.gradient[0], found.hessian[0]
    return Evaluation(value, gradient, hessian, found.modes, found.curvature)


def evaluate_each(state: State, rule: Rule, sd: FloatArray, start: FloatArray) -> Evaluations:
    """Evaluate n problems at once whose groups stand one after the other, J of each.

    Parameters
    ----------
    state
        The rows of all at the coefficients of each; its `cross` gives (n, p, p).
    sd
        s of each problem, shape (n,).
    start
        Standardised modes to begin from, shape (n J,).
    """
    n = len(sd)
    s = np.repeat(sd, len(start) // n)
    v = group_modes(state, s, start)
    if not np.any(np.isfinite(v)):
        return _nowhere(state, n, start)
    mode_sums = state.at_modes(s * v)
    place = _placement(mode_sums, v, s)
    spread = 1.0 / np.sqrt(place.tau)
    nodes = v + rule.nodes[:, None] * spread
    node_sums = state.at_nodes(s * nodes)
    terms = node_sums.total[0] - 0.5 * nodes**2 + rule.log_weights[:, None]
    log_sum = log_sum_exp(terms)
    value = _by_problem(log_sum - 0.5 * np.log(place.tau), n)
    weight = np.exp(terms - log_sum)

    dnodes = place.dv - 0.5 * rule.nodes[:, None, None] * (spread**3 * place.dtau)
    g_v = s * node_sums.total[1] - nodes
    g_t = _with_s(node_sums.by_x[0], nodes * node_sums.total[1])
    slope = g_t + g_v[:, None, :] * dnodes
    mean_slope = np.sum(weight[:, None, :] * slope, axis=0)
    by_group = mean_slope - 0.5 * place.dtau / place.tau
    hessian = _hessian(
        state,
        rule,
        s,
        place,
        n=n,
        modes=mode_sums,
        sums=node_sums,
        nodes=nodes,
        weight=weight,
        dnodes=dnodes,
    )
    root = np.sqrt(weight)[:, None, :]
    centred = np.swapaxes(root * (slope - mean_slope), 0, 1)
    hessian += _outer(centred, centred, n)
    return Evaluations(value, _by_problem(by_group, n), hessian, v, place.tau)


def _nowhere(state: State, n: int, start: FloatArray) -> Evaluations:
    d = len(state.at_modes(start).by_x[0]) + 1
    nan = np.full((n, d, d), np.nan)
    return Evaluations(np.full(n, -np.inf), nan[:, 0], nan, start, start)


def _hessian(
    state: State,
    rule: Rule,
    s: FloatArray,
    place: _Placement,
    *,
    n: int,
    modes: ModeSums,
    sums: NodeSums,
    nodes: FloatArray,
    weight: FloatArray,
    dnodes: FloatArray,
) -> FloatArray:
    """Everything of the Hessians (n, d, d) except the variance of the slopes over the nodes."""
    tau, v = place.tau, place.v
    g_v = s * sums.total[1] - nodes
    pull = np.sum(weight * g_v, axis=0)
    pull_out = np.sum(weight * g_v * rule.nodes[:, None], axis=0)
    on_tau = -0.5 * tau**-1.5 * pull_out - 0.5 / tau
    on_v = (pull - on_tau * place.g_vvv) / tau

    # Nodes: g_θθ (its s parts), g_θv dv and g_vv dv dv.
    g_vt = _with_s(s * sums.by_x[1], sums.total[1] + s * nodes * sums.total[2])
    half = 0.5 * (s**2 * sums.total[2] - 1.0)[:, None, :] * dnodes + g_vt
    weighted = np.swapaxes(weight[:, None, :] * dnodes, 0, 1)
    hessian = 2.0 * _outer(weighted, np.swapaxes(half, 0, 1), n)
    beta_s = np.sum((weight * nodes)[:, None, :] * sums.by_x[1], axis=0)
    s_s = np.sum(weight * nodes**2 * sums.total[2], axis=0)

    # Second derivatives of the placement, at the mode.
    half_v = on_v * (place.g_vvt + 0.5 * place.g_vvv * place.dv)
    half_tau = -on_tau * (place.g_vvvt + 0.5 * place.g_vvvv * place.dv)
    hessian += 2.0 * _outer(half_v + half_tau, place.dv, n)
    square = 0.75 * tau**-2.5 * pull_out + 0.5 / tau**2
    hessian += _outer(square * place.dtau, place.dtau, n)
    second, third, fourth = modes.total[1:]
    beta_s = beta_s + (modes.by_x[1] + s * v * modes.by_x[2]) * on_v
    beta_s = beta_s - (2 * s * modes.by_x[2] + s**2 * v * modes.by_x[3]) * on_tau
    s_s = s_s + (2 * v * second + s * v**2 * third) * on_v
    s_s = s_s - (2 * second + 4 * s * v * third + s**2 * v**2 * fourth) * on_tau
    both = _by_problem(_with_s(beta_s, s_s), n)
    hessian[:, :-1, -1] += both[:, :-1]
    hessian[:, -1, :] += both

    mode_weight = np.stack([s * on_v, -(s**2) * on_tau])
    hessian[:, :-1, :-1] += state.cross(s * nodes, weight, s * v, mode_weight)
    return hessian
