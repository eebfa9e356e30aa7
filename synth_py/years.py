"""Further census years, carried from the one that is drawn: for trends, and to see what they cost.

Each year is the drawn one with its dates moved by whole weeks and other children: none of them
is in two years, but for those of 2018/19 who were referred in the year before. So re-referrals
across years are found in 2018/19 alone, and what is planted is planted in it alone.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from common_py.errors import CinError
from common_py.progress import Progress, silent
from common_py.warehouse import sql
from ingest_py.landing_schema import CENSUS_TABLES
from synth_py.carried import carried_value, days_between
from synth_py.config import CENSUS_YEAR, LOOK_BACK_YEAR
from synth_py.facts import HERE
from synth_py.faults_recipes import load, save
from synth_py.people import UPN_LETTERS

FIRST_YEAR, LAST_YEAR = 2017, 2026
MAX_YEARS = LAST_YEAR - FIRST_YEAR + 1
_STEP = "synth: further census years"
_UPN_DIGITS = 12


def census_years(n_years: int) -> tuple[int, ...]:
    """Return the census years of an England of so many: 2019, those after it, then those before.

    Raises
    ------
    CinError
        If the project's code lists and vintages do not reach so far.
    """
    if not 1 <= n_years <= MAX_YEARS:
        raise CinError(
            f"{n_years} census years cannot be made",
            remedy=f"ask for 1 to {MAX_YEARS}: codes and reference releases are known for "
            f"{FIRST_YEAR} to {LAST_YEAR}",
        )
    after = range(CENSUS_YEAR, LAST_YEAR + 1)
    before = range(CENSUS_YEAR - 1, FIRST_YEAR - 1, -1)
    return tuple(sorted([*after, *before][:n_years]))


def write_years(folder: Path, years: tuple[int, ...], progress: Progress = silent) -> None:
    """Write `census/<year>/extract` and `locations/<year>` of every year but the drawn one.

    Parameters
    ----------
    folder
        A data folder that holds the drawn year and the one that it looks back to.
    years
        The census years there are to be.
    progress
        Told of each year.
    """
    wanted = [year for year in years if year != CENSUS_YEAR]
    for done, year in enumerate(wanted):
        progress(_STEP, done, len(wanted))
        with duckdb.connect() as connection:
            load(connection, folder / "census" / str(CENSUS_YEAR) / "extract")
            _carry(connection, folder, year)
            if year == LOOK_BACK_YEAR:
                _look_back(connection, folder)
            _save_locations(connection, _locations(folder, year))
            connection.execute(sql(HERE / "sql", "carried_changes"))
            save(connection, folder / "census" / str(year) / "extract")
    progress(_STEP, len(wanted), len(wanted))


def _carry(connection: duckdb.DuckDBPyConnection, folder: Path, year: int) -> None:
    """Make the census and its locations in a database those of another year."""
    connection.execute(f"create macro carried_year() as {year}")
    connection.execute(
        f"create table la_successors as from read_csv({_text(HERE / 'la_successors.csv')}, "
        "types = {'la_number': 'varchar', 'new_la_number': 'varchar'}); "
        f"create table locations as from {_text(_locations(folder, CENSUS_YEAR))}"
    )
    connection.execute(sql(HERE / "sql", "carried_first_week"))
    connection.execute(sql(HERE / "sql", "years_carried"))
    days = days_between(year)
    for table in CENSUS_TABLES:
        columns = [column.name for column in table.input_columns]
        values = [_value(table.name, column, year, days) for column in columns]
        is_of_children = "child_no" in columns
        whose = "carried" if is_of_children else "carried_la"
        keys = "la_number, child_no" if is_of_children else "la_number"
        connection.execute(
            f"create or replace table {table.name} as "  # noqa: S608 - our own names
            f"select {', '.join(f'{v} as {c}' for v, c in zip(values, columns, strict=True))} "
            f"from {table.name} inner join {whose} using ({keys})"
        )
    located = (
        f"new_la_number as la_number, {_own_id('la_child_id', year)} as la_child_id, "
        f"{_own_upn('upn', year)} as upn, pmr, lsoa_code"
    )
    connection.execute(f"create table own_locations as select {located} from carried_locations")  # noqa: S608 - our own names


def _save_locations(connection: duckdb.DuckDBPyConnection, place: Path) -> None:
    place.parent.mkdir(parents=True)
    rows = "(from own_locations order by all)"
    connection.execute(f"copy {rows} to {_text(place)} (format parquet, compression zstd)")


def _value(table: str, column: str, year: int, days: int) -> str:
    """Return a column of the other year: other children, other numbers."""
    if column in {"la_number", "child_no"}:
        return f"new_{column}"
    if column == "la_child_id":
        return _own_id(f"{table}.{column}", year)
    if column in {"upn", "former_upn"}:
        return _own_upn(f"{table}.{column}", year)
    return carried_value(table, column, year, days)


def _own_id(column: str, year: int) -> str:
    """Return a local identifier that no other year has."""
    return f"'SYN{year % 100}' || substr({column}, 4)"


def _own_upn(column: str, year: int) -> str:
    """Return a UPN that no other year has, with its check letter (DfE rule 1510).

    Where the drawn year has 99, which no school has, the others have 87 to 96.
    """
    digits = f"(substr({column}, 2, 3) || '{year - 1930}' || substr({column}, 7))"
    parts = (
        f"{place + 1} * cast(substr({digits}, {place}, 1) as integer)"
        for place in range(1, _UPN_DIGITS + 1)
    )
    return f"substr('{UPN_LETTERS}', ({' + '.join(parts)}) % {len(UPN_LETTERS)} + 1, 1) || {digits}"


def _look_back(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Put those who come back in 2018/19, and where they live, into the year before."""
    source = folder / "census" / str(LOOK_BACK_YEAR) / "extract"
    connection.execute("create schema look_back")
    found = [table for table in CENSUS_TABLES if (source / f"{table.name}.parquet").is_file()]
    own = [table for table in found if "child_no" in table.row_keys]
    for table in own:
        place = _text(source / f"{table.name}.parquet")
        connection.execute(f"create table look_back.{table.name} as from {place}")
    connection.execute(sql(HERE / "sql", "years_look_back"))
    connection.execute("insert into own_locations by name from look_back_locations")
    for table in own:
        connection.execute(
            f"insert into {table.name} by name "  # noqa: S608 - our own names
            "select rows.* replace (new_child_no as child_no) "
            f"from look_back.{table.name} as rows "
            "inner join look_back_children using (la_number, child_no)"
        )


def _locations(folder: Path, year: int) -> Path:
    return folder / "locations" / str(year) / "child_locations.parquet"


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
