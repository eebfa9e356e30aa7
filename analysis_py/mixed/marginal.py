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


def group_modes(state: State, s: float, start: FloatArray) -> FloatArray:
    """Return the standardised modes v̂ (J,) at group standard deviation `s`."""

    def slope(v: FloatArray) -> tuple[FloatArray, FloatArray]:
        first, second = state.slope(s * v)
        return s * first - v, s * s * second - 1.0

    return find_modes(slope, start)


def log_likelihood(kernel: Kernel, rule: Rule, theta: FloatArray) -> float:
    """Return the marginal log-likelihood at θ = (β, s), shape (p + 1,)."""
    s = float(theta[-1])
    state = kernel.state(theta[:-1])
    v = group_modes(state, s, np.zeros(kernel.design.n_groups))
    tau = 1.0 - s * s * state.slope(s * v)[1]
    nodes = v + rule.nodes[:, None] / np.sqrt(tau)
    terms = state.values(s * nodes) - 0.5 * nodes**2 + rule.log_weights[:, None]
    return float(np.sum(log_sum_exp(terms) - 0.5 * np.log(tau)))


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
    return np.concatenate([by_x, last[..., None, :]], axis=-2)


def _placement(sums: ModeSums, v: FloatArray, s: float) -> _Placement:
    first, second, third, fourth = sums.total
    tau = 1.0 - s**2 * second
    g_vt = _with_s(s * sums.by_x[1], first + s * v * second)
    g_vvt = _with_s(s**2 * sums.by_x[2], 2 * s * second + s**2 * v * third)
    g_vvvt = _with_s(s**3 * sums.by_x[3], 3 * s**2 * third + s**3 * v * fourth)
    dv = g_vt / tau
    dtau = -(g_vvt + s**3 * third * dv)
    return _Placement(v, tau, dv, dtau, s**3 * third, s**4 * fourth, g_vvt, g_vvvt)


def _outer(a: FloatArray, b: FloatArray) -> FloatArray:
    """Σ over the last axes of a bᵀ, symmetrised; a and b are (d, …)."""
    flat = a.reshape(len(a), -1) @ b.reshape(len(b), -1).T
    return np.asarray(0.5 * (flat + flat.T))


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
    s = float(theta[-1])
    state = kernel.state(theta[:-1])
    v = group_modes(state, s, start)
    if not np.all(np.isfinite(v)):
        d = len(theta)
        return Evaluation(-np.inf, np.full(d, np.nan), np.full((d, d), np.nan), start, start)
    mode_sums = state.at_modes(s * v)
    place = _placement(mode_sums, v, s)
    spread = 1.0 / np.sqrt(place.tau)
    nodes = v + rule.nodes[:, None] * spread
    node_sums = state.at_nodes(s * nodes)
    terms = node_sums.total[0] - 0.5 * nodes**2 + rule.log_weights[:, None]
    log_sum = log_sum_exp(terms)
    value = float(np.sum(log_sum - 0.5 * np.log(place.tau)))
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
        modes=mode_sums,
        sums=node_sums,
        nodes=nodes,
        weight=weight,
        dnodes=dnodes,
    )
    root = np.sqrt(weight)[:, None, :]
    centred = np.swapaxes(root * (slope - mean_slope), 0, 1)
    hessian += _outer(centred, centred)
    return Evaluation(value, by_group.sum(axis=1), hessian, v, place.tau)


def _hessian(
    state: State,
    rule: Rule,
    s: float,
    place: _Placement,
    *,
    modes: ModeSums,
    sums: NodeSums,
    nodes: FloatArray,
    weight: FloatArray,
    dnodes: FloatArray,
) -> FloatArray:
    """Everything of the Hessian except the variance of the slopes over the nodes."""
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
    hessian = 2.0 * _outer(weighted, np.swapaxes(half, 0, 1))
    beta_s = np.sum((weight * nodes)[:, None, :] * sums.by_x[1], axis=(0, 2))
    s_s = float(np.sum(weight * nodes**2 * sums.total[2]))

    # Second derivatives of the placement, at the mode.
    half_v = on_v * (place.g_vvt + 0.5 * place.g_vvv * place.dv)
    half_tau = -on_tau * (place.g_vvvt + 0.5 * place.g_vvvv * place.dv)
    hessian += 2.0 * _outer(half_v + half_tau, place.dv)
    square = 0.75 * tau**-2.5 * pull_out + 0.5 / tau**2
    hessian += _outer(square * place.dtau, place.dtau)
    second, third, fourth = modes.total[1:]
    beta_s = beta_s + (modes.by_x[1] + s * v * modes.by_x[2]) @ on_v
    beta_s = beta_s - (2 * s * modes.by_x[2] + s**2 * v * modes.by_x[3]) @ on_tau
    s_s += float((2 * v * second + s * v**2 * third) @ on_v)
    s_s -= float((2 * second + 4 * s * v * third + s**2 * v**2 * fourth) @ on_tau)
    hessian[:-1, -1] += beta_s
    hessian[-1, :-1] += beta_s
    hessian[-1, -1] += s_s

    mode_weight = np.stack([s * on_v, -(s**2) * on_tau])
    hessian[:-1, :-1] += state.cross(s * nodes, weight, s * v, mode_weight)
    return hessian
