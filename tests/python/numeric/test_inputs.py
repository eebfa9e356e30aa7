"""Inputs that hide something are refused by name: NULLs, labels, points, linear models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis_py.mixed import (
    NegativeBinomialMixed,
    NestedPoissonMixed,
    PoissonMixed,
    PoissonRandomSlope,
    cluster_robust_linear,
    cluster_robust_poisson,
)
from tests.python.numeric.test_boundaries import GROUP, NAMES, N, _refused, _world


def test_what_a_masked_array_hides_is_missing() -> None:
    """DuckDB hands a NULL over as a masked entry, with some number underneath."""
    y, x = _world()
    hidden = np.arange(N) == 3
    _refused(lambda: PoissonMixed(np.ma.array(y, mask=hidden), x, GROUP), "endog", "1 of 400")
    size = np.ma.array(np.ones(N), mask=hidden)
    _refused(lambda: PoissonMixed(y, x, GROUP, size), "exposure", "1 of 400")
    wide = np.ma.array(x, mask=np.column_stack([np.zeros(N, dtype=bool), hidden]))
    _refused(lambda: PoissonMixed(y, wide, GROUP, exog_names=NAMES), "income", "1 of 400")
    groups = np.ma.array(GROUP, mask=hidden)
    _refused(lambda: PoissonMixed(y, x, groups), "groups", "missing")
    assert PoissonMixed(np.ma.array(y), x, np.ma.array(GROUP)).fit().converged


@pytest.mark.parametrize(
    ("label", "words"),
    [(pd.NA, "missing"), (pd.NaT, "missing"), (np.nan, "missing"), (None, "missing"), (7, "kinds")],
)
def test_labels_that_are_none_or_of_two_kinds(label: Any, words: str) -> None:
    y, x = _world()
    labels = np.array([f"E{g}" for g in GROUP], dtype=object)
    labels[3] = label
    _refused(lambda: PoissonMixed(y, x, labels), "groups", words)


@pytest.mark.parametrize("n_points", ["a", None, [7], 7.5])
def test_points_that_are_no_number(n_points: Any) -> None:
    y, x = _world()
    _refused(lambda: PoissonMixed(y, x, GROUP, n_points=n_points), "n_points", "1 to 99")


def test_linear_models_are_held_to_the_same_inputs() -> None:
    y, x = _world()
    wide = np.column_stack([x, 2 * x[:, 1]])
    names = (*NAMES, "spend")
    linear = cluster_robust_linear
    _refused(lambda: linear(y, wide, GROUP, exog_names=names), "spend", "a combination of income")
    wide[:, 2] = 0.0
    _refused(lambda: linear(y, wide, GROUP, exog_names=names), "spend", "all zeros")
    y[3] = np.nan
    _refused(lambda: linear(y, x, GROUP), "endog", "1 of 400 values are missing")


@pytest.mark.parametrize("robust", [cluster_robust_poisson, cluster_robust_linear])
def test_a_large_covariate_does_not_stop_the_robust_fit(robust: Any) -> None:
    y, x = _world()
    moved = robust(y, np.column_stack([x[:, 0], x[:, 1] + 1e6]), GROUP)
    plain = robust(y, x, GROUP)
    for found, wanted in ((moved.params, plain.params), (moved.bse, plain.bse)):
        assert found[1] == pytest.approx(wanted[1], rel=1e-6)
    assert moved.df[1] == pytest.approx(plain.df[1], rel=1e-6)


@pytest.mark.parametrize(
    "make", [PoissonMixed, NegativeBinomialMixed, PoissonRandomSlope, NestedPoissonMixed]
)
def test_a_likelihood_is_refused_where_there_is_none(make: Any) -> None:
    y, x = _world()
    options: dict[Any, tuple[dict[str, Any], int]] = {
        PoissonMixed: ({}, 1),
        NegativeBinomialMixed: ({}, 2),
        PoissonRandomSlope: ({"slope": 1}, 3),
        NestedPoissonMixed: ({"subgroups": None}, 2),
    }
    given, n_variances = options[make]
    empty = make(0 * y, x, GROUP, **given)
    _refused(lambda: empty.loglike([0, 0], *([0.1] * n_variances)), "endog", "no events")
