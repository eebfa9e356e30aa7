"""Row densities as functions of the linear predictor, with the derivatives that models need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.special import expit, gammaln

from analysis_py.mixed.quadrature import FloatArray


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


class NegativeBinomialRows:
    """NB2 counts: variance mu + alpha mu², log link.

    log f = Σ_{k<y} log(1 + k alpha) - log y! + y eta - (y + 1/alpha) log(1 + alpha mu): the sum
    runs over whole counts (a table looked up), so that alpha -> 0 is smooth and becomes Poisson.
    """

    def __init__(self, y: FloatArray, alpha: float) -> None:
        self._y = y
        self._alpha = max(alpha, 1e-14)
        below = np.arange(int(y.max()))
        table = np.concatenate(([0.0], np.cumsum(np.log1p(below * self._alpha))))
        slope = np.concatenate(([0.0], np.cumsum(below / (1.0 + below * self._alpha))))
        index = y.astype(np.intp)
        self._table, self._slope = table[index], slope[index]

    @cached_property
    def constant(self) -> float:
        """-Σ log y!."""
        return -float(np.sum(gammaln(self._y + 1.0)))

    def value_first_alpha(
        self, mu: FloatArray, eta: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the log density and its derivatives in eta and in alpha; eta = log mu."""
        alpha, y = self._alpha, self._y
        size = alpha * mu
        grow = np.log1p(size) / alpha
        share = 1.0 / (1.0 / mu + alpha)
        value = self._table + y * eta - (1.0 + alpha * y) * grow
        by_alpha = self._slope + _log_gap(size) * mu**2 - y * share
        return value, y - (1.0 + alpha * y) * share, by_alpha

    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return derivatives 1–3 in eta."""
        size = self._alpha * np.exp(eta)
        rest = 1.0 / (1.0 + size)
        scaled = (1.0 + self._alpha * self._y) / (np.exp(-eta) + self._alpha)
        second = -scaled * rest
        return self._y - scaled, second, second * (2.0 * rest - 1.0)

    def mixed_alpha(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return d/d alpha of the first and of the second derivative in eta."""
        rest = 1.0 / (1.0 + self._alpha * np.exp(eta))
        share = 1.0 / (np.exp(-eta) + self._alpha)
        scaled = (1.0 + self._alpha * self._y) * share
        return -share * (self._y - scaled), -share * rest * (self._y - 2.0 * scaled)


def _log_gap(x: FloatArray) -> FloatArray:
    """Return (log(1 + x) - x / (1 + x)) / x², by its series where x is small."""
    small = x < 1e-2
    safe = np.where(small, 1.0, x)
    exact = (np.log1p(safe) - safe / (1.0 + safe)) / safe**2
    series = np.zeros_like(x)
    for k in range(10, 1, -1):
        series = series * -x + (k - 1.0) / k
    return np.where(small, series, exact)
