"""What one authority's pages are made of: read from its own marts, and protected at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from common_py.errors import CinError
from common_py.warehouse import Build, read_build, reading, rows, sql
from publish_py.local_protect import (
    hidden_counts,
    protected_gradient,
    protected_outcome,
    protected_rates,
)
from publish_py.protect import protect_count, protect_counts, protect_matches
from publish_py.rules import Rules
from publish_py.source import SQL_FOLDER
from publish_py.validation import protect_validation

Row = Mapping[str, Any]
_LEDGER = ("n_rows_read", "n_rows_kept", "n_rows_quarantined")
_FLOW = ("n_events", "n_dropped", "n_cross_border")


@dataclass(frozen=True)
class LocalData:
    """Everything that the pages print, protected.

    Attributes
    ----------
    years
        The authority in each census year, the earliest first.
    rates, places
        Rates of the authority, and of areas within it, of every year.
    gradients, outcomes, totals, decisions
        Of every year; `decisions` says which returns entered.
    beside, flow, matches, ledger, validation
        Of the latest year.
    is_located
        Whether any child of the latest year has a neighbourhood.
    """

    build: Build
    run_id: str
    years: tuple[Row, ...]
    rates: tuple[Row, ...]
    places: tuple[Row, ...]
    gradients: tuple[Row, ...]
    outcomes: tuple[Row, ...]
    totals: tuple[Row, ...]
    beside: tuple[Row, ...]
    flow: tuple[Row, ...]
    matches: tuple[Row, ...]
    ledger: tuple[Row, ...]
    validation: tuple[Row, ...]
    decisions: tuple[Row, ...]
    is_located: bool

    @property
    def la(self) -> Row:
        """The authority in the latest year."""
        return self.years[-1]

    @property
    def census_year(self) -> int:
        """The latest year."""
        return int(self.la["census_year"])

    @property
    def synthetic(self) -> bool:
        """Whether the numbers were drawn from a model."""
        return self.build.is_synthetic

    @property
    def n_suppressed(self) -> int:
        """Rates that protection took out."""
        return sum(bool(row["count"].is_suppressed) for row in (*self.rates, *self.places))

    def latest(self, found: Sequence[Row]) -> list[Row]:
        """Return the rows of the latest year."""
        return [row for row in found if row["census_year"] == self.census_year]


def read_local(warehouse: Path, la_number: str, rules: Rules) -> LocalData:
    """Read the authority's marts and estimates.

    Raises
    ------
    CinError
        If there is no warehouse, or the authority has no rates in it: the message says why.
    """
    with reading(warehouse) as connection:
        build = read_build(connection)
        of_la = {"la_number": la_number}
        years = _read(connection, "local_authority", of_la)
        decisions = _read(connection, "local_decisions", of_la)
        if not years:
            raise _not_studied(decisions, la_number)
        latest = years[-1]
        year = {"census_year": latest["census_year"]}
        rates = _read(connection, "local_rates", of_la)
        places = _read(connection, "local_places", of_la)
        hidden = hidden_counts([*rates, *places], _read(connection, "local_overlaps", of_la), rules)
        alpha = 1.0 - build.confidence_level
        matches = _read(connection, "match_rates", year)
        return LocalData(
            build=build,
            run_id=str(_read(connection, "local_runs", {})[0]["run_id"]),
            years=tuple(years),
            rates=protected_rates(rates, hidden, rules, alpha),
            places=protected_rates(places, hidden, rules, alpha),
            gradients=tuple(
                protected_gradient(row, rules)
                for row in _read(connection, "local_gradients", of_la)
            ),
            outcomes=tuple(
                protected_outcome(row, rules) for row in _read(connection, "local_outcomes", {})
            ),
            totals=tuple(_total(row, rules) for row in _read(connection, "local_totals", of_la)),
            beside=tuple(_read(connection, "local_beside", of_la | year)),
            flow=protect_counts(_read(connection, "cohort_flow", year), _FLOW, rules),
            matches=tuple(
                row for row in protect_matches(matches, rules) if row["breakdown"] != "la"
            ),
            ledger=tuple(
                row
                for row in protect_counts(_read(connection, "la_ledger", year), _LEDGER, rules)
                if row["la_code"] == latest["la_code"]
            ),
            validation=tuple(
                row
                for row in protect_validation(_read(connection, "validation", year), rules)
                if row["area"] == latest["la_name"]
            ),
            decisions=tuple(decisions),
            is_located=any(row["n_matched"] for row in matches),
        )


def _read(
    connection: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, object]
) -> list[dict[str, Any]]:
    return rows(connection, sql(SQL_FOLDER, name), parameters)


def _total(row: Row, rules: Rules) -> dict[str, Any]:
    """Return a row of totals; our count is rounded, so that no difference of two is small."""
    kept = {name: row[name] for name in row if name != "n_events"}
    return kept | {"own": protect_count(row["n_events"], rules)}


def _not_studied(decisions: Sequence[Row], la_number: str) -> CinError:
    """Say why an authority has no rates: its return, or its place in the lookups."""
    said = "".join(
        f"; its return of {row['census_year']} was left out ({row['reason']})"
        for row in decisions
        if not row["is_counted"]
    )
    return CinError(
        f"authority {la_number} has no rates: no neighbourhood of it is counted{said}",
        remedy="see with `cin validate` what the return breaks, and that the lookups in "
        "data/reference are those of the census year (`cin doctor`)",
    )
