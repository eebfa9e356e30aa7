"""Recognising a published layout by its header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from common_py.errors import CinError
from ingest_py.layout_types import Context, Known, Layout, Take
from ingest_py.layouts import KNOWN, LAYOUTS


@dataclass(frozen=True)
class Match:
    """A header recognised as a layout.

    Attributes
    ----------
    layout, header_row
        Which, and where the header stands in the sheet's top rows.
    columns
        Position by landing column.
    melted
        Position by the name each melted column gets.
    constants
        Landing columns that have one value in the whole sheet.
    """

    layout: Layout
    header_row: int
    columns: Mapping[str, int]
    melted: Mapping[str, int]
    constants: Mapping[str, str]


@lru_cache(maxsize=4_096)
def normal(header: str) -> str:
    """Return a header in lower case, without BOM, outer blanks and runs of blanks."""
    return " ".join(header.replace("\ufeff", "").split()).casefold()


def recognise(top: Sequence[Sequence[str]], sheet: str | None, file_stem: str) -> list[Match]:
    """Return the layouts that a sheet follows: none if it is something else.

    Parameters
    ----------
    top
        The first rows of the sheet.
    sheet, file_stem
        The sheet's name and the file's name without ending, for facts outside the columns.

    Raises
    ------
    CinError
        If the header is that of a known layout but a column of it is missing, or a fact that
        has to stand outside the columns does not.
    """
    almost: CinError | None = None
    for at, row in enumerate(top):
        headers = [normal(cell) for cell in row]
        joined = "\n".join(headers)
        signed = [layout for layout in LAYOUTS if has_all(joined, layout.signature)]
        around = _around(top[:at], sheet, file_stem)
        matches = []
        for layout in signed:
            try:
                matches.append(_match(headers, layout, at, around))
            except CinError as error:
                almost = almost or error
        if matches:
            return matches
    if almost:
        raise almost
    return []


def known(top: Sequence[Sequence[str]]) -> Known | None:
    """Return the known file without data for landing that a sheet is, None if it is not."""
    for row in top:
        headers = {normal(cell) for cell in row}
        for file in KNOWN:
            if headers.issuperset(file.signature):
                return file
    return None


def has_all(joined: str, patterns: Iterable[str]) -> bool:
    """Say whether each pattern is one of the headers, which are joined by line ends."""
    return all(_whole_line(pattern).search(joined) for pattern in patterns)


@cache
def _whole_line(pattern: str) -> re.Pattern[str]:
    return re.compile(f"^(?:{pattern})$", re.MULTILINE)


def _find(headers: Sequence[str], pattern: str) -> tuple[int, re.Match[str]] | None:
    for at, header in enumerate(headers):
        found = re.fullmatch(pattern, header)
        if found:
            return at, found
    return None


def _around(above: Sequence[Sequence[str]], sheet: str | None, stem: str) -> list[str]:
    """Return the texts that may say what the columns do not, most particular first."""
    titles = [cell for row in above for cell in row if cell]
    return [sheet or "", *titles, stem]


def _match(headers: Sequence[str], layout: Layout, at: int, around: Sequence[str]) -> Match:
    columns: dict[str, int] = {}
    constants = dict(layout.constants)
    for take in layout.takes:
        position, found = _required(headers, take, layout)
        if take.column:
            columns[take.column] = position
        if take.capture:
            constants[take.capture] = _captured(found.group(1), take, layout)
    for context in layout.contexts:
        constants[context.column] = _from_context(context, around, layout)
    melted = _melted(headers, layout)
    if layout.melt and not melted:
        raise _no_column(next(iter(layout.melt.headers)), layout)
    return Match(layout, at, columns, melted, constants)


def _required(headers: Sequence[str], take: Take, layout: Layout) -> tuple[int, re.Match[str]]:
    found = _find(headers, take.header)
    if found is None:
        raise _no_column(take.header, layout)
    return found


def _no_column(pattern: str, layout: Layout) -> CinError:
    return CinError(
        f"looks like {layout.name}, but has no column {readable(pattern)}",
        place=f"column {readable(pattern)}",
        remedy="download the file again from its publisher and leave its header as it is",
    )


def _captured(text: str, take: Take, layout: Layout) -> str:
    if not take.values:
        return text
    if text not in take.values:
        raise CinError(
            f"looks like {layout.name}, of a release that is not known ({text})",
            place=f"column {readable(take.header)}",
            remedy=f"the known ones are {', '.join(sorted(take.values))}; a new release is a new "
            "row in ingest_py/layouts.py",
        )
    return take.values[text]


def _melted(headers: Sequence[str], layout: Layout) -> dict[str, int]:
    found: dict[str, int] = {}
    for pattern, name in layout.melt.headers.items() if layout.melt else ():
        hit = _find(headers, pattern)
        if hit is not None:
            found.setdefault(name, hit[0])
    return found


def _from_context(context: Context, around: Sequence[str], layout: Layout) -> str:
    for text in around:
        words = {str(word).casefold() for word in re.findall(context.pattern, text, re.IGNORECASE)}
        facts = {context.values.get(word, word) for word in words}
        if len(facts) == 1:
            return facts.pop()
    raise CinError(
        f"looks like {layout.name}, but nothing says which {context.column.replace('_', ' ')}",
        place="sheet name, title and file name",
        remedy=context.remedy,
    )


def readable(pattern: str) -> str:
    """Return a header pattern as a reader would write it."""
    text = pattern.replace("(20\\d\\d)", "YYYY").replace("20\\d\\d", "YYYY")
    text = text.replace("(\\d\\d)", "YY").replace("\\d\\d", "YY")
    text = re.sub(r"\(\?:([^()]*)\)\?", "", text)
    return text.replace(".*", "").replace("(?:", "(").replace("\\", "").replace(" ?", " ")
