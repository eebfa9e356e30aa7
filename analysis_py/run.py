"""The stage: read the marts read-only, fit every spec, write `estimates` at once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from analysis_py.beside import fit_beside
from analysis_py.correlations import correlations
from analysis_py.design import SQL_FOLDER, Marts
from analysis_py.domains import domains
from analysis_py.figures import figures
from analysis_py.fitting import Fit
from analysis_py.gradients import LaGradient, gradients
from analysis_py.indices import indices
from analysis_py.job import Content, Job
from analysis_py.pool import Cores
from analysis_py.settings import FitSettings, run_id, settings_hash
from analysis_py.specs import TableSpec, load_specs
from analysis_py.store import Run, write_estimates
from analysis_py.tables import fit_tables, models_expected
from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import Progress, silent
from common_py.warehouse import Build, read_build, reading, rows, sql

#: Reasons that the summary lists.
SHOWN_FAILURES = 20


@dataclass(frozen=True)
class Timing:
    """One row of `estimates.timings`, without its run."""

    part: str
    n_models: int
    seconds: float


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
        One line a table and reason for which models have no result, with how many.
    timings
        How long each part took.
    """

    run_id: str
    build_id: str
    census_year: int
    n_fits: int
    n_converged: int
    n_cells: int
    n_la_gradients: int
    failures: tuple[str, ...]
    timings: tuple[Timing, ...]

    @property
    def summary(self) -> str:
        """Return the report as lines of text."""
        first = (
            f"run {self.run_id}, census year {self.census_year}: "
            f"{self.n_converged} of {self.n_fits} models converged, {self.n_cells} cells, "
            f"{self.n_la_gradients} gradients of single LAs"
        )
        parts = [
            f"  {one.seconds:7.1f} s   {one.part} ({one.n_models:,} models)" for one in self.timings
        ]
        shown = list(self.failures[:SHOWN_FAILURES])
        if len(self.failures) > SHOWN_FAILURES:
            more = len(self.failures) - SHOWN_FAILURES
            shown.append(f"and {more} more reasons, in estimates.fits")
        return "\n".join([first, *parts, *(f"  no estimate: {line}" for line in shown)])


def fit(
    paths: Paths,
    *,
    census_year: int | None = None,
    settings: FitSettings | None = None,
    specs: Sequence[TableSpec] | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> FitReport:
    """Fit every table, what stands beside it, and every figure, and write `estimates`.

    Parameters
    ----------
    paths
        Where the warehouse is.
    census_year
        The year ending 31 March; the latest one in the marts by default.
    settings, specs
        Other choices, and other tables than `specs/` holds.
    workers
        Processes at once for long work; the number of cores if None. The estimates are the
        same whatever it is.
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
    with reading(paths.warehouse) as connection, Cores(workers) as cores:
        build = read_build(connection)
        year = _census_year(connection, census_year)
        run = _run(build, year, tables, settings, started_at)
        job = Job(
            Marts(connection, year, models_expected(tables)),
            tables,
            settings,
            1.0 - build.confidence_level,
            progress,
            cores,
        )
        content, timings = _content(job)
    queries = [table for table in tables if table.query]
    n_cells = write_estimates(paths.warehouse, run, content | {"timings": timings}, queries)
    return _report(run, content, timings, n_cells)


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


def _content(job: Job) -> tuple[Content, list[Timing]]:
    """Run part after part; each names the rows it gives, and how long it took."""
    content: Content = {}
    timings: list[Timing] = []

    def part(name: str, work: Callable[[Job], Content], rows_of: str) -> None:
        begun = time.perf_counter()
        content.update(work(job))
        n_models = len(content[rows_of])
        timings.append(Timing(name, n_models, time.perf_counter() - begun))

    part("models of the tables", fit_tables, "fits")
    if job.settings.with_sensitivities:
        part("models and tests beside the tables", fit_beside, "sensitivity_fits")
    part("gradients of single LAs", gradients, "la_gradients")
    part("domains of deprivation", domains, "domains")
    part("figures", figures, "figure_lines")
    part("correlations", correlations, "correlations")
    part("indices of inequality", indices, "indices")
    return content, timings


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


def _report(run: Run, content: Content, timings: Sequence[Timing], n_cells: int) -> FitReport:
    fits = [one for one in content["fits"] if isinstance(one, Fit)]
    las = [one for one in content["la_gradients"] if isinstance(one, LaGradient)]
    failures = Counter((one.table_no, one.reason) for one in fits if not one.converged)
    return FitReport(
        run_id=run.run_id,
        build_id=run.build_id,
        census_year=run.census_year,
        n_fits=len(fits),
        n_converged=sum(one.converged for one in fits),
        n_cells=n_cells,
        n_la_gradients=sum(one.converged for one in las),
        failures=tuple(
            f"Table {table_no}: {reason}" + (f" ({n} models)" if n > 1 else "")
            for (table_no, reason), n in failures.items()
        ),
        timings=tuple(timings),
    )
