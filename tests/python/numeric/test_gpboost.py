"""A second outside check on the national-size data: gpboost, a development dependency.

Its default tolerance stops early without a warning (statistics, section 4), hence
`delta_rel_conv=1e-12`. It uses Laplace's approximation, so ours is held to one point.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.python.numeric.cases import data_set, design, fitted

gpboost = pytest.importorskip(
    "gpboost", reason="gpboost, a development dependency, is not installed (pip install gpboost)"
)


def test_national_size() -> None:
    data = data_set("national")
    outside = gpboost.GPModel(group_data=data["group"].astype(int), likelihood="poisson")
    outside.fit(
        y=data["y"],
        X=design(data),
        offset=np.log(data["pop"]),
        params={"delta_rel_conv": 1e-12, "maxit": 2000},
    )
    ours = fitted("national", 1)
    params = np.asarray(outside.get_coef(format_pandas=False)).ravel()[:4]
    sd = float(np.sqrt(np.asarray(outside.get_cov_pars(format_pandas=False)).ravel()[0]))
    np.testing.assert_allclose(params, ours.params, atol=1e-4)
    assert sd == pytest.approx(ours.group_sd, abs=1e-4)
    assert ours.llf >= -outside.get_current_neg_log_likelihood() - 1e-6
