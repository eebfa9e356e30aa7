"""The stage: read the marts read-only, fit every spec, write `estimates` at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from analysis_py.design import SQL_FOLDER, read_design, read_totals
from analysis_py.figures import figure_02_bins, figure_02_line
from analysis_py.fitting import RowResult, fit_row
from analysis_py.gradients import gradient_line, la_gradients
from analysis_py.settings import FitSettings, run_id, settings_hash
from analysis_py.specs import TableSpec, load_specs
from analysis_py.store import Estimates, Run, write_estimates
from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import Progress, silent
from common_py.warehouse import Build, read_build, reading, rows, sql


@dataclass(frozen=True)
class FitReport:
    """What a fit did.

    Attributes
    ----------
    run_id, build_id
        Of the run written, and of the build it read.
    n_fits, n_converged, n_cells
        Models of tables, those that converged, and cells written.
    failures
        One line a model without a result, with the reason.
    """

    run_id: str
    build_id: str
    census_year: int
    n_fits: int
    n_converged: int
    n_cells: int
    n_la_gradients: int
    failures: tuple[str, ...]

    @property
    def summary(self) -> str:
        """Return the report as lines of text."""
        first = (
            f"run {self.run_id}, census year {self.census_year}: "
            f"{self.n_converged} of {self.n_fits} models converged, {self.n_cells} cells, "
            f"{self.n_la_gradients} gradients of single LAs"
        )
        return "\n".join([first, *(f"  no estimate: {line}" for line in self.failures)])


@dataclass(frozen=True)
class _Job:
    """What every part of one run reads: the marts, the year, the tables and the choices."""

    connection: duckdb.DuckDBPyConnection
    census_year: int
    tables: tuple[TableSpec, ...]
    settings: FitSettings
    alpha: float


def fit(
    paths: Paths,
    *,
    census_year: int | None = None,
    settings: FitSettings | None = None,
    specs: Sequence[TableSpec] | None = None,
    progress: Progress = silent,
) -> FitReport:
    """Fit every table row, every LA's gradient and Figure 2, and write `estimates`.

    Parameters
    ----------
    paths
        Where the warehouse is.
    census_year
        The year ending 31 March; the latest one in the marts by default.
    settings, specs
        Other choices, and other tables than `specs/` holds.
    progress
        Called as each model is done.

    Raises
    ------
    CinError
        If there is no warehouse, its marts are not built, a spec is not valid, or the year
        is not in the marts. A model that fails is not an error: it is a row with a reason.
    """
    started_at = datetime.now(UTC).replace(tzinfo=None)
    settings = settings or FitSettings()
    tables = tuple(specs) if specs is not None else load_specs()
    with reading(paths.warehouse) as connection:
        build = read_build(connection)
        year = _census_year(connection, census_year)
        run = _run(build, year, tables, settings, started_at)
        job = _Job(connection, year, tables, settings, 1.0 - build.confidence_level)
        estimates = _estimates(job, run, progress)
    write_estimates(paths.warehouse, estimates)
    return _report(estimates)


def _run(
    build: Build,
    census_year: int,
    tables: Sequence[TableSpec],
    settings: FitSettings,
    started_at: datetime,
) -> Run:
    hashed = settings_hash(tables, settings, 1.0 - build.confidence_level)
    return Run(
        run_id=run_id(build.build_id, census_year, hashed),
        build_id=build.build_id,
        dataset=build.dataset,
        census_year=census_year,
        domain=build.domain,
        settings_hash=hashed,
        started_at=started_at,
    )


def _estimates(job: _Job, run: Run, progress: Progress) -> Estimates:
    results = _fit_tables(job, progress)
    gradients = {}
    measures = job.settings.gradient_measures
    for done, measure in enumerate(measures, start=1):
        gradients[measure] = la_gradients(job.connection, job.census_year, measure, job.alpha)
        progress("gradient of each LA", done, len(measures))
    return Estimates(
        run=run,
        results=results,
        gradients=tuple(one for found in gradients.values() for one in found),
        gradient_lines=tuple(
            gradient_line(job.census_year, measure, found, job.alpha)
            for measure, found in gradients.items()
        ),
        bands=tuple(figure_02_bins(job.connection, job.census_year, job.settings)),
        rate_lines=(figure_02_line(job.connection, job.census_year, job.settings, job.alpha),),
    )


def _fit_tables(job: _Job, progress: Progress) -> tuple[RowResult, ...]:
    """Fit one model after another: 19 of them take less time than starting processes."""
    work = [(table, row) for table in job.tables for row in table.rows]
    results = []
    for done, (table, row) in enumerate(work, start=1):
        totals = read_totals(job.connection, job.census_year, table, row)
        design = read_design(job.connection, job.census_year, table, row)
        results.append(
            fit_row(table, row, design, totals, alpha=job.alpha, n_points=job.settings.n_points)
        )
        progress("models of the tables", done, len(work))
    return tuple(results)


def _census_year(connection: duckdb.DuckDBPyConnection, census_year: int | None) -> int:
    years = [int(row["census_year"]) for row in rows(connection, sql(SQL_FOLDER, "census_years"))]
    if not years:
        raise CinError(
            "modelling.mdl_lsoa_context has no rows: no census year can be modelled",
            remedy="run `cin ingest` with a census year and its reference files, then `cin build`",
        )
    if census_year is None:
        return years[0]
    if census_year not in years:
        raise CinError(
            f"census year {census_year} is not in the marts",
            remedy=f"choose one of {', '.join(str(year) for year in years)}",
        )
    return census_year


def _report(estimates: Estimates) -> FitReport:
    fits = [result.fit for result in estimates.results]
    return FitReport(
        run_id=estimates.run.run_id,
        build_id=estimates.run.build_id,
        census_year=estimates.run.census_year,
        n_fits=len(fits),
        n_converged=sum(one.converged for one in fits),
        n_cells=sum(len(result.cells) for result in estimates.results),
        n_la_gradients=sum(one.converged for one in estimates.gradients),
        failures=tuple(
            f"Table {one.table_no}, {one.row_label}: {one.reason}"
            for one in fits
            if not one.converged
        ),
    )
