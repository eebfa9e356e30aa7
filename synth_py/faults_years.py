"""Broken returns of the years whose rules 2018/19 does not have, from one authority's children.

Rules on plans of children in need hold from 2021/22, some of 2021/22 only, others from 2024/25.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from common_py.progress import Progress, silent
from common_py.warehouse import sql
from ingest_py.landing_schema import CENSUS_TABLES
from synth_py.carried import carried_value, days_between
from synth_py.facts import HERE
from synth_py.faults_recipes import Fault, break_rows, faults_of, load, save
from synth_py.returns import write_returns

OTHER_YEARS = (2022, 2025)


def write_other_year(
    source: Path, folder: Path, census_year: int, seed: int, *, is_broken: bool = True,
    progress: Progress = silent,
) -> list[Fault]:  # fmt: skip
    """Write `census/<year>/returns/*.xml` of one authority below a folder.

    Parameters
    ----------
    source
        The clean extract of 2018/19.
    folder
        A data folder of its own.
    census_year, seed
        The year, and the seed by which rows to break are chosen.
    is_broken
        Whether anything is broken.

    Returns
    -------
    list of Fault
        What was broken.
    """
    extract = folder / "census" / str(census_year) / "extract"
    with duckdb.connect() as connection:
        load(connection, source)
        _carry(connection, census_year)
        if is_broken:
            break_rows(connection, census_year, seed, progress)
        save(connection, extract)
        listed = faults_of(connection) if is_broken else []
    write_returns(folder, [census_year])
    shutil.rmtree(extract)
    return listed


def _carry(connection: duckdb.DuckDBPyConnection, census_year: int) -> None:
    """Make the census in a database one of another year."""
    days = days_between(census_year)
    connection.execute(f"create macro carried_year() as {census_year}")
    connection.execute(sql(HERE / "sql", "carried_first_week"))
    connection.execute(sql(HERE / "sql", "faults_carried"))
    for table in CENSUS_TABLES:
        columns = [column.name for column in table.input_columns]
        values = [
            "carried.new_child_no"
            if column == "child_no"
            else carried_value(table.name, column, census_year, days)
            for column in columns
        ]
        keys = [key for key in ("la_number", "child_no") if key in columns]
        whose = "carried" if "child_no" in keys else "carried_la"
        connection.execute(
            f"create or replace table {table.name} as "  # noqa: S608 - our own names
            f"select {', '.join(f'{v} as {c}' for v, c in zip(values, columns, strict=True))} "
            f"from {table.name} inner join {whose} using ({', '.join(keys)})"
        )
    connection.execute(sql(HERE / "sql", "carried_changes"))
