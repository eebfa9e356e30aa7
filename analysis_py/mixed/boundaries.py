"""Edges of the problem: what is found there, and the words that the result carries."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis_py.mixed.design import Design
from analysis_py.mixed.optimise import negative_definite
from analysis_py.mixed.quadrature import FloatArray
from common_py.errors import CinError

ZERO_VARIANCE = "the group variance is zero: the maximum is the model without random intercepts"
ZERO_DISPERSION = "no variation between rows beyond Poisson: the maximum is the Poisson model"
ZERO_GROUP_SD = "the group variance is zero beside the other level"
ZERO_SUBGROUP_SD = "the variance within groups is zero: the maximum is the simpler model"
ZERO_SLOPE_SD = "the slope variance is zero: the maximum is the random-intercept model"
PERFECT_CORRELATION = "intercepts and slopes are perfectly correlated: the maximum is on the edge"

#: Above this a standard deviation on the log scale means that it grows without end.
MAX_SD = 15.0

#: A GLM whose scaled information has a smaller relative eigenvalue is looked at for separation.
SUSPICIOUS = 1e-6

#: So is one whose information about a coefficient of a column of size 1 is below this.
LITTLE = 1e-2


def empty(design: Design, n_events: float, n_trials: float) -> str:
    """Return why nothing can be fitted, or an empty string."""
    if design.n_rows == 0:
        return "no rows with a denominator"
    if design.n_groups < 2:
        return "one group: the variance between groups cannot be estimated"
    if n_events == 0:
        return "no events in any row"
    if n_events >= n_trials:
        return "every trial is a success"
    if design.n_rows <= design.n_coefs:
        return f"{design.n_rows} rows for {design.n_coefs} coefficients"
    return ""


def refuse(failure: str) -> None:
    """Raise a CinError where a likelihood is asked of data that have none (`failure`).

    Raises
    ------
    CinError
        If `failure` is not empty.
    """
    if failure:
        raise CinError(
            f"these data have no likelihood: {failure}",
            place="endog",
            remedy="call fit(), whose result carries the reason",
        )


def separation(
    design: Design,
    at_floor: npt.NDArray[np.bool_],
    at_ceiling: npt.NDArray[np.bool_],
    converged: bool,
    hessian: FloatArray,
) -> str:
    """Return the reason if the maximum lies at infinity, or an empty string.

    A direction γ along which the likelihood never falls exists exactly when a linear programme
    has a positive optimum: xγ <= 0 on rows at their lowest outcome, >= 0 at their highest and
    0 on all others (Albert and Anderson 1984; Santos Silva and Tenreyro 2010 for counts).
    It is solved only when the GLM looks like it: no convergence, or information near zero.
    """
    informed = bool(np.all(-np.diag(hessian) > LITTLE))
    if converged and informed and negative_definite(hessian, SUSPICIOUS):
        return ""
    from scipy.optimize import linprog  # noqa: PLC0415 (a tenth of a second to import)

    x = design.x
    sign = at_ceiling.astype(np.float64) - at_floor.astype(np.float64)
    free = sign != 0
    if not free.any():
        return ""
    tied = x[:, ~free]
    equal = _row_space(tied) if tied.size else None
    toward = (x[:, free] * sign[free]).T
    found = linprog(
        -toward.sum(axis=0) / len(toward),
        A_ub=-toward,
        b_ub=np.full(len(toward), 1e-9),
        A_eq=equal,
        b_eq=None if equal is None else np.zeros(len(equal)),
        bounds=[(-1.0, 1.0)] * len(x),
        method="highs",
    )
    if found.status != 0 or -found.fun < 1e-7:
        return ""
    names = [design.names[c] for c in np.flatnonzero(np.abs(found.x) > 1e-6)]
    return f"separation: the estimate of {', '.join(names)} is infinite"


def _row_space(x: FloatArray) -> FloatArray:
    """Return an orthonormal basis of the columns of x (p, n), as rows: xᵀγ = 0 iff basis γ = 0."""
    vectors, values, _ = np.linalg.svd(x @ x.T)
    return np.asarray(vectors[:, values > 1e-10 * max(float(values[0]), 1e-300)].T)


def explain(theta: FloatArray, reason: str) -> str:
    """Say in words why the search for the mixed model stopped."""
    if abs(float(theta[-1])) > MAX_SD:
        return "the group variance grows without end: events lie in whole groups or not at all"
    return reason
