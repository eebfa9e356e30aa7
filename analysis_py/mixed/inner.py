"""One Poisson total with its own normal effect: the inner integral of three-level counts.

Given everything else, the rows of a subgroup enter through Y = Σ y and λ = log Σ mu alone:

    C(λ, σ) = log ∫ exp(Y (λ + σ w) - e^(λ + σ w)) φ(w) dw,

by adaptive quadrature at the mode ŵ. With single rows as subgroups this is the Poisson-lognormal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis_py.mixed.quadrature import FloatArray, Rule


@dataclass(frozen=True)
class Profile:
    """The integrand at its mode, all (…, M): m = e^(λ + σ ŵ) and τ = 1 + σ² m."""

    w: FloatArray
    m: FloatArray
    tau: FloatArray

    def by_sigma(self, sigma: float, y: FloatArray) -> FloatArray:
        """Return dm/dσ at fixed λ."""
        dw = (y - self.m - sigma * self.w * self.m) / self.tau
        return np.asarray(self.m * (self.w + sigma * dw))


def profile(y: FloatArray, lam: FloatArray, sigma: float, start: FloatArray) -> Profile:
    """Find ŵ for totals y (M,) at λ (…, M), from `start` of λ's shape.

    Newton on f(w) = σ (y - e^(λ + σ w)) - w, concave and falling for σ >= 0 (σ < 0 by symmetry):
    after one step the iterates come down to the root from above. A root above 0 has m < y, hence
    the bound, which keeps the exponential below y.
    """
    size = abs(sigma)
    sign = 1.0 if sigma >= 0 else -1.0
    gap = np.log(np.maximum(y, 1e-300)) - lam
    top = np.minimum(size * y, np.maximum(gap, 0.0) / max(size, 1e-300))
    w = np.minimum(sign * start, top)
    last = np.inf
    for _ in range(200):
        m = np.exp(lam + size * w)
        step = (size * (y - m) - w) / (1.0 + size * size * m)
        w = np.minimum(w + step, top)
        last = float(np.max(np.abs(step) / (1.0 + np.abs(w)), initial=0.0))
        if last < 1e-14 or not np.isfinite(last):
            break
    if not last < 1e-10:
        w = np.full_like(w, np.nan)
    m = np.exp(lam + size * w)
    return Profile(sign * w, m, 1.0 + sigma * sigma * m)


@dataclass(frozen=True)
class Inner:
    """C and its derivatives in λ and σ, all (…, M)."""

    value: FloatArray
    by_lam: FloatArray
    by_sigma: FloatArray


def inner_integral(rule: Rule, y: FloatArray, lam: FloatArray, sigma: float, at: Profile) -> Inner:
    """Return C(λ, σ), without -Σ log y!, and its exact derivatives.

    Parameters
    ----------
    y, lam
        Totals (M,) and log expected totals (…, M).
    at
        The profile at `lam`.
    """
    w, m, tau = at.w, at.m, at.tau
    spread = tau**-0.5
    dw_lam = -sigma * m / tau
    dw_sigma = (y - m - sigma * w * m) / tau
    cubic = sigma**3 * m
    dtau_lam = sigma**2 * m + cubic * dw_lam
    dtau_sigma = 2.0 * sigma * m + sigma**2 * w * m + cubic * dw_sigma
    reference = y * (lam + sigma * w) - m - 0.5 * w * w
    total = np.zeros_like(lam)
    by_lam, by_sigma = np.zeros_like(lam), np.zeros_like(lam)
    for node, log_weight in zip(rule.nodes, rule.log_weights, strict=True):
        away = node * spread
        at_node = w + away
        mu = m * np.exp(sigma * away)
        term = y * (lam + sigma * at_node) - mu - 0.5 * at_node**2 - reference
        weight = np.exp(term + log_weight)
        rest = y - mu
        pull = sigma * rest - at_node
        stretch = -0.5 * away / tau
        total += weight
        by_lam += weight * (rest + pull * (dw_lam + stretch * dtau_lam))
        by_sigma += weight * (at_node * rest + pull * (dw_sigma + stretch * dtau_sigma))
    return Inner(
        value=reference + np.log(total) - 0.5 * np.log(tau),
        by_lam=by_lam / total - 0.5 * dtau_lam / tau,
        by_sigma=by_sigma / total - 0.5 * dtau_sigma / tau,
    )
