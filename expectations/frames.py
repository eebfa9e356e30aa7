"""What the gate looks at: small pandas frames, each the result of one SQL file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from common_py.warehouse import rows, sql

if TYPE_CHECKING:
    import pandas as pd

SQL_FOLDER = Path(__file__).parent / "sql"
SQL_FRAMES = (
    "match_overall",
    "match_by_la",
    "match_sex_gap",
    "la_referrals",
    "lsoa_zeros",
    "england_rates",
    "thresholds",
    "validation_stops",
    "quarantined",
    "unknown_strata",
    "lsoa_context",
    "reference_totals",
    "dfe_totals",
    "dfe_la_totals",
)
_LABEL = "label"


@dataclass(frozen=True)
class Release:
    """England in one census year, kept in `gate.json` for the next release to meet.

    Attributes
    ----------
    la_rates
        Referral rates of authorities that an earlier release shows, by code; none in
        `gate.json`, which holds no value of a single authority.
    """

    census_year: int
    n_las: int
    rates: Mapping[str, float]
    match_pct: float | None
    la_rates: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "census_year": self.census_year,
            "n_las": self.n_las,
            "rates": dict(self.rates),
            "match_pct": self.match_pct,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Release:
        """Read one year's observations of an earlier gate."""
        return cls(
            int(content["census_year"]),
            int(content["n_las"]),
            {str(key): float(value) for key, value in content["rates"].items()},
            None if content["match_pct"] is None else float(content["match_pct"]),
        )


@dataclass(frozen=True)
class Size:
    """How many authorities of the study returned a census in a year, of how many."""

    census_year: int
    n_las: int
    n_las_expected: int
    missing_las: str


def read_sizes(connection: duckdb.DuckDBPyConnection) -> list[Size]:
    """Return the size of every census year in the marts."""
    return [Size(**row) for row in rows(connection, sql(SQL_FOLDER, "size"))]


def read_frames(connection: duckdb.DuckDBPyConnection, census_year: int) -> dict[str, pd.DataFrame]:
    """Return every SQL frame of one census year by name."""
    return {name: _frame(connection, name, census_year) for name in SQL_FRAMES}


def _frame(connection: duckdb.DuckDBPyConnection, name: str, census_year: int) -> pd.DataFrame:
    found = rows(connection, sql(SQL_FOLDER, name), {"census_year": census_year})
    return to_frame(found)


def to_frame(found: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a frame: `label` as text, everything else as float with NaN for NULL."""
    import pandas as pd  # noqa: PLC0415 (half a second to import)

    if not found:
        return pd.DataFrame({_LABEL: []})
    return pd.DataFrame(
        {
            name: [str(row[name]) for row in found]
            if name == _LABEL
            else pd.Series([row[name] for row in found], dtype="float64")
            for name in found[0]
        }
    )


def release_of(census_year: int, n_las: int, frames: Mapping[str, pd.DataFrame]) -> Release:
    """Return what the next release will be compared with."""
    england, match = frames["england_rates"], frames["match_overall"]
    return Release(
        census_year=census_year,
        n_las=n_las,
        rates={
            str(label): float(rate)
            for label, rate in zip(england["label"], england["rate_per_10k"], strict=True)
            if rate == rate  # noqa: PLR0124 (NaN: a measure without a population)
        }
        if len(england)
        else {},
        match_pct=float(match["match_pct"].iloc[0]) if len(match) else None,
    )


def release_frames(
    current: Release, previous: Release | None, la_referrals: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the frames that hold this release against the last; empty without one.

    Parameters
    ----------
    la_referrals
        This release's frame of the same name.
    """
    if previous is None:
        names = ("release_change", "release_match_change", "release_las", "release_la_change")
        return {name: to_frame([]) for name in names}
    changes = [
        {_LABEL: measure, "rate_ratio": current.rates.get(measure, 0.0) / rate}
        for measure, rate in previous.rates.items()
        if rate > 0
    ]
    matches = (
        [{_LABEL: "England", "change_points": current.match_pct - previous.match_pct}]
        if current.match_pct is not None and previous.match_pct is not None
        else []
    )
    n_fewer = [{_LABEL: "England", "n_fewer": previous.n_las - current.n_las}]
    return {
        "release_change": to_frame(changes),
        "release_match_change": to_frame(matches),
        "release_las": to_frame(n_fewer),
        "release_la_change": to_frame(_la_changes(previous, la_referrals)),
    }


def _la_changes(previous: Release, la_referrals: pd.DataFrame) -> list[dict[str, Any]]:
    if not previous.la_rates or not len(la_referrals):
        return []
    now = dict(zip(la_referrals["label"], la_referrals["rate_per_10k"], strict=True))
    return [
        {_LABEL: code, "rate_ratio": now[code] / rate}
        for code, rate in sorted(previous.la_rates.items())
        if rate > 0 and code in now
    ]
