"""Designs: ordered arrays for one model, as SQL decided them, and the printed totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from analysis_py.specs import Cohort, RowSpec, TableSpec
from common_py.warehouse import arrays, rows, sql

SQL_FOLDER = Path(__file__).parent / "sql"
CONSTANT = "const"

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Totals:
    """Counts of one table row over every LSOA.

    Attributes
    ----------
    n_lsoas
        LSOAs with a row, fitted or not.
    n_left_out
        Events in LSOAs without a population or a deprivation score, which no model sees.
    statistics
        The printed totals by statistic; None where it has no value.
    """

    n_lsoas: int
    n_left_out: int
    statistics: Mapping[str, float | None]


@dataclass(frozen=True)
class Design:
    """The arrays of one model, all of length n and ordered by LA and LSOA.

    Attributes
    ----------
    n_events
        Events per LSOA.
    population
        Children per LSOA (persons), above zero.
    exog
        (n, 1 + terms): a constant, then the spec's terms.
    exog_names
        Names of its columns.
    groups
        LA codes.
    """

    n_events: Vector
    population: Vector
    exog: Vector
    exog_names: tuple[str, ...]
    groups: NDArray[Any]


def read_totals(
    connection: duckdb.DuckDBPyConnection, census_year: int, table: TableSpec, row: RowSpec
) -> Totals:
    """Read the printed totals of one table row."""
    base = table.percent_of
    found = rows(
        connection,
        sql(SQL_FOLDER, "totals"),
        {
            **_cohort_parameters(census_year, row.cohort),
            "base_measure": base.measure,
            "base_stratum_type": base.stratum_type,
            "base_stratum": base.stratum,
        },
    )[0]
    n_lsoas, n_left_out = int(found.pop("n_lsoas")), int(found.pop("n_left_out"))
    return Totals(n_lsoas, n_left_out, found)


def read_design(
    connection: duckdb.DuckDBPyConnection, census_year: int, table: TableSpec, row: RowSpec
) -> Design:
    """Read the arrays of one table row's model and build its terms."""
    found = arrays(
        connection, sql(SQL_FOLDER, "design"), _cohort_parameters(census_year, row.cohort)
    )
    return Design(
        n_events=found["n_events"],
        population=found["population"],
        exog=model_matrix(found, table.terms),
        exog_names=(CONSTANT, *table.terms),
        groups=found["la_code"],
    )


def model_matrix(covariates: Mapping[str, NDArray[Any]], terms: tuple[str, ...]) -> Vector:
    """Return a constant and the terms as columns; `a:b` is the product of a and b.

    Parameters
    ----------
    covariates
        Arrays of length n by name.
    terms
        Names of covariates, or products of them.

    Returns
    -------
    array (n, 1 + len(terms))
    """
    n = len(next(iter(covariates.values())))
    columns = [np.ones(n)]
    for term in terms:
        factors = [np.asarray(covariates[name], dtype=np.float64) for name in term.split(":")]
        columns.append(np.prod(factors, axis=0))
    return np.column_stack(columns)


def _cohort_parameters(census_year: int, cohort: Cohort) -> dict[str, object]:
    return {
        "census_year": census_year,
        "measure": cohort.measure,
        "stratum_type": cohort.stratum_type,
        "stratum": cohort.stratum,
    }
