"""What a release on the shelf says of England, for the next one to be held against."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from common_py.errors import CinError
from common_py.warehouse import rows, sql
from expectations import Release as Observed
from expectations.frames import SQL_FOLDER
from publish_py.versions import SUMS, Release

_KIND = {"basis": "episode", "timing": "incidence", "stratum_type": "all", "stratum": "all"}


def census_sizes(connection: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Return how many authorities of the study returned a census, by census year."""
    return {row["census_year"]: row["n_las"] for row in rows(connection, sql(SQL_FOLDER, "size"))}


def observed(release: Release) -> tuple[Observed, ...]:
    """Return England's rates, authorities' referral rates and match rates of a release.

    They are read from its protected tables: what they hide is not compared.

    Raises
    ------
    CinError
        If a table of the release cannot be read.
    """
    england = [row for row in _read(release, "rates_england") if _is_whole(row)]
    las = [row for row in _read(release, "rates_la") if _is_whole(row)]
    matches = [row for row in _read(release, "match_rates") if row["breakdown"] == "all"]
    return tuple(
        Observed(
            census_year=int(year),
            n_las=int(n_las),
            rates=_rates(england, int(year), "measure"),
            match_pct=next(
                (row["match_pct"] for row in matches if row["census_year"] == int(year)), None
            ),
            la_rates=_rates(
                (row for row in las if row["measure"] == "referral"), int(year), "area_code"
            ),
        )
        for year, n_las in release.manifest["n_las"].items()
    )


def _is_whole(row: dict[str, Any]) -> bool:
    return all(row[name] == value for name, value in _KIND.items())


def _rates(found: Iterable[dict[str, Any]], year: int, name: str) -> dict[str, float]:
    return {
        row[name]: row["rate_per_10k"]
        for row in found
        if row["census_year"] == year and row["rate_per_10k"] is not None
    }


def _read(release: Release, name: str) -> list[dict[str, Any]]:
    file: Path = release.folder / "parquet" / f"{name}.parquet"
    try:
        return list(pq.read_table(file).to_pylist())
    except (OSError, ValueError) as error:
        raise CinError(
            "a table of the last release cannot be read, so this one cannot be held against it",
            file=str(file),
            remedy=f"restore the folder from a copy (its {SUMS} says what belongs there), or move "
            "it away from the shelf",
        ) from error
