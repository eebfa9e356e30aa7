"""What the site is made of: read from the warehouse, and protected before it is returned."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.warehouse import Build, read_build, reading, rows, sql
from publish_py.national import rounded_cells, rounded_points, rounded_rates
from publish_py.protect import (
    ProtectedCell,
    ProtectedRows,
    RateKey,
    gradient_reasons,
    hidden_matches,
    hidden_rates,
    protect_bins,
    protect_cells,
    protect_counts,
    protect_gradients,
    protect_matches,
    protect_points,
    protect_rates,
)
from publish_py.public_source import PublicData, read_public
from publish_py.rules import Rules
from publish_py.validation import protect_validation

SQL_FOLDER = Path(__file__).parent / "sql"
_LEDGER = ("n_rows_read", "n_rows_kept", "n_rows_quarantined")
_FIT_REMEDY = "run `cin fit`, which writes the estimates of this build"


@dataclass(frozen=True)
class SiteData:
    """Everything that pages print, protected."""

    build: Build
    run_id: str
    census_year: int
    cells: tuple[ProtectedCell, ...]
    bands: ProtectedRows
    rate_line: Mapping[str, Any]
    gradients: Mapping[str, ProtectedRows]
    gradient_lines: tuple[Mapping[str, Any], ...]
    gradient_reasons: Mapping[tuple[str, str], str]
    points: ProtectedRows
    point_lines: tuple[Mapping[str, Any], ...]
    sensitivities: tuple[Mapping[str, Any], ...]
    tests: tuple[Mapping[str, Any], ...]
    domains: tuple[Mapping[str, Any], ...]
    indices: tuple[Mapping[str, Any], ...]
    correlations: tuple[Mapping[str, Any], ...]
    las: tuple[Mapping[str, Any], ...]
    la_rates: tuple[Mapping[str, Any], ...]
    la_ledger: Mapping[str, tuple[Mapping[str, Any], ...]]
    neighbours: Mapping[str, tuple[Mapping[str, Any], ...]]
    cohort_flow: tuple[Mapping[str, Any], ...]
    match_rates: tuple[Mapping[str, Any], ...]
    ingest_ledger: tuple[Mapping[str, Any], ...]
    validation: tuple[Mapping[str, Any], ...]
    published: tuple[Mapping[str, Any], ...]
    gate: Mapping[str, Any]
    public: PublicData = field(default_factory=PublicData)

    @property
    def authority_codes(self) -> tuple[str, ...]:
        """Codes of the authorities that have a page: those that the rates count."""
        return tuple(la["la_code"] for la in self.las if la["is_study_la"])

    @property
    def n_suppressed(self) -> int:
        """Table cells, figure points and rates of authorities that protection took out."""
        withheld = sum(found.n_withheld for found in self.gradients.values())
        cells = sum(cell.estimate.is_suppressed for cell in self.cells)
        rates = sum(bool(row["count"].is_suppressed) for row in self.la_rates)
        return cells + withheld + rates + self.bands.n_withheld + self.points.n_withheld


def read_site_data(
    paths: Paths, rules: Rules, hidden: frozenset[RateKey] | None = None
) -> SiteData:
    """Read the latest run's estimates and the quality marts; suppress, then round.

    Parameters
    ----------
    hidden
        Counts of authorities and of England that the tables of a release hide; where there are
        none beside the site, it is decided here, over the counts that the site shows.

    Raises
    ------
    CinError
        If there is no warehouse or run, or the estimates are of another build.
    """
    data, base = read_suppressed(paths, rules, hidden), rules.england_rounding
    return replace(
        data,
        cells=rounded_cells(data.cells, base),
        points=rounded_points(data.points, base),
        la_rates=rounded_rates(data.la_rates, base),
    )


def read_suppressed(
    paths: Paths, rules: Rules, hidden: frozenset[RateKey] | None = None
) -> SiteData:
    """Read the same without rounding England's counts: no page is made of this."""
    with reading(paths.warehouse) as connection:
        build = read_build(connection)
        run = _run(connection, build)
        year = {"census_year": run["census_year"]}
        of_run = {"run_id": run["run_id"]}

        def read(name: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
            return rows(connection, sql(SQL_FOLDER, name), parameters)

        lines = read("figure_05_lines", of_run)
        gradients = read("figure_05", of_run)
        rates = read("la_rates", year)
        hidden = hidden_rates(rates, rules) if hidden is None else hidden
        matches = read("match_rates", year)
        found = read("cells", {"run_ids": [run["run_id"]]})
        cells = protect_cells(found, rules, hidden, hidden_matches(matches, rules))
        return SiteData(
            build=build,
            run_id=run["run_id"],
            census_year=int(run["census_year"]),
            cells=cells,
            bands=protect_bins(read("figure_02", of_run), rules),
            rate_line=read("figure_02_line", of_run)[0],
            gradients=_by_measure(gradients, lines, rules),
            gradient_lines=tuple(lines),
            gradient_reasons=gradient_reasons(gradients, rules),
            points=protect_points(read("figure_points", of_run), hidden, rules),
            point_lines=tuple(read("figure_lines", of_run)),
            sensitivities=tuple(read("sensitivities", of_run)),
            tests=tuple(read("tests", of_run)),
            domains=tuple(read("domains", of_run)),
            indices=tuple(read("indices", of_run)),
            correlations=tuple(read("correlations", of_run)),
            las=tuple(read("las", year)),
            la_rates=protect_rates(rates, hidden, rules),
            la_ledger=_by_authority(protect_counts(read("la_ledger", year), _LEDGER, rules)),
            neighbours=_by_authority(read("neighbours", year)),
            cohort_flow=protect_counts(
                read("cohort_flow", year), ("n_events", "n_dropped", "n_cross_border"), rules
            ),
            match_rates=protect_matches(matches, rules),
            ingest_ledger=protect_counts(read("ingest_ledger", year), _LEDGER, rules),
            validation=protect_validation(read("validation", year), rules),
            published=tuple(read("published", {})),
            gate=_gate(paths.build / "gate" / "gate.json", build),
            public=read_public(connection, build),
        )


def _run(connection: duckdb.DuckDBPyConnection, build: Build) -> dict[str, Any]:
    try:
        runs = rows(connection, sql(SQL_FOLDER, "runs"))
    except CinError as error:
        raise CinError("there are no estimates in the warehouse", remedy=_FIT_REMEDY) from error
    if not runs:
        raise CinError("there are no estimates in the warehouse", remedy=_FIT_REMEDY)
    if runs[0]["build_id"] != build.build_id:
        raise CinError(
            "the estimates are of another build than the marts beside them "
            f"({runs[0]['build_id'][:12]}, not {build.build_id[:12]})",
            remedy=_FIT_REMEDY,
        )
    return runs[0]


def _by_measure(
    found: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]], rules: Rules
) -> dict[str, ProtectedRows]:
    return {
        line["measure"]: protect_gradients(
            [row for row in found if row["measure"] == line["measure"]], rules
        )
        for line in lines
    }


def _by_authority(
    found: Sequence[Mapping[str, Any]],
) -> dict[str, tuple[Mapping[str, Any], ...]]:
    codes = dict.fromkeys(row["la_code"] for row in found)
    groups: dict[str, list[Mapping[str, Any]]] = {code: [] for code in codes}
    for row in found:
        groups[row["la_code"]].append(row)
    return {code: tuple(group) for code, group in groups.items()}


def _gate(file: Path, build: Build) -> Mapping[str, Any]:
    """Return the gate's verdict on this build, or what to do to have one."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {"missing": "The gate has not been run on this build: run `cin gate`."}
    if content.get("build_id") != build.build_id:
        return {"missing": "The gate was run on another build: run `cin gate`."}
    return dict(content)
