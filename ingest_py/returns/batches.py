"""From rows to Arrow record batches: keys by document order, columns by the structure table.

Keys are text, as in every landing table: `child_no` counts the children of the return from 1,
`referral_no` the `CINdetails` of a child, and so on down, in document order.

Rows come in some hundred children at a time, from lxml's tree or from the lexer, their values in
one Arrow array a table; a few thousand at a time they are put into columns and numbered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest_py.landing_schema import BY_NAME
from ingest_py.returns.rows import Rows, value_names
from ingest_py.returns.structure import Element, Kind

_BLANK = b" \t\r\n"
_VALUES = dict.values
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """How the rows of one table become record batches.

    Attributes
    ----------
    table, parent
        The table, and the table of the row around it ("" for the children).
    names
        The element names of a record, in its order; empty for a table of repeated values.
    columns
        In schema order, for each landing column the element names that fill it, the one to prefer
        first; empty for a table of repeated values.
    rivals
        Every two element names that fill one column.
    schema
        The landing schema.
    """

    table: str
    parent: str
    names: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    rivals: tuple[tuple[str, str], ...]
    schema: pa.Schema


def plans(child: Element, census_year: int) -> tuple[Plan, ...]:
    """Make the plans of all tables of a return, a table after the one it belongs to.

    Where two elements fill one column (`GenderCurrent`, `Sex`), that of the census year is
    preferred and the other taken where it is alone.
    """
    return tuple(_plans(child, "", census_year))


def _plans(element: Element, parent: str, census_year: int) -> list[Plan]:
    made = []
    around = parent
    if element.kind in (Kind.ROW, Kind.ITEM):
        around = element.table
        made.append(_plan(element, parent, census_year))
    for member in element.members:
        made += _plans(member, around, census_year)
    return made


def _plan(element: Element, parent: str, census_year: int) -> Plan:
    schema = BY_NAME[element.table].schema
    fills: dict[str, list[Element]] = {}
    for value in _values(element):
        fills.setdefault(value.column, []).append(value)
    columns = tuple(
        tuple(value.name for value in sorted(fills[name], key=lambda v: not v.is_in(census_year)))
        for name in schema.names
        if name in fills
    )
    rivals = tuple(pair for names in columns for pair in combinations(names, 2))
    return Plan(element.table, parent, value_names(element), columns, rivals, schema)


def _values(element: Element) -> list[Element]:
    """Return the values of a row, those inside its groups included."""
    found = []
    for member in element.members:
        if member.kind is Kind.VALUE:
            found.append(member)
        elif member.kind is Kind.GROUP:
            found += _values(member)
    return found


def tables_of(child: Element) -> tuple[str, ...]:
    """Return the tables that a child fills."""
    return tuple(e.table for e in child.walk() if e.kind in (Kind.ROW, Kind.ITEM))


@dataclass(frozen=True)
class TableRows:
    """Rows of one table, read from some children.

    Attributes
    ----------
    values
        (n_rows × n_names,) text, row behind row.
    parents
        (n_rows,) position of the row around each among those read from the same children.
    lines
        (n_rows,) where each begins.
    """

    values: pa.Array
    parents: Positions
    lines: Positions

    def __len__(self) -> int:
        return len(self.lines)

    def is_filled(self, plan: Plan, name: str) -> npt.NDArray[np.bool_]:
        """Return for each row whether the element of a name has a value."""
        valid = np.asarray(self.values.is_valid())
        return valid[plan.names.index(name) :: len(plan.names)]

    def has_rivals(self, plan: Plan) -> bool:
        """Whether a row has two values for one column."""
        return any(
            bool((self.is_filled(plan, one) & self.is_filled(plan, other)).any())
            for one, other in plan.rivals
        )


def from_rows(rows: Rows, plan: Plan) -> TableRows:
    """Return rows of one table as columns; values of names it does not have are left out."""
    if plan.names:
        flat = list(chain.from_iterable(map(_VALUES, rows.records)))
        if len(flat) != len(rows.records) * len(plan.names):
            flat = [record[name] for record in rows.records for name in plan.names]
    else:
        flat = rows.texts
    return TableRows(
        pa.array(flat, pa.string()),
        np.array(rows.parents, dtype=np.int64),
        np.array(rows.lines, dtype=np.int64),
    )


class Pending:
    """Rows that wait to be numbered and handed over.

    Parameters
    ----------
    to_build
        The plans.
    source_file
        The value of the `source_file` column.
    """

    def __init__(self, to_build: tuple[Plan, ...], source_file: str) -> None:
        self.plans = to_build
        self._source_file = source_file
        self._parts: dict[str, list[TableRows]] = {plan.table: [] for plan in to_build}
        self._n_rows = dict.fromkeys(self._parts, 0)

    @property
    def n_children(self) -> int:
        """How many children wait."""
        return self._n_rows.get("children", 0)

    def add(self, tables: Mapping[str, TableRows]) -> None:
        """Add the rows of some children."""
        n_before = dict(self._n_rows)
        for plan in self.plans:
            rows = tables[plan.table]
            if len(rows):
                shift = n_before.get(plan.parent, 0)
                shifted = TableRows(rows.values, rows.parents + shift, rows.lines)
                self._parts[plan.table].append(shifted)
                self._n_rows[plan.table] += len(rows)

    def build(self, n_before: int) -> dict[str, pa.RecordBatch]:
        """Return what is pending, numbered, by table; nothing is then pending.

        Parameters
        ----------
        n_before
            How many children of the return came before.
        """
        keys: dict[str, tuple[Positions, ...]] = {}
        batches = {}
        for plan in self.plans:
            parts = self._parts[plan.table]
            if not parts:
                continue
            rows = TableRows(
                pa.concat_arrays([part.values for part in parts]),
                np.concatenate([part.parents for part in parts]),
                np.concatenate([part.lines for part in parts]),
            )
            keys[plan.table] = _keys(rows, keys.get(plan.parent), n_before)
            arrays = [pa.array(key).cast(pa.string()) for key in keys[plan.table]]
            arrays += _columns(rows.values, plan)
            arrays.append(pa.repeat(self._source_file, len(rows)))
            arrays.append(pa.array(rows.lines))
            batches[plan.table] = pa.RecordBatch.from_arrays(arrays, schema=plan.schema)
            self._parts[plan.table] = []
            self._n_rows[plan.table] = 0
        return batches


def _columns(values: pa.Array, plan: Plan) -> list[pa.Array]:
    """Return values by column, in the order of the schema."""
    if not plan.names:
        return [values]
    width = len(plan.names)
    made = []
    for names in plan.columns:
        columns = [
            values.take(pa.array(np.arange(plan.names.index(name), len(values), width)))
            for name in names
        ]
        made.append(columns[0] if len(columns) == 1 else pc.coalesce(*columns))
    return made


def _keys(
    rows: TableRows, above: tuple[Positions, ...] | None, n_before: int
) -> tuple[Positions, ...]:
    """Count rows within the row above them, from 1; children on from those before."""
    n = len(rows)
    if above is None:
        return (np.arange(n_before + 1, n_before + n + 1),)
    is_first = np.append(True, rows.parents[1:] != rows.parents[:-1])
    first = np.flatnonzero(is_first)
    own = np.arange(1, n + 1) - np.repeat(first, np.diff(np.append(first, n)))
    return (*(key[rows.parents] for key in above), own)


def marks_of(column: pa.Array) -> int:
    """Count the bytes of a text column, just made, that are not blanks."""
    _, offsets, text = column.buffers()
    if text is None or not len(column):
        return 0
    size = int(np.frombuffer(offsets, dtype=np.int32)[len(column)])
    return n_marks(text.slice(0, size).to_pybytes())


def n_marks(text: bytes) -> int:
    """Count the bytes of UTF-8 text that are not XML blanks."""
    return len(text.translate(None, _BLANK))
