"""The files of a release's tables: Parquet, CSV and DuckDB, the same bytes for the same rows.

Two builds of the same inputs differ in the last digits of doubles, because threads add in no
fixed order, and models fitted to them in the ninth digit or so. Every double that is
released is therefore rounded here, to `SIGNIFICANT_DIGITS` (a large number to its first
decimal, a small one to its twelfth: a p-value below that is 0); rows stand in the order of
their key; no time, run or machine is in these files.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

#: Of every double in Parquet, CSV, Excel and DuckDB.
SIGNIFICANT_DIGITS = 5
#: Less than this is nothing: a mean of what is centred is 0, not what is left of doubles.
DECIMALS = 12

Tables = Mapping[str, pa.Table]


def settled(table: pa.Table, keys: Sequence[str] = ()) -> pa.Table:
    """Return a table with its doubles rounded, its rows in order, and nothing but data.

    Parameters
    ----------
    table
        Columns of texts, numbers and truth values.
    keys
        Columns that order the rows first; the other texts and whole numbers follow.
    """
    columns = [_rounded(column) for column in table.columns]
    fields = [
        pa.field(field.name, column.type)
        for field, column in zip(table.schema, columns, strict=True)
    ]
    plain = pa.table(columns, schema=pa.schema(fields))
    exact = [one.name for one in fields if not pa.types.is_floating(one.type)]
    order = [*keys, *(name for name in exact if name not in keys)]
    ordered = plain.sort_by([(name, "ascending") for name in order]) if order else plain
    return ordered.combine_chunks()


def _rounded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    if not pa.types.is_floating(column.type):
        return column
    values = [significant(one) for one in column.to_pylist()]
    return pa.chunked_array([pa.array(values, pa.float64())])


def significant(value: float | None) -> float | None:
    """Round to the significant digits of a release; what is no number is None.

    A number too large for them keeps one decimal: populations stay whole.
    """
    if value is None or not math.isfinite(value):
        return None
    large = abs(value) >= 10 ** (SIGNIFICANT_DIGITS - 1)
    rounded = round(value, 1) if large else float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    rounded = round(rounded, DECIMALS)
    return rounded if rounded else 0.0  # no minus zero


def write_parquet(table: pa.Table, file: Path) -> None:
    """Write one settled table as Parquet, with every choice of the writer fixed."""
    pq.write_table(
        table,
        file,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=3,
        use_dictionary=True,
        write_statistics=True,
        row_group_size=100_000,
        store_schema=False,
    )


def write_csv(table: pa.Table, file: Path) -> None:
    """Write one settled table as CSV: UTF-8, line feeds, an empty field for NULL."""
    columns = [[_text(one) for one in column.to_pylist()] for column in table.columns]
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table.column_names)
        writer.writerows(zip(*columns, strict=True))


def _text(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def write_duckdb(schemas: Mapping[str, Tables], file: Path) -> None:
    """Write settled tables as one DuckDB file of these schemas and no other."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("set preserve_insertion_order = true")
        for schema, tables in schemas.items():
            connection.execute(f'create schema "{schema}"')
            for name, table in tables.items():
                connection.register("released", table)
                connection.execute(f'create table "{schema}"."{name}" as from released')
                connection.unregister("released")
        connection.execute("checkpoint")
    file.with_name(file.name + ".wal").unlink(missing_ok=True)
