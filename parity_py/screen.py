"""What differs between two warehouses, on the terminal: counts, and first rows without children."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.markup import escape
from rich.table import Table

from parity_py.compare import Pair
from parity_py.run import MartParity, Parity

_ALONE = {"one": "in the first alone", "other": "in the second alone"}


def parity_table(found: Parity) -> Table:
    """Return a row a mart: rows in each, and how many differ."""
    table = Table("mart", title_justify="left")
    for heading in ("rows, first", "rows, second", "differing"):
        table.add_column(heading, justify="right")
    for mart in found.marts:
        compared = mart.compared
        name = escape(mart.mart.full_name)
        if compared is None:
            table.add_row(name, "", "", "absent")
        else:
            said = "columns" if compared.columns and not compared.n_differing else ""
            differing = said or f"{compared.n_differing:,}"
            table.add_row(name, f"{compared.n_one:,}", f"{compared.n_other:,}", differing)
    return table


def parity_lines(found: Parity) -> Iterator[str]:
    """Say what differs, mart by mart, then what rightly does, then the verdict."""
    for mart in found.marts:
        yield from _mart_lines(mart)
    for mart in found.marts:
        for settled, n in mart.settled:
            where = f"{settled.mart}.{settled.column}"
            yield f"rightly differs: {where}, {_rows(n)}: {settled.reason}"
    differing = [mart for mart in found.marts if not mart.is_same]
    n_rows = sum(mart.compared.n_one for mart in found.marts if mart.compared)
    if differing:
        yield f"{len(differing)} of {len(found.marts)} marts differ: {found.one} | {found.other}"
    else:
        yield f"no difference: {len(found.marts)} marts, {_rows(n_rows)}"


def _mart_lines(mart: MartParity) -> Iterator[str]:
    name, compared = mart.mart.full_name, mart.compared
    if compared is None:
        yield f"{name}: absent from {mart.absent}"
        return
    yield from (f"{name}: {said}" for said in compared.columns)
    if not compared.n_differing:
        return
    parts = (
        (compared.n_changed, "changed"),
        (compared.n_only_one, _ALONE["one"]),
        (compared.n_only_other, _ALONE["other"]),
    )
    said = ", ".join(f"{n:,} {what}" for n, what in parts if n)
    verb = "differs" if compared.n_differing == 1 else "differ"
    yield f"{name}: {_rows(compared.n_differing)} {verb} ({said})"
    if any(compared.n_repeated):
        first, second = compared.n_repeated
        key = ", ".join(mart.mart.key)
        yield f"  rows beyond the first of their key ({key}): {first:,} | {second:,}"
    if compared.changed:
        columns = ", ".join(f"{column} {n:,}" for column, n in compared.changed.items())
        yield f"  changed, by column: {columns}"
    yield from (f"  {_pair(pair)}" for pair in compared.first)


def _pair(pair: Pair) -> str:
    where = ", ".join(f"{name} {_value(value)}" for name, value in pair.key if value is not None)
    if pair.stands_in != "both":
        return f"{where or 'the row'}: {_ALONE[pair.stands_in]}"
    values = "; ".join(
        name if both is None else f"{name} {_value(both[0])} | {_value(both[1])}"
        for name, both in pair.values
    )
    return f"{where or 'the row'}: {values}"


def _value(value: Any) -> str:
    return "–" if value is None else f"{value!r}" if isinstance(value, float) else str(value)


def _rows(n: int) -> str:
    return f"{n:,} row{'' if n == 1 else 's'}"
