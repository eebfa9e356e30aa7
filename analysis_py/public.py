"""Models of real public counts: what DfE published by authority, year by year.

A run a census year, with the dataset `public`: Table 18 and Figure 3 of the study's year, and
LA income deprivation of three IoD releases in every year. Nothing of the census is read.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from analysis_py.design import SQL_FOLDER, Marts
from analysis_py.figures import Point, lines_through
from analysis_py.fitting import Fit
from analysis_py.job import Content, Job
from analysis_py.run import Timing
from analysis_py.settings import FitSettings, run_id, settings_hash
from analysis_py.specs import PUBLIC_SPEC_FOLDER, TableSpec, load_specs
from analysis_py.store import PUBLIC, Run, write_estimates
from analysis_py.tables import fit_tables, models_expected
from common_py.paths import Paths
from common_py.progress import Progress, silent
from common_py.warehouse import Build, read_build, reading, rows, sql

#: The census year of the study, whose tables are printed.
STUDY_YEAR = 2019
_STEP = "real public counts"


@dataclass(frozen=True)
class PublicReport:
    """What was fitted on public counts: years, models, and those that converged."""

    years: tuple[int, ...]
    n_fits: int
    n_converged: int

    @property
    def summary(self) -> str:
        """Return the report as a line of text."""
        if not self.years:
            return "real public counts: none, nothing fitted"
        years = f"{self.years[0]}" + (f" to {self.years[-1]}" if len(self.years) > 1 else "")
        return f"real public counts, {years}: {self.n_converged} of {self.n_fits} models converged"


def public_specs(census_year: int) -> tuple[TableSpec, ...]:
    """Return the tables that are fitted on the counts of a year."""
    every_year = load_specs(PUBLIC_SPEC_FOLDER / "every_year")
    if census_year != STUDY_YEAR:
        return every_year
    return (*load_specs(PUBLIC_SPEC_FOLDER / "study_year"), *every_year)


def fit_public(
    paths: Paths, *, settings: FitSettings | None = None, progress: Progress = silent
) -> PublicReport:
    """Fit every table on the counts that DfE published, and write a run a year.

    Raises
    ------
    CinError
        If there is no warehouse, or its marts are not built. A model that fails is not an
        error: it is a row with a reason.
    """
    settings = settings or FitSettings()
    with reading(paths.warehouse) as connection:
        build = read_build(connection)
        found = rows(connection, sql(SQL_FOLDER, "public_years"))
        years = tuple(int(row["census_year"]) for row in found)
        done: list[tuple[Run, Content]] = []
        for position, year in enumerate(years):
            progress(_STEP, position, len(years))
            specs = public_specs(year)
            started_at, begun = datetime.now(UTC).replace(tzinfo=None), time.perf_counter()
            marts = Marts(connection, year, models_expected(specs))
            job = Job(marts, specs, settings, 1.0 - build.confidence_level)
            content = _content(job)
            timing = Timing(_STEP, len(content["fits"]), time.perf_counter() - begun)
            run = _run(build, year, specs, settings, started_at)
            done.append((run, content | {"timings": [timing]}))
        progress(_STEP, len(years), len(years))
    for run, content in done:
        write_estimates(paths.warehouse, run, content)
    fits = [one for _, content in done for one in content["fits"] if isinstance(one, Fit)]
    return PublicReport(years, len(fits), sum(one.converged for one in fits))


def _content(job: Job) -> Content:
    """Fit the tables of a year, and in the study's lay out its Figure 3."""
    content = fit_tables(job, "la_context_public")
    if job.census_year == STUDY_YEAR:
        points = [
            Point(figure_no="3", measure=measure, series="all", **row)
            for measure in job.settings.figure_measures
            for row in job.marts.rows("figure_03_public", measure=measure)
        ]
        lines = list(lines_through(points, job.alpha))
        content |= {"figure_points": points, "figure_lines": lines}
    return content


def _run(
    build: Build,
    census_year: int,
    specs: Sequence[TableSpec],
    settings: FitSettings,
    started_at: datetime,
) -> Run:
    hashed = settings_hash(specs, settings, 1.0 - build.confidence_level)
    return Run(
        run_id=run_id(f"{build.build_id}|{PUBLIC}", census_year, hashed),
        build_id=build.build_id,
        dataset=PUBLIC,
        census_year=census_year,
        domain="income",
        settings_hash=hashed,
        started_at=started_at,
    )
