"""What the page of real public results is made of, read from the warehouse.

These numbers were protected by those who published them; nothing of the census is read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from analysis_py.public import STUDY_YEAR
from common_py.warehouse import Build, rows, sql

SQL_FOLDER = Path(__file__).parent / "sql"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class PublicData:
    """What the page prints, as read: cells of every year, Figure 3, totals."""

    cells: tuple[Row, ...] = ()
    points: tuple[Row, ...] = ()
    lines: tuple[Row, ...] = ()
    totals: tuple[Row, ...] = ()


def read_public(connection: duckdb.DuckDBPyConnection, build: Build) -> PublicData:
    """Read the runs on real public counts; nothing where none was made of this build."""

    def read(name: str, **parameters: object) -> tuple[dict[str, Any], ...]:
        return tuple(rows(connection, sql(SQL_FOLDER, name), parameters))

    found = read("public_runs", build_id=build.build_id)
    runs = {row["census_year"]: row["run_id"] for row in found}
    if not runs:
        return PublicData()
    studied = runs.get(STUDY_YEAR, "")
    return PublicData(
        cells=read("cells", run_ids=list(runs.values())),
        points=read("figure_points", run_id=studied),
        lines=read("figure_lines", run_id=studied),
        totals=read("public_totals"),
    )
