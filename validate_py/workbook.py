"""A large table to an xlsx sheet, straight from the database.

A workbook library makes an object of every cell: minutes for the issues of a large return. Here
the database joins each row's cells to text, and the text is compressed as it comes. What many
rows have in common is written once and referred to. Cells hold text or numbers, never a formula,
whatever a value begins with.
"""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import duckdb
import pyarrow as pa

from validate_py.listing import Column, Sheet, keep, looked_up, shared_rows

MOST_ROWS = 1_000_000  # of a sheet, below the format's own 1,048,576
_MOST_CHARACTERS = 32_767  # of a cell
_AT_ONCE = 10_000
_LEVEL = 1  # of compression: higher takes several times as long
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TOP = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = (
    f'{_TOP}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font/><font><b/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/>'
    '</borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/>'
    '<xf fontId="1" applyFont="1"/></cellXfs><cellStyles count="1">'
    '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class _Texts:
    """The texts that cells refer to by number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def cell(self, value: object, *, is_number: bool) -> str:
        if value is None:
            return "<c/>"
        if is_number:
            return f"<c><v>{value}</v></c>"
        number = self._numbers.setdefault(str(value)[:_MOST_CHARACTERS], len(self._numbers))
        return f'<c t="s"><v>{number}</v></c>'

    def part(self) -> str:
        texts = "".join(f"<si><t>{escape(text)}</t></si>" for text in self._numbers)
        return f'{_TOP}<sst xmlns="{_MAIN}">{texts}</sst>'


def write_workbook(
    path: Path, connection: duckdb.DuckDBPyConnection, sheets: Sequence[Sheet]
) -> None:
    """Write a workbook, a sheet for each table and for every `MOST_ROWS` of its rows.

    Parameters
    ----------
    path
        The file to write.
    connection
        Holds the tables and keeps the order of their rows (`preserve_insertion_order`).
    sheets
        What to write.
    """
    names: list[str] = []
    texts = _Texts()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as book:
        for sheet in sheets:
            rows = _rows_query(connection, sheet, texts)
            for first, n_rows in _pages(connection, sheet):
                names.append(sheet.name if first == 0 else f"{sheet.name} {first // MOST_ROWS + 1}")
                page = f"own.rowid between {first} and {first + n_rows - 1}"
                made = connection.execute(f"{rows} where {page}").to_arrow_reader(_AT_ONCE)
                with book.open(_part(len(names)), "w", force_zip64=True) as stream:
                    stream.write(_above(sheet).encode())
                    for some in made:
                        stream.write(_joined(some.column(0)))
                    stream.write(_below(sheet, n_rows).encode())
        for part, text in {**_frame(names), "xl/sharedStrings.xml": texts.part()}.items():
            book.writestr(part, text)


def _joined(texts: pa.StringArray) -> memoryview:
    """Return texts one after the other: Arrow keeps them so, and no object is made of any."""
    _, ends, characters = texts.buffers()
    places = memoryview(ends).cast("i")
    first, last = places[texts.offset], places[texts.offset + len(texts)]
    return memoryview(characters)[first:last]


def _part(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def _pages(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> Iterator[tuple[int, int]]:
    """Yield for each sheet the number of rows before it and in it; one sheet even for none."""
    ((total,),) = connection.execute(f"select count(*) from {sheet.table}").fetchall()  # noqa: S608
    for first in range(0, max(total, 1), MOST_ROWS):
        yield first, min(total - first, MOST_ROWS)


def _rows_query(connection: duckdb.DuckDBPyConnection, sheet: Sheet, texts: _Texts) -> str:
    """Return the query that makes rows of text; cells of the common table are made here."""
    cells: list[str] = []
    runs: list[tuple[Column, ...]] = []
    for is_common, run in itertools.groupby(sheet.columns, lambda column: column.is_common):
        if is_common:
            cells.append(looked_up(f"cells_{len(runs)}", f"own.{sheet.key}"))
            runs.append(tuple(run))
        else:
            cells += [_cell(column) for column in run]
    if runs:
        fragments = _fragments(connection, sheet, runs, texts)
        for name, made in fragments.items():
            keep(connection, name, made)
    return f"select concat('<row>', {', '.join(cells)}, '</row>') from {sheet.table} as own"  # noqa: S608


def _fragments(
    connection: duckdb.DuckDBPyConnection,
    sheet: Sheet,
    runs: Sequence[tuple[Column, ...]],
    texts: _Texts,
) -> dict[str, list[str]]:
    """Return the cells of each row of the common table, one list a run of adjacent cells."""
    columns = [column for run in runs for column in run]
    made: dict[str, list[str]] = {f"cells_{at}": [] for at in range(len(runs))}
    for values in shared_rows(connection, sheet, columns):
        left = iter(values)
        for at, run in enumerate(runs):
            cells = [texts.cell(next(left), is_number=column.is_number) for column in run]
            made[f"cells_{at}"].append("".join(cells))
    return made


def _cell(column: Column) -> str:
    """Return the SQL that makes a cell's text."""
    if column.is_number:
        return f"coalesce('<c><v>' || own.\"{column.name}\" || '</v></c>', '<c/>')"
    text, escaped = f'own."{column.name}"', f'left(own."{column.name}", {_MOST_CHARACTERS})'
    is_plain = [f"strlen({text}) <= {_MOST_CHARACTERS}"]
    for mark, reference in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        escaped = f"replace({escaped}, '{mark}', '{reference}')"
        is_plain.append(f"not contains({text}, '{mark}')")
    inside = f"case when {' and '.join(is_plain)} then {text} else {escaped} end"
    return f"coalesce('<c t=\"inlineStr\"><is><t>' || {inside} || '</t></is></c>', '<c/>')"


def _above(sheet: Sheet) -> str:
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{column.width}" customWidth="1"/>'
        for at, column in enumerate(sheet.columns, start=1)
    )
    headings = "".join(
        f'<c s="1" t="inlineStr"><is><t>{escape(column.heading)}</t></is></c>'
        for column in sheet.columns
    )
    return (
        f'{_TOP}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
        f"</sheetViews><cols>{widths}</cols><sheetData><row>{headings}</row>"
    )


