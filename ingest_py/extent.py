"""How far the sheets of a workbook reach and how much text their cells hold, before it is read.

A workbook reader makes room for every cell from the first to the last row and column of a sheet,
and gives each cell its own copy of a text that stands in the file once. Both are bounded here from
above, on the XML as it is unpacked, piece by piece. It takes time in proportion to the bytes: no
pattern goes beyond the next `<`.
"""

from __future__ import annotations

import re
from typing import Protocol

import numpy as np

from common_py.errors import CinError

_REMEDY = "check that it is the right file; if it is, save the sheet as CSV"
_MARKUP = 2 << 20
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_STRINGS = 5_000_000
_COLUMNS = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]+)""")
_ROWS = re.compile(rb"""\sr\s*=\s*["'][A-Za-z]*(\d+)""")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_ROW_WITH_NUMBER = re.compile(rb"<(?:\w+:)?row\s[^<>]*?\br\s*=")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_SHARED = re.compile(rb"""\st\s*=\s*["']s["']""")
_SHARED_NO = re.compile(
    rb"""\st\s*=\s*["']s["'][^<>]{0,200}>\s*<(?:\w+:)?v>\s*(\d{1,9})\s*<"""
)  # fmt: skip
_STRING = re.compile(rb"<(?:\w+:)?si[\s/>]")
_ODS = re.compile(rb"<(/?)table:(table-row|table-cell|covered-table-cell|table)(?![\w-])([^<>]*)>")
_REPEATED = re.compile(rb"""table:number-(?:columns|rows)-repeated\s*=\s*["']\s*(\d+)""")


class Part(Protocol):
    """Follows one member of the archive."""

    def see(self, piece: bytes) -> None:
        """Look at the next bytes."""

    def end(self) -> None:
        """Look at what is left."""


class Extent:
    """Adds up what the parts of one workbook reach.

    Parameters
    ----------
    most_cells, most_text
        Cells, empty ones included, and bytes of text that all sheets together may take.
    """

    def __init__(self, most_cells: int, most_text: int) -> None:
        self.most_cells, self.most_text = most_cells, most_text
        self.n_cells = self.n_text = 0
        self.uses = np.zeros(0, np.int64)
        self.n_other_uses = 0
        self.lengths: list[int] = []
        self.longest = 0

    def part(self, name: str) -> Part:
        """Return what follows a member; a sheet of an xlsx may have any name."""
        lower = name.casefold()
        if lower == "content.xml":
            return _Ods(self, name)
        return _Strings(self, name) if lower == "xl/sharedstrings.xml" else _Sheet(self, name)

    def hold(self, name: str, n_cells: int) -> None:
        """Refuse a sheet with which the workbook has too many cells."""
        if self.n_cells + n_cells > self.most_cells:
            raise CinError(
                f"the sheets span more than {self.most_cells:,} cells", place=name, remedy=_REMEDY
            )

    def hold_text(self) -> None:
        """Refuse a workbook whose cells repeat its texts too often."""
        lengths = np.array(self.lengths, np.int64)
        n = min(len(lengths), len(self.uses))
        text = self.n_text + int(lengths[:n] @ self.uses[:n])
        text += self.longest * (self.n_other_uses + int(self.uses[n:].sum()))
        if text > self.most_text:
            raise CinError(
                f"its cells repeat more than {self.most_text / 1024**2:,.0f} MB of text",
                remedy=_REMEDY,
            )


class _Markup:
    """Hands on whole tags: what follows the last `<` waits for the next piece."""

    def __init__(self, extent: Extent, name: str) -> None:
        self.extent, self.name = extent, name
        self._rest = b""
        self._n_before = 0

    def see(self, piece: bytes) -> None:
        text = self._rest + piece
        end = max(text.rfind(b"<"), 0)
        n_passed = 0
        if len(text) - end > _MARKUP:  # a long text is passed over
            end = text.rfind(b">", end)
            n_passed = len(text) - 1 - end
            if end < 0:
                raise self.too_much(f"holds a tag of more than {_MARKUP:,} bytes")
        self.look(text[:end], self._n_before)
        self._n_before += end + n_passed
        self._rest = text[end : len(text) - n_passed]

    def end(self) -> None:
        self.look(self._rest, self._n_before)

    def look(self, text: bytes, start: int) -> None:
        """Look at whole tags and the text between them; `start` is where in the member."""
        raise NotImplementedError

    def too_much(self, problem: str) -> CinError:
        """Return the refusal of the member."""
        return CinError(problem, place=self.name, remedy=_REMEDY)


