"""Designs: rows, terms and what is left out; every stratum in the order of its grid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from analysis_py.design import Counts, Grid, Marts, make_design, model_matrix, weights
from analysis_py.specs import Cohort, ModelSpec, Weight
from tests.python.small_marts import change, small_marts

MODEL = ModelSpec("", "lsoa", "poisson", Cohort("referral"), ("x1", "x2", "x1:x2"))


def _grid(**changes: object) -> Grid:
    columns = {
        "la_code": np.array(["A", "A", "B", "B"]),
        "x1": np.array([-1.0, 1.0, -2.0, 2.0]),
        "x2": np.array([0.5, 0.5, -0.5, -0.5]),
        "log_density": np.array([7.0, 8.0, 9.0, 10.0]),
        "spend_z": np.full(4, np.nan),
    }
    return Grid(columns | changes)  # type: ignore[arg-type]


def _counts(events: list[float], size: list[float]) -> Counts:
    return Counts(np.array(events), np.array(size))


def test_a_product_term_is_the_product_of_its_columns() -> None:
    x1, x2 = np.array([1.0, 2.0, -1.0]), np.array([0.5, -1.0, 3.0])
    found = model_matrix({"x1": x1, "x2": x2}, ("x1", "x2", "x1:x2"))
    assert np.array_equal(found, np.column_stack([np.ones(3), x1, x2, x1 * x2]))


def test_an_area_without_population_or_a_term_is_left_out_and_its_events_counted() -> None:
    grid = _grid(x1=np.array([-1.0, np.nan, -2.0, 2.0]))
    found = make_design(MODEL, grid, _counts([3.0, 4.0, 5.0, 6.0], [0.0, 9.0, 9.0, 9.0]))
    assert found.n_events.tolist() == [5.0, 6.0]
    assert found.areas.tolist() == [2, 3]
    assert (found.n_left_out, found.reason) == (7, "")


@pytest.mark.parametrize(
    ("counts", "model", "words"),
    [
        (_counts([np.nan] * 4, [np.nan] * 4), MODEL, "no counts of measure 'referral'"),
        (_counts([0.0] * 4, [9.0] * 4), MODEL, "no events in this stratum"),
        (_counts([1.0] * 4, [0.0] * 4), MODEL, "no area has a denominator"),
        (
            _counts([1.0] * 4, [9.0] * 4),
            ModelSpec("", "la", "poisson", Cohort("cin"), ("z",), "spend"),
            "no area has a value of 'spend'",
        ),
        (
            _counts([1.0] * 4, [9.0] * 4),
            ModelSpec("", "la", "poisson", Cohort("cin"), ("z",), "vacancy_rate"),
            "the marts have no 'vacancy_rate'",
        ),
        (
            _counts([np.nan] * 4, [0.0] * 4),
            ModelSpec("", "outcome", "binomial", Cohort("rereferral_12m"), ("x1",)),
            "no episodes with the outcome 'rereferral_12m'",
        ),
    ],
)
def test_what_cannot_be_fitted_says_why(counts: Counts, model: ModelSpec, words: str) -> None:
    assert words in make_design(model, _grid(), counts).reason


def test_moments_of_what_describes_authorities_are_over_authorities() -> None:
    found = make_design(MODEL, _grid(), _counts([1.0] * 4, [9.0] * 4)).moments
    assert found["x2"] == pytest.approx((0.0, np.std([0.5, -0.5], ddof=1)))
    assert found["x1"] == pytest.approx((0.0, np.std([-1, 1, -2, 2], ddof=1)))


def test_a_centre_is_taken_off_and_weights_resolve_means_and_deviations() -> None:
    model = ModelSpec(
        "", "lsoa", "poisson", Cohort("referral"), ("x1", "x1:log_density"),
        centre=(("log_density", 8.0),),
    )  # fmt: skip
    found = make_design(model, _grid(), _counts([1.0] * 4, [9.0] * 4))
    assert found.exog[:, 2] == pytest.approx([-1 * -1.0, 1 * 0.0, -2 * 1.0, 2 * 2.0])
    contrast = (("x1", Weight(1.0)), ("x1:log_density", Weight(mean=1.0, sd=-1.0)))
    sd = np.std([7.0, 8.0, 9.0, 10.0], ddof=1)
    assert weights(contrast, found.moments) == pytest.approx(
        {"x1": 1.0, "x1:log_density": 0.5 - sd}
    )


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    paths = small_marts(tmp_path)
    # rows in another order, and one LSOA that the counts of girls do not have
    change(
        paths,
        "create or replace table modelling.mdl_lsoa_counts as "
        "select * from modelling.mdl_lsoa_counts order by hash(lsoa_code || stratum)",
        "update modelling.mdl_lsoa_counts set n_events = 77 "
        "where lsoa_code = 'E06000003-05' and stratum = 'male' and measure = 'referral'",
        "delete from modelling.mdl_lsoa_counts "
        "where lsoa_code = 'E06000001-01' and stratum = 'female' and measure = 'referral'",
    )
    with duckdb.connect(str(paths.warehouse), read_only=True) as found:
        yield found


def test_strata_are_read_together_and_lie_in_the_order_of_the_grid(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    cohorts = [Cohort("referral", "sex", name) for name in ("female", "male")]
    marts = Marts(
        connection, 2019, [ModelSpec("", "lsoa", "poisson", cohort, ("x1",)) for cohort in cohorts]
    )
    female, male = (marts.counts("lsoa", cohort) for cohort in cohorts)
    codes = marts.grid("lsoa").la_code
    assert male.n_events[np.flatnonzero(codes == "E06000003")[4]] == 77
    assert np.isnan(female.n_events[0])
    assert np.isfinite(female.n_events[1:]).all()
    assert len(female.n_events) == len(codes) == 144


@pytest.mark.parametrize("grain", ["lsoa", "msoa", "la"])
def test_every_grain_counts_the_same_events(
    connection: duckdb.DuckDBPyConnection, grain: str
) -> None:
    cohort = Cohort("cin")
    marts = Marts(connection, 2019)
    expected = connection.execute(
        "select sum(n_events), sum(population) from modelling.mdl_lsoa_counts "
        "where measure = 'cin' and stratum = 'all'"
    ).fetchone()
    found = marts.counts(grain, cohort)
    assert (found.total, found.total_size) == pytest.approx(expected)


def test_persons_and_prevalence_come_from_the_rates(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    marts = Marts(connection, 2019)
    assert marts.counts("lsoa", Cohort("cin", timing="prevalence")).is_there
    assert not marts.counts("lsoa", Cohort("s47", timing="prevalence")).is_there