def _below(sheet: Sheet, n_rows: int) -> str:
    corner = f"{_letter(len(sheet.columns))}{n_rows + 1}"
    return f'</sheetData><autoFilter ref="A1:{corner}"/></worksheet>'


def _letter(number: int) -> str:
    """Return the name of a column: 1 is A, 27 is AA."""
    name = ""
    while number:
        number, at = divmod(number - 1, 26)
        name = chr(ord("A") + at) + name
    return name


def _frame(names: Sequence[str]) -> dict[str, str]:
    """Return the parts around the sheets."""
    sheets, links, parts = "", "", ""
    for at, name in enumerate(names, start=1):
        sheets += f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"/>'
        links += _link(at, "worksheet", f"worksheets/sheet{at}.xml")
        parts += _override(_part(at), "worksheet")
    links += _link(len(names) + 1, "styles", "styles.xml")
    links += _link(len(names) + 2, "sharedStrings", "sharedStrings.xml")
    parts += _override("xl/workbook.xml", "sheet.main") + _override("xl/styles.xml", "styles")
    parts += _override("xl/sharedStrings.xml", "sharedStrings")
    relations = f'{_TOP}<Relationships xmlns="{_PACKAGE}/relationships">'
    return {
        "xl/workbook.xml": f'{_TOP}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"{relations}{links}</Relationships>",
        "xl/styles.xml": _STYLES,
        "_rels/.rels": f"{relations}{_link(1, 'officeDocument', 'xl/workbook.xml')}"
        "</Relationships>",
        "[Content_Types].xml": f'{_TOP}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>',
    }


def _link(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'


def _override(part: str, kind: str) -> str:
    return f'<Override PartName="/{part}" ContentType="{_TYPES}.{kind}+xml"/>'
