"""Many fits: the same numbers whatever the workers, and failures as data."""

from __future__ import annotations

import os

import numpy as np
import pytest

from analysis_py.mixed import FitSpec, MixedResults, fit_many, parallel, run_spec
from common_py.errors import CinError
from common_py.processes import spawned
from tests.python.numeric.cases import NAMES, data_set, design


def specs(n: int) -> list[FitSpec]:
    """Return `n` Poisson fits of different strata."""
    data = data_set("poisson_unbalanced")
    rng = np.random.default_rng(8)
    shared = {"exog": design(data), "groups": data["group"], "exposure": data["pop"]}
    return [
        FitSpec(
            f"stratum {k}",
            "poisson",
            {"endog": rng.binomial(data["y"].astype(int), 0.2 + 0.03 * k), **shared},
            {"exog_names": NAMES},
        )
        for k in range(n)
    ]


def identical(a: MixedResults, b: MixedResults) -> bool:
    """Whether two results are the same to the last bit."""
    return bool(
        np.array_equal(a.params, b.params)
        and np.array_equal(a.cov_full, b.cov_full)
        and np.array_equal(a.group_effects, b.group_effects)
        and a.llf == b.llf
    )


def test_workers_do_not_change_a_bit() -> None:
    todo = specs(12)
    one = fit_many(todo, 1)
    for workers in (2, 5):
        assert all(map(identical, one, fit_many(todo, workers, backend="threads")))


def test_spawned_processes_give_the_same() -> None:
    todo = specs(3)
    assert all(map(identical, fit_many(todo, 1), fit_many(todo, 2, backend="processes")))


def test_short_work_stays_in_this_process() -> None:
    todo = specs(3)
    assert parallel._chosen(todo, 2) == ("threads", 1)
    assert parallel._chosen(todo * 5000, 2) == ("processes", 2)
    assert [list(b) for b in parallel._batches(5, 1)] == [[0, 1], [2, 3], [4]]


def test_progress_counts_every_fit() -> None:
    for workers in (1, 3):
        seen: list[tuple[str, int, int]] = []
        fit_many(specs(4), workers, backend="threads", progress=lambda *args: seen.append(args))  # noqa: B023
        assert seen == [("fits", k, 4) for k in range(1, 5)]


def test_failure_is_data() -> None:
    good, other = specs(2)
    exog = np.asarray(other.rows["exog"]).copy()
    exog[3, 1] = np.nan
    bad = FitSpec("bad", "poisson", {**other.rows, "exog": exog}, other.options)
    empty = FitSpec("none", "poisson", {**other.rows, "endog": np.zeros(len(exog))})
    found = fit_many([bad, good, empty], 2, backend="threads")
    assert [r.converged for r in found] == [False, True, False]
    assert found[0].reason.startswith("x1: 1 of")
    assert found[0].exog_names == NAMES
    assert np.isnan(found[0].params).all()
    assert "no events" in found[2].reason
    assert found[0].summary()


def test_a_failure_has_the_shape_of_a_fit() -> None:
    data = {k: v[:80] for k, v in data_set("three_level").items()}
    shared = {"endog": data["y"], "exog": design(data), "groups": data["group"]}
    options = {"poisson_slope": {"slope": 1}, "binomial_slope": {"slope": 1}}
    for name in parallel.MODELS:
        for subgroups in (None, data["msoa"]) if name == "nested_poisson" else (None,):
            rows = dict(shared)
            if name == "nested_poisson":
                rows["subgroups"] = subgroups
            if name.startswith("binomial"):
                rows["successes"] = np.minimum(rows.pop("endog"), 5)
                rows["trials"] = np.full(80, 5.0)
            fit = run_spec(FitSpec(name, name, rows, {"n_points": 1} | options.get(name, {})))
            wrong = rows | {"exog": np.where(np.arange(80)[:, None] == 3, np.nan, rows["exog"])}
            bad = run_spec(FitSpec(name, name, wrong, options.get(name, {})))
            assert fit.converged
            assert not bad.converged
            assert bad.variance_names == fit.variance_names
            assert bad.cov_full.shape == fit.cov_full.shape


def test_unknown_names_are_errors() -> None:
    with pytest.raises(CinError, match="unknown model"):
        run_spec(FitSpec("a", "gamma", {}))
    with pytest.raises(CinError, match="unknown backend"):
        fit_many([], backend="forks")
    assert fit_many([]) == []


def test_processes_side_by_side_have_one_thread_of_linear_algebra() -> None:
    name = "OPENBLAS_NUM_THREADS"
    before = os.environ.get(name)
    with spawned(1) as executor:
        assert executor.submit(os.getenv, name).result() == "1"
    assert os.environ.get(name) == before
