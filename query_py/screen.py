"""An answer on the terminal: its first rows, and how many there are."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from query_py.ask import Answer
from query_py.write import SYNTHETIC

SHOWN_ROWS = 40


def answer_table(answer: Answer) -> Table:
    """Return the first `SHOWN_ROWS` rows, numbers to the right, NULL as a dash."""
    names = answer.table.column_names
    table = Table(title=SYNTHETIC if answer.is_synthetic else None, title_justify="left")
    head = answer.table.slice(0, SHOWN_ROWS)
    columns = [column.to_pylist() for column in head.columns]
    for name, values in zip(names, columns, strict=True):
        is_number = any(isinstance(value, (int, float)) for value in values)
        table.add_column(escape(name), justify="right" if is_number else "left")
    for row in zip(*columns, strict=True):
        table.add_row(*(_shown(value) for value in row))
    return table


def answer_summary(answer: Answer) -> str:
    """Say how many rows there are, and how to see those not shown."""
    n_rows = answer.table.num_rows
    said = f"{n_rows:,} row{'' if n_rows == 1 else 's'}"
    if n_rows > SHOWN_ROWS:
        said += f", the first {SHOWN_ROWS} shown; `--to answer.csv` (.xlsx, .parquet) writes all"
    return said


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.6g}"
    return escape(str(value))
