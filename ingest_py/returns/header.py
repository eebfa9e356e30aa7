"""The header of a return: whose it is, of which year, and which of several submissions."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from lxml import etree

from ingest_py.returns import structure
from ingest_py.returns.refusals import refuse
from ingest_py.returns.structure import Element, Kind

_YEAR = re.compile(r"20\d\d")
_LA_NUMBER = re.compile(r"\d{3}")
_IDENTITY = ("collection", "census_year", "la_number")
_FILL = "fill in the header in the case management system and export again"


@dataclass(frozen=True)
class ReturnHeader:
    """What the header says, as text; None where it does not."""

    collection: str | None = None
    census_year: str | None = None
    reference_date: str | None = None
    source_level: str | None = None
    la_number: str | None = None
    software_code: str | None = None
    release: str | None = None
    serial_no: str | None = None
    submitted_at: str | None = None


@dataclass(frozen=True)
class Identity:
    """Whose return it is.

    Attributes
    ----------
    census_year
        Four digits, the year ending 31 March.
    la_number
        Three digits.
    notes
        What was taken from elsewhere than its own element, or contradicts itself.
    """

    census_year: str
    la_number: str
    notes: tuple[str, ...] = ()


def parse_header(element: etree._Element | None, file: str) -> ReturnHeader:
    """Read the header; missing parts are None.

    The message allows several `Source` blocks: the first that says something counts.

    Raises
    ------
    CinError
        If collection, year or local authority is given twice and differs.
    """
    found: dict[str, str] = {}
    if element is not None:
        _collect(element, structure.header(), found, file)
    known = {field.name for field in fields(ReturnHeader)}
    return ReturnHeader(**{name: text for name, text in found.items() if name in known})


def _collect(element: etree._Element, spec: Element, found: dict[str, str], file: str) -> None:
    for part in element:
        member = spec.member(part.tag)
        if member is None or member.kind is Kind.SKIPPED:
            continue
        if member.kind is Kind.GROUP:
            _collect(part, member, found, file)
            continue
        text = part.text
        if text is None or not text.strip():
            continue
        before = found.setdefault(member.column, text)
        if member.column in _IDENTITY and before.strip() != text.strip():
            raise refuse(
                f"the header gives {member.name} twice, and differently",
                file, f"line {part.sourceline}", _FILL,
            )  # fmt: skip


def identify(header: ReturnHeader, folder_year: str | None, file: str) -> Identity:
    """Settle the year and the local authority of a return.

    Parameters
    ----------
    header
        Its header.
    folder_year
        The year of the folder the file lies in, None for none.
    file
        The file's name.

    Raises
    ------
    CinError
        If it is another collection, names no local authority or no year, or another year than its
        folder.
    """
    collection = (header.collection or "CIN").strip()
    if collection.upper() != "CIN":
        raise refuse(
            "not a CIN return: the header names another collection",
            file, "Header/CollectionDetails/Collection", "keep only CIN returns in the folder",
        )  # fmt: skip
    la_number = (header.la_number or "").strip()
    if not _LA_NUMBER.fullmatch(la_number, 0) or not la_number.isascii():
        problem = "is not a three-digit number" if la_number else "is missing"
        raise refuse(
            f"the local authority (LEA) in the header {problem}", file, "Header/Source/LEA", _FILL
        )
    year, notes = _year(header, folder_year, file)
    if folder_year is not None and year != folder_year:
        raise refuse(
            f"the header says census year {year}, the folder {folder_year}",
            file, "Header/CollectionDetails/Year",
            f"move the file to census/{year}/returns, or mend its header",
        )  # fmt: skip
    return Identity(year, la_number, tuple(notes))


def _year(header: ReturnHeader, folder_year: str | None, file: str) -> tuple[str, list[str]]:
    stated = (header.census_year or "").strip()
    reference = (header.reference_date or "").strip()[:4]
    if stated:
        if not _YEAR.fullmatch(stated) or not stated.isascii():
            raise refuse(
                "the census year in the header is not a year of this century",
                file, "Header/CollectionDetails/Year", _FILL,
            )  # fmt: skip
        differs = bool(reference) and reference != stated
        return stated, ["the header's Year and ReferenceDate disagree"] if differs else []
    if _YEAR.fullmatch(reference) and reference.isascii():
        return reference, ["the header has no Year: taken from ReferenceDate"]
    if folder_year is not None:
        return folder_year, ["the header has no Year: taken from the folder"]
    raise refuse("the header names no census year", file, "Header/CollectionDetails/Year", _FILL)
