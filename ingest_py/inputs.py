"""What lies in the data folder: census years, locations, reference, and what does not belong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from common_py.errors import CinError
from ingest_py.ledger import Ledger, Source
from ingest_py.sources import (
    ARCHIVE_SUFFIXES,
    CSV_SUFFIXES,
    PARQUET_SUFFIXES,
    WORKBOOK_SUFFIXES,
)

EVERY_YEAR = "all"
MAPPING = "columns.csv"
_YEAR = re.compile(rf"20\d\d|{EVERY_YEAR}")
_EXTRACT = CSV_SUFFIXES + PARQUET_SUFFIXES
REFERENCE_SUFFIXES = CSV_SUFFIXES + PARQUET_SUFFIXES + WORKBOOK_SUFFIXES + ARCHIVE_SUFFIXES
_FOLDERS = frozenset({"census", "locations", "reference", "synthetic"})
_NO_SUCH_INPUT = (
    "inputs lie in the folders census, locations and reference",
    "move it into one of them; docs/inputs.md says which",
)
_EXPECTED = (
    "put XML returns into census/<year>/returns/ or the relational extract into "
    "census/<year>/extract/ (year = the one ending on 31 March), or run `cin synth` to try the "
    "warehouse on a synthetic England"
)


@dataclass(frozen=True)
class Found:
    """Paths of the inputs, each list in a fixed order.

    Attributes
    ----------
    census, locations
        By the year of their folder (`all` for files of several years), the files that may be
        tables.
    returns
        By year, the XML returns.
    mappings
        By year, the file that says which columns were renamed.
    reference
        The files that may be published tables.
    """

    census: dict[str, list[Path]] = field(default_factory=dict)
    returns: dict[str, list[Path]] = field(default_factory=dict)
    mappings: dict[str, Path] = field(default_factory=dict)
    locations: dict[str, list[Path]] = field(default_factory=dict)
    reference: list[Path] = field(default_factory=list)


def name_of(path: Path, data: Path) -> str:
    """Return a file's name below the data folder, with forward slashes on every system."""
    return path.relative_to(data).as_posix()


def find_inputs(data: Path, ledger: Ledger) -> Found:
    """Look through the data folder; what does not belong goes to the ledger.

    Raises
    ------
    CinError
        If there is no data folder, or no census year in it.
    """
    if not data.is_dir():
        raise CinError("there is no data folder", file=str(data), remedy=_EXPECTED)
    found = Found()
    for path in sorted(data.iterdir()):
        if path.name not in _FOLDERS and not _hidden(path):
            ledger.ignore(Source(name_of(path, data), "unknown"), *_NO_SUCH_INPUT)
    _find_census(data, found, ledger)
    _find_locations(data, found, ledger)
    for path in _files(data / "reference"):
        _sort_one(path, data, "reference", found.reference, ledger)
    if not found.census and not found.returns:
        raise CinError(
            "no census was found: expected a folder such as census/2019/returns/ holding XML "
            "returns, or census/2019/extract/ holding referrals.csv or referrals.parquet"
            f"{_why_not(ledger)}",
            file=str(data),
            remedy=_EXPECTED,
        )
    return found


def _find_census(data: Path, found: Found, ledger: Ledger) -> None:
    for year, folder in _years(data, "census", ledger):
        tables: list[Path] = []
        returns: list[Path] = []
        for path in _files(folder):
            inside = path.relative_to(folder).parts
            if inside[0] == "returns" and path.suffix.casefold() == ".xml" and year != EVERY_YEAR:
                returns.append(path)
            elif inside[0] == "extract" and path.name.casefold() == MAPPING:
                found.mappings[year] = path
            elif inside[0] == "extract" and len(inside) > 1:
                _sort_one(path, data, "census", tables, ledger)
            else:
                ledger.ignore(Source(name_of(path, data), "census"), *_misplaced(path, year))
        if tables:
            found.census[year] = tables
        if returns:
            found.returns[year] = returns


def _why_not(ledger: Ledger) -> str:
    """Say what was passed over in census/, when nothing else was there."""
    told = [f"{e.source.name}: {e.reason}" for e in ledger.files if e.source.kind == "census"]
    return "".join(f"\n  {line}" for line in told[:5])


def _misplaced(path: Path, year: str) -> tuple[str, str]:
    if path.suffix.casefold() == ".xml":
        where = "census/<year>/returns/" if year == EVERY_YEAR else f"census/{year}/returns/"
        return "an XML file outside the returns folder", f"move it to {where} if it is a return"
    return (
        "outside the folders extract and returns",
        f"move it to census/{year}/extract/ if it is a table",
    )


def _find_locations(data: Path, found: Found, ledger: Ledger) -> None:
    for year, folder in _years(data, "locations", ledger):
        files: list[Path] = []
        for path in _files(folder):
            _sort_one(path, data, "locations", files, ledger)
        found.locations[year] = files


def _years(data: Path, kind: str, ledger: Ledger) -> Iterator[tuple[str, Path]]:
    root = data / kind
    for path in sorted(root.iterdir()) if root.is_dir() else []:
        if _hidden(path):
            continue
        if path.is_dir() and _YEAR.fullmatch(path.name):
            yield path.name, path
            continue
        error = CinError(
            "the folder's name is not a year" if path.is_dir() else "lies outside a year's folder",
            place=f"below {kind}/",
            remedy="name the folder for the year that ends on 31 March: "
            f"{kind}/2019/ for 2018/19; nothing in it was read",
        )
        ledger.refuse(Source(name_of(path, data), kind), error)


def _sort_one(path: Path, data: Path, kind: str, into: list[Path], ledger: Ledger) -> None:
    endings = REFERENCE_SUFFIXES if kind == "reference" else _EXTRACT
    if path.name.casefold().endswith(endings):
        into.append(path)
        return
    ledger.ignore(
        Source(name_of(path, data), kind),
        f"files of this kind are not read in {kind}/",
        f"the kinds that are: {', '.join(endings)}",
    )


def _files(folder: Path) -> list[Path]:
    """Return the files below a folder, ordered by name, hidden and lock files left out."""
    if not folder.is_dir():
        return []
    paths = [path for path in folder.rglob("*") if path.is_file() and not _hidden(path)]
    return sorted(paths, key=lambda path: path.as_posix())


def _hidden(path: Path) -> bool:
    return path.name.startswith((".", "~$")) or path.name in {"Thumbs.db", "desktop.ini"}
