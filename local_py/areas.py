"""`areas.csv`: the areas that an authority plans by, as LSOAs.

Either a row an LSOA and kind of area (`lsoa_code,area_type,area`), or a row an LSOA with a column
a kind (`lsoa_code,ward,district,family_hub`). Both become the first.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from common_py.errors import CinError
from ingest_py.landing_schema import plain

COLUMNS = ("lsoa_code", "area_type", "area")
RESERVED = ("la", "income_decile")
"""Kinds of area that the site has of itself."""

_NO_KIND = ("", "dataset")
"""Headings of no kind of area: `cin sql` marks a SYNTHETIC answer in a column of its own."""

_CODES = re.compile(r"lsoa(code|\d\d|\d\dcd|\d{4}code)?")
_LSOA = re.compile(r"[EW]\d{8}")
_REMEDY = (
    "give the columns lsoa_code, area_type and area, a row an LSOA and kind of area; or lsoa_code "
    "and a column for each kind (ward, district, family_hub)"
)


@dataclass(frozen=True)
class Areas:
    """LSOAs with the kind and name of an area they lie in, as a table of `COLUMNS`."""

    table: pa.Table

    @property
    def kinds(self) -> list[str]:
        """The kinds of area, in the order of the file."""
        return list(dict.fromkeys(self.table.column("area_type").to_pylist()))


def no_areas() -> Areas:
    """Return a table without rows."""
    return _table([])


def read_areas(path: Path) -> Areas:
    """Read the file.

    Raises
    ------
    CinError
        If it cannot be read, has other columns, names an LSOA twice within a kind, or has a code
        that is no LSOA's.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="cp1252", errors="replace")
    except OSError as error:
        raise CinError(
            f"the file cannot be read ({error.strerror or type(error).__name__})",
            file=str(path),
            remedy="check its name, and close it in other programs (Excel holds what it shows)",
        ) from error
    rows = [row for row in csv.reader(text.splitlines()) if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise CinError("has no rows below a header", file=path.name, remedy=_REMEDY)
    header = [cell.strip() for cell in rows[0]]
    found = list(_long(path, header, rows[1:]))
    _hold(path, found)
    return _table([row for _, *row in found])


def _table(rows: Sequence[Sequence[str]]) -> Areas:
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    return Areas(
        pa.table({n: pa.array(c, pa.string()) for n, c in zip(COLUMNS, columns, strict=True)})
    )


Found = tuple[int, str, str, str]


def _long(path: Path, header: list[str], rows: Sequence[Sequence[str]]) -> Iterator[Found]:
    """Return row number, LSOA, kind and area; cells without an area are no row."""
    names = [plain(name) for name in header]
    codes = [at for at, name in enumerate(names) if _CODES.fullmatch(name)]
    if len(codes) != 1:
        problem = "has no column of LSOA codes" if not codes else "has several LSOA columns"
        raise CinError(problem, file=path.name, place="column lsoa_code", remedy=_REMEDY)
    is_long = "areatype" in names and "area" in names
    others = [at for at, name in enumerate(names) if at not in codes and name not in _NO_KIND]
    if not is_long and not others:
        raise CinError("has no column of areas", file=path.name, remedy=_REMEDY)
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row] + [""] * (len(header) - len(row))
        code = cells[codes[0]].upper()
        if is_long:
            pairs = [(cells[names.index("areatype")], cells[names.index("area")])]
        else:
            pairs = [(header[at], cells[at]) for at in others]
        yield from ((number, code, kind, area) for kind, area in pairs if area)


def _hold(path: Path, found: Sequence[Found]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for number, code, kind, _ in found:
        place = f"row {number}"
        if not _LSOA.fullmatch(code):
            raise CinError(
                "the code is no LSOA's: E01 and six digits are",
                file=path.name,
                place=place,
                remedy=_REMEDY,
            )
        if not kind or plain(kind) in {plain(one) for one in RESERVED}:
            raise CinError(
                f"the kind of area {kind!r} cannot be told from the site's own",
                file=path.name,
                place=place,
                remedy="name it otherwise, such as ward or family_hub",
            )
        if (code, kind) in seen:
            raise CinError(
                f"the LSOA lies in an area of the kind {kind} already, by row {seen[code, kind]}",
                file=path.name,
                place=place,
                remedy="give each LSOA one area of a kind: areas that overlap are two kinds",
            )
        seen[code, kind] = number
