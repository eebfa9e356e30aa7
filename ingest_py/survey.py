"""A table of every file in a folder of published files: recognised as, rows, checks.

`python -m ingest_py.survey FOLDER docs/reference_files.md` writes it; a test holds the document to
what the code says of the same folder. The checks are facts that are known of the real files.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from common_py.progress import Progress, silent
from ingest_py.facts import Facts
from ingest_py.inputs import REFERENCE_SUFFIXES
from ingest_py.ledger import Ledger
from ingest_py.reference import read_file

_INTRODUCTION = """# Published files: recognised as, rows, checks

Written by `python -m ingest_py.survey <folder of published files> docs/reference_files.md` and
held to the code by `tests/python/unit/test_ingest_published.py`. None of these files is part of the
project; `docs/inputs.md` says where each is published. Files are recognised by their header:
the names below are those of one collection. "Rows" are landing rows, long tables having many for
a line of the file; of two files with the same facts only one is used when both are there.

| file | recognised as | rows | checks |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Line:
    """One file of the folder.

    Attributes
    ----------
    file
        Its path below the folder.
    recognised_as
        Landing tables, or why there are none.
    n_rows
        Landing rows, all tables together.
    checks
        What was checked, each with the value found.
    failed
        The checks that did not hold.
    """

    file: str
    recognised_as: str
    n_rows: int
    checks: tuple[str, ...]
    failed: tuple[str, ...]

    @property
    def markdown(self) -> str:
        """The line of the document."""
        rows = f"{self.n_rows:,}" if self.n_rows else ""
        said = [*self.checks, *(f"FAILED: {check}" for check in self.failed)]
        return f"| {self.file} | {self.recognised_as} | {rows} | {'; '.join(said)} |"


def survey(folder: Path, progress: Progress = silent) -> list[Line]:
    """Look at every file of a folder.

    Parameters
    ----------
    folder
        Published files, in folders of their own or not.
    progress
        Called as files are done.
    """
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
    lines = []
    for done, path in enumerate(paths):
        progress("look at files", done, len(paths))
        lines.append(_line(path, folder))
    progress("look at files", len(paths), len(paths))
    return lines


def document(lines: Sequence[Line]) -> str:
    """Return the whole document."""
    return _INTRODUCTION + "".join(f"{line.markdown}\n" for line in lines)


def _line(path: Path, folder: Path) -> Line:
    name = path.relative_to(folder).as_posix()
    if not path.name.casefold().endswith(REFERENCE_SUFFIXES):
        return Line(name, "not a table: passed over", 0, (), ())
    ledger = Ledger()
    facts = read_file(path, folder, ledger)
    if not facts:
        reason = "; ".join(str(entry.reason) for entry in ledger.files)
        return Line(name, f"no landing table: {reason}", 0, (), ())
    tables: dict[str, list[Facts]] = {}
    for one in facts:
        tables.setdefault(one.table_name, []).append(one)
    held, failed = [], []
    for table, mine in tables.items():
        for what, expected, found in _checks(table, mine):
            text = f"{what} {found:,}" if isinstance(found, int) else f"{what} {found}"
            if expected is None or expected == found:
                held.append(text)
            else:
                failed.append(f"{text}, not {expected}")
    return Line(
        name,
        ", ".join(tables),
        sum(one.rows.num_rows for one in facts),
        tuple(held),
        tuple(failed),
    )


Check = tuple[str, int | str | None, int | str]


def _checks(table: str, facts: Sequence[Facts]) -> list[Check]:
    """Return facts of a table: what, the value it must have (None for any), the value found."""
    rows = pa.concat_tables([one.rows for one in facts])
    series = {one.label for one in facts}
    found: list[Check] = [("series", None, len(series))] if len(series) > 1 else []
    for label, expected, measure in _KNOWN.get(table, ()):
        value = measure(rows)
        if value is not None:
            found.append((label, expected, value))
    return found


Measure = Callable[[pa.Table], int | str | None]


def _english(column: str) -> Measure:
    def count(rows: pa.Table) -> int:
        codes = pc.unique(rows.column(column)).to_pylist()
        return sum(1 for code in codes if code and code.startswith("E"))

    return count


def _distinct(column: str) -> Measure:
    return lambda rows: len(pc.unique(rows.column(column)).drop_null())


def _one(column: str, **where: str) -> Measure:
    """Return the value of the one row with these values, None where there is no such row."""

    def value(rows: pa.Table) -> str | None:
        for name, wanted in where.items():
            rows = rows.filter(pc.equal(rows.column(name), wanted))
        return f"{float(rows.column(column)[0].as_py()):g}" if rows.num_rows == 1 else None

    return value


