"""Straight lines by least squares, for figures and indices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis_py.design import Vector


@dataclass(frozen=True)
class Line:
    """A straight line by least squares, with the slope's interval."""

    intercept: float
    slope: float
    std_error: float
    ci_low: float
    ci_high: float
    p_value: float
    r_squared: float


def least_squares(x: Vector, y: Vector, *, alpha: float, robust: bool = False) -> Line:
    """Fit y = a + b x by ordinary least squares (statsmodels).

    Parameters
    ----------
    x, y
        Arrays (n,), n of at least 3, x not constant.
    robust
        Use HC1 standard errors and normal limits, for rates whose variance grows.
    """
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 (a second to import)

    model = OLS(y, np.column_stack([np.ones(len(x)), x]))
    fitted = model.fit(cov_type="HC1") if robust else model.fit()
    low, high = fitted.conf_int(alpha)[1]
    return Line(
        intercept=float(fitted.params[0]),
        slope=float(fitted.params[1]),
        std_error=float(fitted.bse[1]),
        ci_low=float(low),
        ci_high=float(high),
        p_value=float(fitted.pvalues[1]),
        r_squared=float(fitted.rsquared) if np.ptp(y) > 0 else 0.0,
    )
