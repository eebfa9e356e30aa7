"""The list as CSV and Excel, in a folder of the analyst's own: readable by its owner alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from common_py.errors import CinError
from common_py.scratch import scratch
from validate_py.listing import Column, Sheet, keep, looked_up, shared_rows
from validate_py.rendering import DATABASE
from validate_py.workbook import write_workbook

CSV, WORKBOOK = "issues.csv", "issues.xlsx"
_OWNER_ONLY = 0o600
_ISSUES = (
    Column("la_child_id", "Child", 22),
    Column("worker", "Worker", 20),
    Column("team", "Team", 20),
    Column("status", "Compared with earlier", 12),
    Column("severity", "Severity", 9, is_common=True),
    Column("rule_code", "Rule", 8, is_common=True),
    Column("message", "Message", 80, is_common=True),
    Column("fields", "Fields", 36, is_common=True),
    Column("table_name", "Table", 22, is_common=True),
    Column("column_name", "Column", 20, is_common=True),
    Column("value", "Value", 16),
    Column("compared_with", "Compared with", 36),
    Column("row_key", "Row", 30),
    Column("n_issues_of_child", "Issues of the child", 10, is_number=True),
    Column("census_year", "Census year", 10, is_number=True, is_common=True),
    Column("la_number", "Local authority", 10, is_common=True),
    Column("file", "File", 24, is_common=True),
    Column("line", "Line", 9, is_number=True),
)
_RULES = (
    Column("severity", "Severity", 9),
    Column("rule_code", "Rule", 8),
    Column("n_issues", "Issues", 9, is_number=True),
    Column("n_children", "Children", 9, is_number=True),
    Column("n_new", "New", 9, is_number=True),
    Column("n_standing", "Standing", 9, is_number=True),
    Column("n_resolved", "Resolved", 9, is_number=True),
    Column("message", "Message", 100),
)


def write_files(
    connection: duckdb.DuckDBPyConnection, folder: Path, without: Sequence[str]
) -> tuple[Path, ...]:
    """Write both files, or neither.

    Parameters
    ----------
    connection
        Holds the tables validated.issues, validated.kinds and validated.rules.
    folder
        Where they go; made if need be.
    without
        Columns that are left out because nothing was given for them.

    Raises
    ------
    CinError
        If the folder cannot be written or a file is open elsewhere.
    """
    issues = tuple(column for column in _ISSUES if column.name not in without)
    rules = tuple(column for column in _RULES if column.name not in without)
    sheets = (
        Sheet("Issues", "validated.issues", issues, "validated.kinds", "kind_no"),
        Sheet("Rules", "validated.rules", rules),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with scratch(".issues-", folder) as beside:
            with ThreadPoolExecutor(1) as other:
                csv = other.submit(_write_csv, beside / CSV, connection.cursor(), sheets[0])
                write_workbook(beside / WORKBOOK, connection, sheets)
                csv.result()
            return tuple(_place(beside / name, folder / name) for name in (CSV, WORKBOOK))
    except (OSError, duckdb.IOException) as error:
        # The database's own message is left out: it may hold a value of a child.
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise CinError(
            f"the issues cannot be written here ({reason})",
            file=str(folder),
            remedy="close the files of an earlier run and see that the disk has room, or choose "
            "another folder with --output",
        ) from None


def _write_csv(path: Path, connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> None:
    connection.execute(f"use {DATABASE}")
    kept = zip(*shared_rows(connection, sheet, sheet.shared), strict=True)
    for column, values in zip(sheet.shared, kept, strict=False):
        keep(connection, column.name, values)
    cells = ", ".join(
        f'{looked_up(column.name, str(sheet.key))} as "{column.name}"'
        if column.is_common
        else f'"{column.name}"'
        for column in sheet.columns
    )
    target = str(path).replace("'", "''")
    connection.execute(
        f"copy (select {cells} from {sheet.table}) to '{target}' (format csv, header true)"  # noqa: S608
    )


def _place(made: Path, path: Path) -> Path:
    made.chmod(_OWNER_ONLY)
    os.replace(made, path)  # noqa: PTH105 - replaces on Windows too
    return path