class _Sheet(_Markup):
    """A sheet of an xlsx: cells say where they stand, or stand behind the one before."""

    def __init__(self, extent: Extent, name: str) -> None:
        super().__init__(extent, name)
        self._n_rows = self._n_columns = self._n_unnumbered = self._n_unplaced = self._in_row = 0
        self._columns: set[bytes] = set()

    def look(self, text: bytes, start: int) -> None:
        del start
        columns = _COLUMNS.findall(text)
        for column in set(columns) - self._columns:
            self._columns.add(column)
            self._n_columns = max(self._n_columns, _number(column))
        rows = set(_ROWS.findall(text))
        self._n_rows = max(self._n_rows, max((int(row[:9]) for row in rows), default=0))
        n_numbered = len(_ROW_WITH_NUMBER.findall(text))
        self._n_unnumbered += max(len(_ROW.findall(text)) - n_numbered, 0)
        if len(_CELL.findall(text)) > len(columns):
            self._see_unplaced(text)
        self.extent.hold(self.name, self._n_cells)
        self._see_shared(text)

    def _see_unplaced(self, text: bytes) -> None:
        for at, row in enumerate(_ROW.split(text)):
            self._in_row = len(_CELL.findall(row)) + (self._in_row if at == 0 else 0)
            self._n_unplaced = max(self._n_unplaced, self._in_row)

    def _see_shared(self, text: bytes) -> None:
        extent = self.extent
        n = len(_SHARED.findall(text))
        if not n:
            return
        numbers = np.array(_SHARED_NO.findall(text), "S9").astype(np.int64)
        numbers = numbers[numbers < _STRINGS]
        extent.n_other_uses += n - len(numbers)
        counted = np.bincount(numbers, minlength=len(extent.uses))
        counted[: len(extent.uses)] += extent.uses
        extent.uses = counted

    @property
    def _n_cells(self) -> int:
        return (self._n_rows + self._n_unnumbered) * (self._n_columns + self._n_unplaced)

    def end(self) -> None:
        super().end()
        self.extent.n_cells += self._n_cells


class _Strings(_Markup):
    """The texts of an xlsx that its cells name by number."""

    _last: int | None = None

    def look(self, text: bytes, start: int) -> None:
        for found in _STRING.finditer(text):
            self._note(start + found.start())

    def _note(self, at: int) -> None:
        if self._last is not None:
            length = at - self._last
            self.extent.longest = max(self.extent.longest, length)
            if len(self.extent.lengths) < _STRINGS:
                self.extent.lengths.append(length)
        self._last = at

    def end(self) -> None:
        super().end()
        self._note(self._n_before + len(self._rest))


class _Ods(_Markup):
    """The sheets of an ods: rows and cells say how often they are repeated."""

    def __init__(self, extent: Extent, name: str) -> None:
        super().__init__(extent, name)
        self._n_rows = self._n_empty = self._n_columns = 0
        self._row_times = self._cell_times = 1
        self._at = self._last = self._text_from = 0

    def look(self, text: bytes, start: int) -> None:
        for found in _ODS.finditer(text):
            closing, what, attributes = found.groups()
            is_empty = attributes.endswith(b"/")
            if what == b"table":
                self._begin_table()
            elif what == b"table-row":
                if not closing:
                    self._row_times = self._times(attributes, _MOST_ROWS)
                    self._at = self._last = 0
                if closing or is_empty:
                    self._end_row()
            elif closing:
                self._end_cell(start + found.start() - self._text_from)
            else:
                self._begin_cell(attributes, is_empty, start + found.end())
        self.extent.hold(self.name, self._n_rows * self._n_columns)

    def _begin_table(self) -> None:
        self.extent.n_cells += self._n_rows * self._n_columns
        self._n_rows = self._n_empty = self._n_columns = 0

    def _begin_cell(self, attributes: bytes, is_empty: bool, end: int) -> None:
        self._cell_times = self._times(attributes, _MOST_COLUMNS)
        self._at += self._cell_times
        self._text_from = end
        if not is_empty or b"office:" in attributes:
            self._last = self._at
            self._end_cell(len(attributes))

    def _end_cell(self, n_bytes: int) -> None:
        self.extent.n_text += n_bytes * self._cell_times * self._row_times

    def _times(self, attributes: bytes, most: int) -> int:
        found = _REPEATED.search(attributes)
        times = int(found.group(1)[:9]) if found else 1
        if times > most:
            self.extent.hold(self.name, self.extent.most_cells + 1)
        return max(times, 1)

    def _end_row(self) -> None:
        if not self._last:
            self._n_empty += self._row_times
            return
        self._n_rows += self._n_empty + self._row_times
        self._n_empty = 0
        self._n_columns = max(self._n_columns, self._last)

    def end(self) -> None:
        super().end()
        self._begin_table()


def _number(column: bytes) -> int:
    """Return the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in column[:6].upper():
        number = number * 26 + letter - 64
    return number
