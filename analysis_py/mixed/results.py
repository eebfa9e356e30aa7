"""What a fit returns: estimates with their covariance, or the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis_py.mixed.quadrature import FloatArray
from analysis_py.tails import above, chi_square_above, quantile_above
from common_py.errors import CinError


@dataclass(frozen=True)
class Contrast:
    """A linear combination of coefficients with its interval and two-sided p-value."""

    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    p_value: float


@dataclass(frozen=True)
class VarianceTest:
    """Likelihood-ratio test that the last variance component is zero.

    The null value lies on the edge of the parameter space, where the statistic is distributed
    as an equal mixture of chi-square(0) and chi-square(1), or of 1 and 2 degrees of freedom for
    a slope with its correlation (Self and Liang 1987; Stram and Lee 1994).
    """

    statistic: float
    p_value: float
    llf_null: float


def quantile(alpha: float, df: float | None = None) -> float:
    """Return the two-sided normal (or t) quantile for level 1 - `alpha`."""
    if not 0.0 < alpha < 1.0:
        raise CinError(
            f"alpha must lie between 0 and 1, not {alpha!r}",
            place="alpha",
            remedy="use 0.05 for 95 % intervals",
        )
    return quantile_above(alpha / 2, df)


def two_sided(z: npt.ArrayLike, df: float | None = None) -> FloatArray:
    """Return the two-sided p-value of a z (or t) statistic."""
    size = np.abs(np.asarray(z, dtype=np.float64))
    return np.asarray(2.0 * above(size, df))


@dataclass(frozen=True)
class MixedResults:
    """A fitted random-intercept model, in the shape of statsmodels' results.

    Attributes
    ----------
    params
        Coefficients on the user's columns, shape (p,); NaN where there is no fit.
    cov_full
        Inverse observed information of (coefficients, group_sd), shape (p + 1, p + 1). Where the
        variance is zero its row and column are NaN and the rest is that of the GLM.
    variance_names, variance_params
        What follows the coefficients in `cov_full`, first the standard deviation of the random
        intercept on the link scale (`group_sd`).
    llf, llf_null
        Log-likelihood at the optimum and without the last variance component: group_sd = 0
        (the GLM) for a random intercept, the plain random-intercept model for the others.
    null_df
        The null distribution of the variance test is half chi-square(null_df), half
        chi-square(null_df + 1).
    converged
        Whether the numbers are a maximum (zero gradient, negative definite Hessian).
    reason
        Why not, or what to know about the fit (variance at its boundary); empty otherwise.
    boundary
        Whether the maximum has group_sd = 0.
    group_labels, group_effects, group_effects_se
        Labels, conditional modes of the random intercepts and their conditional standard
        errors, shape (n_groups,).
    group_slopes, group_slopes_se
        The same for random slopes; empty where the model has none.
    """

    family: str
    exog_names: tuple[str, ...]
    params: FloatArray
    variance_names: tuple[str, ...]
    variance_params: FloatArray
    cov_full: FloatArray
    llf: float
    llf_null: float
    nobs: int
    n_groups: int
    n_events: float
    n_dropped: int
    n_points: int
    converged: bool
    reason: str
    boundary: bool
    n_iter: int
    group_labels: npt.NDArray[Any]
    group_effects: FloatArray
    group_effects_se: FloatArray
    null_df: int = 0
    group_slopes: FloatArray = field(default_factory=lambda: np.zeros(0))
    group_slopes_se: FloatArray = field(default_factory=lambda: np.zeros(0))

    @property
    def bse(self) -> FloatArray:
        """Standard errors of the coefficients, shape (p,)."""
        return np.asarray(np.sqrt(np.diag(self.cov_full)[: len(self.params)]))

    @property
    def group_sd(self) -> float:
        """Standard deviation of the random intercept on the link scale."""
        return float(self.variance_params[0])

    @property
    def group_sd_se(self) -> float:
        """Standard error of group_sd; NaN at the boundary."""
        return float(self.variance_se[0])

    @property
    def variance_se(self) -> FloatArray:
        """Standard errors of `variance_params`; NaN at a boundary."""
        return np.asarray(np.sqrt(np.diag(self.cov_full)[len(self.params) :]))

    @property
    def tvalues(self) -> FloatArray:
        """Estimate over standard error, shape (p,)."""
        return self.params / self.bse

    @property
    def pvalues(self) -> FloatArray:
        """Two-sided normal p-values, shape (p,)."""
        return two_sided(self.tvalues)

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return -2.0 * self.llf + 2.0 * len(self.cov_full)

    @property
    def bic(self) -> float:
        """Schwarz's criterion with the number of rows."""
        return float(-2.0 * self.llf + np.log(self.nobs) * len(self.cov_full))

    def cov_params(self) -> FloatArray:
        """Covariance of the coefficients, shape (p, p)."""
        p = len(self.params)
        return self.cov_full[:p, :p].copy()

    def conf_int(self, alpha: float = 0.05) -> FloatArray:
        """Wald intervals of the coefficients, shape (p, 2)."""
        half = quantile(alpha) * self.bse
        return np.column_stack([self.params - half, self.params + half])

    def contrast(
        self, vector: npt.ArrayLike, alpha: float = 0.05, df: float | None = None
    ) -> Contrast:
        """Return vector'params with its Wald interval.

        Parameters
        ----------
        vector
            Weights, shape (p,).
        alpha
            1 - confidence level.
        df
            Degrees of freedom of a t reference; normal if None.

        Raises
        ------
        CinError
            If the vector does not have one weight a coefficient.
        """
        weights = np.asarray(vector, dtype=np.float64)
        if weights.shape != self.params.shape:
            raise CinError(
                f"shape {weights.shape} for {len(self.params)} coefficients",
                place="vector",
                remedy="give one weight a coefficient: " + ", ".join(self.exog_names),
            )
        estimate = float(weights @ self.params)
        error = float(np.sqrt(max(float(weights @ self.cov_params() @ weights), 0.0)))
        if not self.converged:
            error = float("nan")
        half = quantile(alpha, df) * error
        with np.errstate(invalid="ignore", divide="ignore"):
            p_value = float(two_sided(np.float64(estimate) / error, df))
        return Contrast(estimate, error, estimate - half, estimate + half, p_value)

    def variance_test(self) -> VarianceTest:
        """Boundary-corrected likelihood-ratio test of the last variance component."""
        if not self.converged:
            return VarianceTest(float("nan"), float("nan"), self.llf_null)
        statistic = max(2.0 * (self.llf - self.llf_null), 0.0)
        low = chi_square_above(statistic, self.null_df) if self.null_df else 0.0
        high = chi_square_above(statistic, self.null_df + 1)
        p_value = 1.0 if statistic == 0.0 else 0.5 * (low + high)
        return VarianceTest(statistic, p_value, self.llf_null)

    def summary(self, alpha: float = 0.05) -> str:
        """Return a table of the fit as text."""
        from analysis_py.mixed.summary import render  # noqa: PLC0415 (breaks an import cycle)

        return render(self, alpha)