def _sum(column: str, english: str | None = None, **where: str) -> Measure:
    """Return the sum of a column over rows with these values, None where there are none."""

    def total(rows: pa.Table) -> int | None:
        for name, wanted in where.items():
            rows = rows.filter(pc.equal(rows.column(name), wanted))
        if english is not None:
            rows = rows.filter(pc.starts_with(rows.column(english), "E"))
        values = rows.column(column).drop_null()
        return round(pc.sum(values.cast(pa.float64())).as_py()) if len(values) else None

    return total


def _five_to_fifteen(rows: pa.Table) -> int | None:
    """Return the English children aged 5 to 15, where all of England is there."""
    rows = rows.filter(pc.starts_with(rows.column("lsoa_code"), "E"))
    columns = [rows.column(f"age_{age}").cast(pa.int64()) for age in range(5, 16)]
    return sum(int(pc.sum(column).as_py() or 0) for column in columns)


def _releases(rows: pa.Table) -> str:
    names = rows.group_by(["publication", "release"]).aggregate([]).to_pylist()
    return ", ".join(sorted(f"{name['publication']} {name['release']}" for name in names))


def _spend_2019(rows: pa.Table) -> str | None:
    """Return the total of section 251, in the millions that it is published in."""
    line = pc.match_substring(rows.column("breakdown"), "s251line=5.0.2")
    mine = rows.filter(pc.fill_null(line, False))
    total = _sum("value", measure="netcurrentexpenditure", release="201819")(mine)
    return None if total is None else f"£{int(total) / 1e6:,.2f}m"


_MARKERS: tuple[str, int | str | None, Measure] = (
    "markers", None, lambda rows: len(rows.column("marker").drop_null()),
)  # fmt: skip
_CIN_2019 = {"publication": "cin", "time_period": "2019", "geographic_level": "Local authority"}
_KNOWN: Mapping[str, Sequence[tuple[str, int | str | None, Measure]]] = {
    "ref_lsoa_deprivation": (
        ("English LSOAs", None, _english("lsoa_code")),
        ("E01000001 IMD 2019", "6.208",
         _one("score", lsoa_code="E01000001", domain="imd", iod_release="2019")),
        ("E01000001 income 2019", "0.007",
         _one("score", lsoa_code="E01000001", domain="income", iod_release="2019")),
    ),
    "ref_lsoa_deprivation_statistic": (
        ("English LSOAs", None, _english("lsoa_code")),
        ("E01021988 IMD rank 2019", "1",
         _one("value", lsoa_code="E01021988", domain="imd", statistic="rank", iod_release="2019")),
    ),
    "ref_lsoa_iod_population": (("English LSOAs", None, _english("lsoa_code")),),
    "ref_la_deprivation": (("authorities", None, _english("la_code")),),
    "ref_area_deprivation_summary": (("authorities", None, _english("area_code")),),
    "ref_lsoa_population": (
        ("English LSOAs", None, _english("lsoa_code")),
        ("England", None, _sum("all_ages", english="lsoa_code")),
        ("aged 5 to 15", None, _five_to_fifteen),
    ),
    "ref_oa_lookup": (
        ("English LSOAs", 32_844, _english("lsoa11_code")),
        ("English MSOAs", 6_791, _english("msoa11_code")),
    ),
    "ref_lsoa_lad": (
        ("English LSOAs", 32_844, _english("lsoa11_code")),
        ("English LADs", 317, _english("lad_code")),
    ),
    "ref_lad_utla": (
        ("English LADs", None, _english("lad_code")),
        ("English UTLAs", None, _english("utla_code")),
    ),
    "ref_lsoa_rural_urban": (("English LSOAs", 32_844, _english("lsoa11_code")),),
    "ref_lsoa_density": (("English LSOAs", 32_844, _english("lsoa_code")),),
    "ref_lsoa_exact_fit": (
        ("English LSOAs 2011", 32_844, _english("lsoa11_code")),
        ("English LSOAs 2021", 33_755, _english("lsoa21_code")),
    ),
    "ref_la_code": (("authorities", None, _distinct("la_number")),),
    "ref_statistical_neighbour": (("authorities", None, _distinct("la_number")),),
    "ref_ethnic_population": (("areas", None, _distinct("area_code")),),
    "ref_published_indicator": (
        ("releases", None, _releases),
        _MARKERS,
        ("referrals 2018-19 by LA", 650_930, _sum("value", measure="referrals", table_name="c1",
                                                  **_CIN_2019)),
        ("net current spend 2018-19, line 5.0.2", "£9,117.86m", _spend_2019),
    ),
}  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Write the document; non-zero when a check failed."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m ingest_py.survey FOLDER DOCUMENT\n")
        return 2
    lines = survey(Path(arguments[0]))
    Path(arguments[1]).write_text(document(lines), encoding="utf-8", newline="\n")
    return 1 if any(line.failed for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
