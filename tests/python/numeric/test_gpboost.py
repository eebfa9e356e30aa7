"""A second outside check on the national-size data: gpboost, a development dependency.

Its default tolerance stops early without a warning (statistics, section 4), hence
`delta_rel_conv=1e-12`. It uses Laplace's approximation, so ours is held to one point.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.python.numeric.cases import data_set, design, fitted


@cache
def outside() -> Any:
    """Return gpboost's fit of the national-size data; skips where it cannot be loaded."""
    try:
        import gpboost  # noqa: PLC0415 (seconds to import, which every worker would spend)
    except (ImportError, OSError) as reason:  # OSError: its library needs the system's OpenMP
        pytest.skip(f"gpboost cannot be loaded here: {reason}")
    data = data_set("national")
    model = gpboost.GPModel(group_data=data["group"].astype(int), likelihood="poisson")
    params = {"delta_rel_conv": 1e-12, "maxit": 2000}
    offset = np.log(data["pop"])
    return model.fit(y=data["y"], X=design(data), offset=offset, params=params)


def _numbers(values: Any) -> npt.NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64).ravel()


def test_estimates() -> None:
    ours, theirs = fitted("national", 1), outside()
    coefficients = _numbers(theirs.get_coef(format_pandas=False))
    np.testing.assert_allclose(coefficients[:4], ours.params, rtol=0, atol=1e-5)
    sd = np.sqrt(_numbers(theirs.get_cov_pars(format_pandas=False))[0])
    assert sd == pytest.approx(ours.group_sd, abs=1e-4)


def test_standard_errors() -> None:
    """Of x1, x2 and x1:x2: gpboost's of the constant is .2 % off R's Hessians, which give ours."""
    errors = _numbers(outside().get_coef(format_pandas=True, std_err=True).loc["Std. err."])
    np.testing.assert_allclose(errors[1:], fitted("national", 1).bse[1:], rtol=1e-3)


def test_its_own_likelihood_is_no_lower_at_our_estimates() -> None:
    data, ours = data_set("national"), fitted("national", 1)
    at_ours = -outside().neg_log_likelihood(
        cov_pars=np.array([ours.group_sd**2]),
        y=data["y"],
        fixed_effects=design(data) @ ours.params + np.log(data["pop"]),
    )
    assert at_ours == pytest.approx(ours.llf, abs=1e-6)
    assert at_ours >= -outside().get_current_neg_log_likelihood() - 1e-6
