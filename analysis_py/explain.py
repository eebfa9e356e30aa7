"""The SQL beneath a table, for readers who want to run it: files and the parameters they take."""

from __future__ import annotations

from collections.abc import Iterator

from analysis_py.design import SQL_FOLDER, counts_query
from analysis_py.specs import ModelSpec, TableSpec
from common_py.warehouse import sql


def table_sql(spec: TableSpec, census_year: int) -> str:
    """Return the SQL that decides who a table counts, with the parameters of each row."""
    if spec.query:
        parts = [f"-- Table {spec.table_no}: $census_year = {census_year}"]
        return "\n\n".join([*parts, *(sql(SQL_FOLDER, name) for name in spec.query)])
    lines = [f"-- Table {spec.table_no}: models are fitted to the rows of these queries, with"]
    lines += dict.fromkeys(_parameters(spec, census_year))
    models = [model for row in spec.rows for model in row.models]
    names = dict.fromkeys(counts_query(model.grain, model.cohort) for model in models)
    grids = dict.fromkeys("lsoa" if m.grain == "outcome" else m.grain for m in models)
    queries = [*names, *(f"grid_{grain}" for grain in grids)]
    return "\n\n".join(["\n".join(lines), *(sql(SQL_FOLDER, name) for name in queries)])


def _parameters(spec: TableSpec, census_year: int) -> Iterator[str]:
    for row in spec.rows:
        for model in row.models:
            yield f"--   {row.label}: $census_year = {census_year}, {_of(model)}"


def _of(model: ModelSpec) -> str:
    cohort = model.cohort
    said = f"$measures = ['{cohort.measure}']"
    if model.grain != "outcome":
        said += f", $stratum_types = ['{cohort.stratum_type}'], $strata = ['{cohort.stratum}']"
    if model.grain.startswith("la") or not cohort.is_of_the_models:
        said += f", $bases = ['{cohort.basis}'], $timings = ['{cohort.timing}']"
    return said
