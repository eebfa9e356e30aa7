"""The NPD children in need extract: its files, by header, whatever the year in the names.

NPD columns carry the prefix `CIN_` and often a suffix such as `_SPR19` (the spring census of the
year that ends in March 2019). The wide file has a row per child, referral and year (and CP plan);
assessments and disabilities come in files of their own. Columns that landing has no place for are
passed over, and the ledger names them: extracts carry many derived ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa

from common_py.errors import CinError
from ingest_py.headers import Header
from ingest_py.landing_schema import plain
from ingest_py.ledger import Source
from ingest_py.sources import Sheet

KIND = "npd"
_NAME = re.compile(r"(?:cin)*(?P<name>.*?)(?:spr(?P<year>\d\d))?")

NOBODY = "no identifier: PupilMatchingRefAnonymous and LAchildID_Anon are both empty"
NO_REFERRAL = "no referral of the child on or before the start of the assessment"
NO_START = "the start date of the assessment is missing or is no date"
UNKNOWN_CHILD = "the child is not in the wide table of referrals"
FIRST_OF_MONTH = "birth dates are the first of the month: NPD gives month and year of birth"
REMEDIES = {
    NOBODY: "leave out rows that belong to nobody",
    NO_REFERRAL: "ask for the referral too: extracts of one year lack those of earlier years",
    NO_START: "give it as 2018-05-01, 01/05/2018 or 01MAY2018",
    UNKNOWN_CHILD: "deliver the wide table of the same children and years",
}


class Piece(StrEnum):
    """Which of the files of an extract."""

    WIDE = "wide table of referrals"
    ASSESSMENTS = "assessments"
    DISABILITIES = "disabilities"


_IDS: dict[str, str] = {
    "pupilmatchingrefanonymous": "pmr", "pmr": "pmr", "lachildidanon": "la_child_id",
    "lachildid": "la_child_id", "la": "la_number", "lea": "la_number", "acadyr": "year",
    "academicyear": "year",
}  # fmt: skip
_WIDE: dict[str, str] = {
    "monthofbirth": "birth_month", "yearofbirth": "birth_year", "gender": "sex", "sex": "sex",
    "ethnicity": "ethnicity", "disability": "disability", "referraldate": "referral_date",
    "referralsource": "referral_source", "referralnfa": "referral_nfa",
    "primaryneedcode": "primary_need_code", "dateofinitialcpc": "initial_cpc_date",
    "closuredate": "closure_date", "reasonforclosure": "reason_for_closure",
    "cppstartdate": "plan_start", "cppenddate": "plan_end",
    "initialcategoryofabuse": "initial_category", "latestcategoryofabuse": "latest_category",
    "numberofpreviouscpp": "n_previous_plans",
}  # fmt: skip
_ASSESSMENTS: dict[str, str] = {
    "assessmentactualstartdate": "start_date", "assessmentstartdate": "start_date",
    "startdate": "start_date", "assessmentauthorisationdate": "end_date",
    "assessmentenddate": "end_date", "enddate": "end_date", "authorisationdate": "end_date",
    "assessmentinternalreviewdate": "internal_review_date", "assessmentfactors": "factor",
    "assessmentfactor": "factor", "factorsidentifiedatassessment": "factor",
}  # fmt: skip
COLUMNS: Mapping[Piece, Mapping[str, str]] = {
    Piece.WIDE: _IDS | _WIDE,
    Piece.ASSESSMENTS: _IDS | _ASSESSMENTS,
    Piece.DISABILITIES: _IDS | {"disability": "disability"},
}
_NEEDED: Mapping[Piece, tuple[str, ...]] = {
    Piece.WIDE: (
        "la_number", "referral_date", "birth_month", "birth_year", "sex", "ethnicity",
        "referral_source", "primary_need_code", "closure_date", "reason_for_closure",
        "referral_nfa", "plan_start", "plan_end",
    ),
    Piece.ASSESSMENTS: ("la_number", "start_date", "end_date"),
    Piece.DISABILITIES: ("la_number", "disability"),
}  # fmt: skip


@dataclass(frozen=True)
class NpdHeader:
    """A header recognised as a file of an NPD extract.

    Attributes
    ----------
    piece
        Which file of the extract.
    positions
        Position by our name of the column.
    suffix_year
        The census year that the suffixes say, None without suffixes.
    passed_over
        Headers that landing has no place for.
    """

    piece: Piece
    positions: Mapping[str, int]
    suffix_year: str | None
    passed_over: tuple[str, ...]


@dataclass(frozen=True)
class NpdFile:
    """A file of an NPD extract, as text.

    Attributes
    ----------
    source, header
        The file and what its columns are.
    rows
        Columns by our names, and `source_row`; a column the file lacks is NULL.
    """

    source: Source
    header: NpdHeader
    rows: pa.Table


def recognise_npd(header: Header) -> NpdHeader | None:
    """Return which file of an NPD extract a header is of, None if it is something else.

    Raises
    ------
    CinError
        If it is one and a column is missing, or stands twice under names of two years.
    """
    split = [_split(name) for name in header]
    names = {name for name, _ in split}
    if not names & {"pupilmatchingrefanonymous", "lachildidanon"}:
        return None
    piece = _piece(names)
    if piece is None:
        return None
    positions: dict[str, int] = {}
    years: set[str] = set()
    passed_over = []
    for at, (name, year) in enumerate(split):
        column = COLUMNS[piece].get(name)
        if column is None:
            passed_over.append(" ".join((header[at] or "").split())[:40])
        elif column in positions:
            raise _twice(piece, positions[column], at)
        else:
            positions[column] = at
            years |= {year} if year else set()
    _hold_complete(piece, positions)
    suffix = f"20{years.pop()}" if len(years) == 1 else None
    return NpdHeader(piece, positions, suffix, tuple(name for name in passed_over if name))


def _split(name: str | None) -> tuple[str, str | None]:
    found = _NAME.fullmatch(plain(name or ""))
    if found is None:
        return "", None
    return found["name"], found["year"]


def _piece(names: set[str]) -> Piece | None:
    if "referraldate" in names:
        return Piece.WIDE
    if any(_ASSESSMENTS.get(name) == "start_date" for name in names):
        return Piece.ASSESSMENTS
    return Piece.DISABILITIES if "disability" in names else None


def _hold_complete(piece: Piece, positions: Mapping[str, int]) -> None:
    names = {ours: npd for npd, ours in reversed(list(COLUMNS[piece].items()))}
    for column in _NEEDED[piece]:
        if column not in positions:
            raise CinError(
                f"the NPD {piece.value} has no column {names[column]}",
                place=f"column {names[column]}",
                remedy="ask for it, or add it without values; letter case, the prefix CIN_ and a "
                "suffix such as _SPR19 do not matter",
            )


def _twice(piece: Piece, first: int, second: int) -> CinError:
    return CinError(
        f"the NPD {piece.value} has two columns for one thing",
        place=f"columns {first + 1} and {second + 1}",
        remedy="keep one; several years belong below one another, not side by side",
    )


def read_npd(source: Source, sheet: Sheet, header: NpdHeader) -> NpdFile:
    """Read the columns of a file of an NPD extract."""
    cells = sheet.read(0, sorted(header.positions.values()))
    n = cells.num_rows
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        name: cells.column(str(header.positions[name]))
        if name in header.positions
        else pa.nulls(n, pa.string())
        for name in dict.fromkeys(COLUMNS[header.piece].values())
    }
    columns["source_row"] = pa.array(np.arange(1, n + 1, dtype=np.int64))
    return NpdFile(source, header, pa.table(columns))


def notes(file: NpdFile) -> list[str]:
    """Return what the ledger should say of a file as a whole."""
    said = [f"NPD {file.header.piece.value}"]
    names: Sequence[str] = file.header.passed_over
    if names:
        shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
        said.append(f"columns passed over: {shown}")
    return said
