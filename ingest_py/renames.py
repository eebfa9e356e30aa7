"""`columns.csv` beside an extract: which columns were renamed, and which to leave out.

Three columns: `table` (a landing table, or `*` for every one), `column_in_file` (the header as it
is in the file), `column` (the name it should have; empty to leave the column out).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from common_py.errors import CinError
from ingest_py.headers import Header
from ingest_py.landing_schema import BY_NAME, Table, header_index, plain
from ingest_py.ledger import Source
from ingest_py.sources import sheets

_HEADER = ("table", "column_in_file", "column")
EVERY_TABLE = "*"


@dataclass(frozen=True)
class Renames:
    """What `columns.csv` says.

    Attributes
    ----------
    names
        By table and plain header, the header that it stands for, None to leave it out.
    """

    names: Mapping[tuple[str, str], str | None] = field(default_factory=dict)

    def apply(self, header: Sequence[str], table: Table) -> Header:
        """Return a header as a table's own, None in the place of columns to leave out."""
        found: list[str | None] = []
        for name in header:
            for whose in (table.name, EVERY_TABLE):
                if (whose, plain(name)) in self.names:
                    found.append(self.names[whose, plain(name)])
                    break
            else:
                found.append(name)
        return found


def read_renames(source: Source, content: bytes, tables: Sequence[Table]) -> Renames:
    """Read `columns.csv`.

    Raises
    ------
    CinError
        If it is not readable, or names a table or column that does not exist.
    """
    (sheet,) = sheets(source.name, content)
    top = sheet.top()
    header = [plain(cell) for cell in top[0]] if top else []
    if sorted(header) != sorted(map(plain, _HEADER)):
        raise CinError(
            "is not the list of renamed columns",
            place="row 1",
            remedy=f"give it the columns {', '.join(_HEADER)}",
        )
    at = [header.index(plain(name)) for name in _HEADER]
    cells = sheet.read(0, sorted(at))
    columns = [cells.column(str(position)).to_pylist() for position in at]
    names: dict[tuple[str, str], str | None] = {}
    for row, (table, old, new) in enumerate(zip(*columns, strict=True), start=1):
        key = _key(row, (table or "").strip(), old, tables)
        if key in names:
            raise _problem(row, "names a column a second time", "keep one of the two rows")
        names[key] = _target(row, key[0], new)
    return Renames(names)


def _key(row: int, table: str, old: str | None, tables: Sequence[Table]) -> tuple[str, str]:
    allowed = [t.name for t in tables]
    if table not in {*allowed, EVERY_TABLE}:
        raise _problem(row, "names no table", f"write one of {', '.join(allowed)}, or *")
    if not plain(old or ""):
        raise _problem(row, "has no column_in_file", "write the header as it is in the file")
    return table, plain(old or "")


def _target(row: int, table: str, new: str | None) -> str | None:
    name = (new or "").strip()
    if not name:
        return None
    if table != EVERY_TABLE and plain(name) not in header_index(BY_NAME[table]):
        columns = ", ".join(column.name for column in BY_NAME[table].input_columns)
        raise _problem(row, f"names a column that {table} does not have", f"write one of {columns}")
    return name


def _problem(row: int, problem: str, remedy: str) -> CinError:
    return CinError(problem, place=f"row {row}", remedy=remedy)
