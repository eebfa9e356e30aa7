"""Row densities as functions of the linear predictor, with the derivatives that models need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.special import expit, gammaln

from analysis_py.mixed.quadrature import FloatArray, IntArray


class RowFamily(Protocol):
    """A density on rows (n,)."""

    @property
    def constant(self) -> float:
        """What the log-likelihood holds besides `value`, summed over rows."""

    def value_first(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the log density (without its constant) and its derivative at eta (n,)."""

    def with_derivatives(
        self, eta: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return the log density (without its constant) and derivatives 1–3 at eta (n,)."""


@dataclass(frozen=True)
class PoissonRows:
    """Counts `y` (n,), log link."""

    y: FloatArray

    @cached_property
    def constant(self) -> float:
        """-Σ log y!."""
        return -float(np.sum(gammaln(self.y + 1.0)))

    def value_first(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return y eta - e^eta and y - e^eta."""
        mu = np.exp(eta)
        return self.y * eta - mu, self.y - mu

    def with_derivatives(
        self, eta: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return y eta - mu, y - mu, -mu, -mu."""
        mu = np.exp(eta)
        second = -mu
        return self.y * eta - mu, self.y - mu, second, second


@dataclass(frozen=True)
class BinomialRows:
    """Successes `y` of `trials` (n,), logit link."""

    y: FloatArray
    trials: FloatArray

    @cached_property
    def constant(self) -> float:
        """Σ log of the binomial coefficients."""
        n, y = self.trials, self.y
        return float(np.sum(gammaln(n + 1.0) - gammaln(y + 1.0) - gammaln(n - y + 1.0)))

    def value_first(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return y eta - n log(1 + e^eta) and y - n p."""
        value = self.y * eta - self.trials * np.logaddexp(0.0, eta)
        return value, self.y - self.trials * expit(eta)

    def with_derivatives(
        self, eta: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return the log density, y - n p, -n p q, -n p q (q - p)."""
        share = expit(eta)
        variance = self.trials * share * (1.0 - share)
        value = self.y * eta - self.trials * np.logaddexp(0.0, eta)
        first = self.y - self.trials * share
        return value, first, -variance, -variance * (1.0 - 2.0 * share)


@dataclass(frozen=True)
class NegativeBinomialRows:
    """NB2 counts `y` (n,), whole numbers: variance mu + alpha mu², log link.

    log f = Σ_{k<y} log(1 + k alpha) - log y! + y eta - (y + 1/alpha) log(1 + alpha mu): the sum
    runs over whole counts (a table looked up), so that alpha -> 0 is smooth and becomes Poisson.
    """

    y: FloatArray

    @cached_property
    def constant(self) -> float:
        """-Σ log y!."""
        return -float(np.sum(gammaln(self.y + 1.0)))

    @cached_property
    def _whole(self) -> IntArray:
        return self.y.astype(np.intp)

    def at(self, alpha: float) -> NegativeBinomialAtAlpha:
        """Return the densities at one dispersion."""
        alpha = max(alpha, 1e-14)
        below = np.arange(int(self._whole.max()))
        table = np.concatenate(([0.0], np.cumsum(np.log1p(below * alpha))))
        slope = np.concatenate(([0.0], np.cumsum(below / (1.0 + below * alpha))))
        weight = 1.0 + alpha * self.y
        return NegativeBinomialAtAlpha(
            self.y, alpha, weight, table[self._whole], slope[self._whole]
        )


@dataclass(frozen=True)
class NegativeBinomialAtAlpha:
    """NB2 counts at one alpha, as functions of the mean mu (n,).

    `weight` is 1 + alpha y, `table` and `slope` the sum over whole counts and its derivative.
    """

    y: FloatArray
    alpha: float
    weight: FloatArray
    table: FloatArray
    slope: FloatArray

    def _share(self, mu: FloatArray) -> FloatArray:
        """Return mu / (1 + alpha mu), also where mu has no bound."""
        return np.asarray(1.0 / (1.0 / mu + self.alpha))

    def value_first_alpha(
        self, mu: FloatArray, eta: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the log density and its derivatives in eta and in alpha; eta = log mu."""
        size, share = self.alpha * mu, self._share(mu)
        grow = np.log1p(size)
        value = self.table + self.y * eta - self.weight * (grow / self.alpha)
        by_alpha = self.slope + _log_gap(size, grow) * mu**2 - self.y * share
        return value, self.y - self.weight * share, by_alpha

    def first_second(self, mu: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return derivatives 1 and 2 in eta."""
        scaled = self.weight * self._share(mu)
        return self.y - scaled, -scaled / (1.0 + self.alpha * mu)

    def third(self, mu: FloatArray, second: FloatArray) -> FloatArray:
        """Return derivative 3 in eta, from the second."""
        return np.asarray(second * (2.0 / (1.0 + self.alpha * mu) - 1.0))

    def mixed_alpha(self, mu: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return d/d alpha of the first and of the second derivative in eta."""
        share = self._share(mu)
        scaled = self.weight * share
        rest = share / (1.0 + self.alpha * mu)
        return -share * (self.y - scaled), -rest * (self.y - 2.0 * scaled)


def _log_gap(x: FloatArray, grow: FloatArray) -> FloatArray:
    """Return (log(1 + x) - x / (1 + x)) / x² with grow = log(1 + x), by its series for small x."""
    small = x < 1e-2
    safe = np.where(small, 1.0, x)
    gap = (grow - safe / (1.0 + safe)) / safe**2
    near = x[small]
    series = np.zeros_like(near)
    for k in range(10, 1, -1):
        series = series * -near + (k - 1.0) / k
    gap[small] = series
    return np.asarray(gap)
