"""Write XML returns from the relational extract, one file a local authority, in the year's layout.

The layout is written down here a second time, apart from what the reader of returns goes by: a
test holds it to the published structure, and the round trip means something. Rows become XML a
column at a time (Arrow joins the strings), so that a national year takes seconds.

Authorities take turns in how they group reviews: all of a plan in one `Reviews`, or one in each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from common_py.errors import CinError
from common_py.progress import Progress, silent

Ints = NDArray[np.int64]
FIRST_YEAR_OF_CIN_PLANS = 2022
FIRST_YEAR_OF_SEX = 2025
NOTICE = "<!-- SYNTHETIC: no row describes a real child -->"
_YEAR = re.compile(r"20\d\d")
_MARKUP = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"))
_KEY_BITS = {"child_no": 26, "referral_no": 12, "cp_plan_no": 12, "assessment_no": 12}


@dataclass(frozen=True)
class _Row:
    """How a row of a table is written.

    Attributes
    ----------
    element
        The element of a row; "" writes only what is inside (a repeated value).
    fields
        Column and element, in document order.
    keys
        The key columns below the local authority.
    depth
        Indentation of the element, in steps.
    """

    element: str
    fields: tuple[tuple[str, str], ...]
    keys: tuple[str, ...]
    depth: int


_REFERRAL_KEY = ("child_no", "referral_no")
_PLAN_KEY = (*_REFERRAL_KEY, "cp_plan_no")
_ASSESSMENT_KEY = (*_REFERRAL_KEY, "assessment_no")
_IDENTIFIERS = (
    ("la_child_id", "LAchildID"), ("upn", "UPN"), ("former_upn", "FormerUPN"),
    ("upn_unknown", "UPNunknown"), ("birth_date", "PersonBirthDate"),
    ("expected_birth_date", "ExpectedPersonBirthDate"), ("sex", "GenderCurrent"),
    ("death_date", "PersonDeathDate"),
)  # fmt: skip
_REFERRAL = (
    ("referral_date", "CINreferralDate"), ("referral_source", "ReferralSource"),
    ("primary_need_code", "PrimaryNeedCode"), ("closure_date", "CINclosureDate"),
    ("reason_for_closure", "ReasonForClosure"), ("initial_cpc_date", "DateOfInitialCPC"),
)  # fmt: skip
_ROWS = {
    "disabilities": _Row("", (("disability", "Disability"),), ("child_no", "disability_no"), 5),
    "assessment_factors": _Row(
        "", (("factor", "AssessmentFactors"),), (*_ASSESSMENT_KEY, "factor_no"), 6
    ),
    "cpp_reviews": _Row("", (("review_date", "CPPreviewDate"),), (*_PLAN_KEY, "review_no"), 6),
    "assessments": _Row(
        "Assessments",
        (
            ("start_date", "AssessmentActualStartDate"),
            ("internal_review_date", "AssessmentInternalReviewDate"),
            ("authorisation_date", "AssessmentAuthorisationDate"),
        ),
        _ASSESSMENT_KEY,
        4,
    ),
    "cin_plans": _Row(
        "CINPlanDates",
        (("start_date", "CINPlanStartDate"), ("end_date", "CINPlanEndDate")),
        (*_REFERRAL_KEY, "cin_plan_no"),
        4,
    ),
    "section47": _Row(
        "Section47",
        (
            ("start_date", "S47ActualStartDate"),
            ("initial_cpc_target_date", "InitialCPCtarget"),
            ("initial_cpc_date", "DateOfInitialCPC"),
            ("icpc_not_required", "ICPCnotRequired"),
        ),
        (*_REFERRAL_KEY, "section47_no"),
        4,
    ),
    "child_protection_plans": _Row(
        "ChildProtectionPlans",
        (
            ("start_date", "CPPstartDate"), ("end_date", "CPPendDate"),
            ("initial_category", "InitialCategoryOfAbuse"),
            ("latest_category", "LatestCategoryOfAbuse"),
            ("n_previous_plans", "NumberOfPreviousCPP"),
        ),
        _PLAN_KEY,
        4,
    ),
    "referrals": _Row("CINdetails", _REFERRAL, _REFERRAL_KEY, 3),
    "children": _Row("Child", _IDENTIFIERS, ("child_no",), 2),
}  # fmt: skip
_HEADER = (
    ("software_code", "SoftwareCode"), ("release", "Release"), ("serial_no", "SerialNo"),
    ("submitted_at", "DateTime"),
)  # fmt: skip


def write_returns(
    data_dir: Path,
    census_years: Iterable[int] | None = None,
    la_numbers: Iterable[str] | None = None,
    progress: Progress = silent,
) -> list[Path]:
    """Write `census/<year>/returns/<la>_CIN_<year>.xml` from `census/<year>/extract/`.

    Parameters
    ----------
    data_dir
        The data folder.
    census_years
        Years to write, None for every year that has an extract.
    la_numbers
        Local authorities to write, None for all.
    progress
        Called once a local authority.

    Returns
    -------
    list of Path
        The files, in order of year and local authority.

    Raises
    ------
    CinError
        If a year has no extract, a row's parent is missing, or the year's layout has no place for
        a table's rows.
    """
    wanted = None if la_numbers is None else set(la_numbers)
    written = []
    for year in _years(data_dir, census_years):
        folder = data_dir / "census" / str(year)
        tables = {name: _sorted(_read(folder, name), row.keys) for name, row in _ROWS.items()}
        if year < FIRST_YEAR_OF_CIN_PLANS and tables["cin_plans"].num_rows:
            raise CinError(
                f"the message of {year} has no CIN plans, the extract has",
                file=f"census/{year}/extract/cin_plans",
                remedy="take the table out, or write returns of 2022 or later",
            )
        returns = _read(folder, "returns").to_pylist()
        headers = {row["la_number"]: row for row in returns}
        found = sorted(set(tables["children"].column("la_number").to_pylist()) | set(headers))
        chosen = [la for la in found if wanted is None or la in wanted]
        (folder / "returns").mkdir(exist_ok=True)
        for done, la in enumerate(chosen, start=1):
            own = {name: _of_la(table, la) for name, table in tables.items()}
            split = found.index(la) % 2 == 1
            body = _Writer(year, own, split_reviews=split).children()
            path = folder / "returns" / f"{la}_CIN_{year}.xml"
            _write(path, _top(year, la, headers.get(la, {})), body)
            written.append(path)
            progress(f"write returns {year}", done, len(chosen))
    return written


class _Writer:
    """The children of one local authority and year as XML."""

    def __init__(self, year: int, tables: Mapping[str, pa.Table], *, split_reviews: bool) -> None:
        self._year, self._tables, self._split = year, tables, split_reviews

    def children(self) -> pa.Array:
        """Return one string a child, in order."""
        row, rows = _ROWS["children"], self._tables["children"]
        sex = "Sex" if self._year >= FIRST_YEAR_OF_SEX else "GenderCurrent"
        fields = [(column, sex if column == "sex" else name) for column, name in row.fields]
        disabilities = _group(self._under("disabilities", "children"), "Disabilities", 4)
        return _join(
            _open("Child", 2),
            _open("ChildIdentifiers", 3), *_values(rows, fields, 4), _close("ChildIdentifiers", 3),
            _open("ChildCharacteristics", 3),
            *_values(rows, (("ethnicity", "Ethnicity"),), 4), disabilities,
            _close("ChildCharacteristics", 3),
            self._under("referrals", "children", self._referrals()),
            _close("Child", 2),
            n=rows.num_rows,
        )  # fmt: skip

    def _referrals(self) -> pa.Array:
        rows = self._tables["referrals"]
        factors = self._under("assessment_factors", "assessments")
        factors = _group(factors, "FactorsIdentifiedAtAssessment", 5)
        reviews = self._under("cpp_reviews", "child_protection_plans", self._reviews())
        if not self._split:
            reviews = _group(reviews, "Reviews", 5)
        return _join(
            _open("CINdetails", 3),
            *_values(rows, _REFERRAL, 4),
            self._under("assessments", "referrals", self._plain("assessments", factors)),
            self._under("cin_plans", "referrals", self._plain("cin_plans")),
            self._under("section47", "referrals", self._plain("section47")),
            *_values(rows, (("referral_nfa", "ReferralNFA"),), 4),
            self._under(
                "child_protection_plans", "referrals",
                self._plain("child_protection_plans", reviews),
            ),
            _close("CINdetails", 3),
            n=rows.num_rows,
        )  # fmt: skip

    def _reviews(self) -> pa.Array:
        made = self._plain("cpp_reviews")
        return _group(made, "Reviews", 5) if self._split else made

    def _plain(self, name: str, inside: pa.Array | None = None) -> pa.Array:
        """Return the rows of a table as XML, `inside` standing before their end tags."""
        row, rows = _ROWS[name], self._tables[name]
        if not row.element:
            ((column, element),) = row.fields
            indent = "  " * row.depth
            values = _escaped(rows.column(column))
            full = _join(f"{indent}<{element}>", values, f"</{element}>\n", n=rows.num_rows)
            return pc.coalesce(full, f"{indent}<{element}/>\n")
        parts = _values(rows, row.fields, row.depth + 1)
        last = [] if inside is None else [inside]
        opened, closed = _open(row.element, row.depth), _close(row.element, row.depth)
        return _join(opened, *parts, *last, closed, n=rows.num_rows)

    def _under(self, name: str, parent: str, made: pa.Array | None = None) -> pa.Array:
        """Join the XML of a table's rows for each row of the table above."""
        if made is None:
            made = self._plain(name)
        keys = _ROWS[parent].keys
        above, below = _codes(self._tables[parent], keys), _codes(self._tables[name], keys)
        if not np.isin(below, above).all():
            raise CinError(
                f"rows without their row in {parent}",
                file=f"census/{self._year}/extract/{name}",
                remedy="mend the extract: every row needs the row it belongs to",
            )
        bounds = np.append(np.searchsorted(below, above), len(below))
        lists = pa.ListArray.from_arrays(pa.array(bounds, pa.int32()), made)
        return pc.binary_join(lists, "")


def _values(rows: pa.Table, fields: Sequence[tuple[str, str]], depth: int) -> list[pa.Array]:
    """Return each field as XML, empty where it has no value."""
    indent = "  " * depth
    made = []
    for column, name in fields:
        text = _escaped(rows.column(column))
        made.append(
            pc.coalesce(_join(f"{indent}<{name}>", text, f"</{name}>\n", n=rows.num_rows), "")
        )
    return made


def _escaped(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as XML text, without a value where there is none or an empty one."""
    text = column.combine_chunks().cast(pa.string())
    for mark, reference in _MARKUP:
        text = pc.replace_substring(text, mark, reference)
    return pc.if_else(pc.equal(text, ""), None, text)


def _join(*parts: pa.Array | str, n: int) -> pa.Array:
    """Join strings and columns of strings row by row; NULL where any is."""
    if not n:
        return pa.array([], pa.string())
    return pc.binary_join_element_wise(*parts, "", null_handling="emit_null").cast(pa.string())


def _group(made: pa.Array, name: str, depth: int) -> pa.Array:
    """Put a group element around what is not empty."""
    wrapped = _join(_open(name, depth), made, _close(name, depth), n=len(made))
    return pc.if_else(pc.equal(made, ""), made, wrapped)


def _open(name: str, depth: int) -> str:
    return f"{'  ' * depth}<{name}>\n"


def _close(name: str, depth: int) -> str:
    return f"{'  ' * depth}</{name}>\n"


def _codes(rows: pa.Table, keys: Sequence[str]) -> Ints:
    """Pack key columns into one increasing number a row."""
    code = np.zeros(rows.num_rows, dtype=np.int64)
    for key in keys:
        numbers = rows.column(key).to_numpy()
        code = (code << _KEY_BITS[key]) | numbers
    return code


def _sorted(rows: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Turn keys into numbers and sort by local authority and key."""
    for key in keys:
        numbers = rows.column(key).cast(pa.int64())
        rows = rows.set_column(rows.schema.get_field_index(key), key, numbers)
    order = [("la_number", "ascending"), *((key, "ascending") for key in keys)]
    return rows.sort_by(order).combine_chunks()


def _of_la(rows: pa.Table, la_number: str) -> pa.Table:
    """Return the rows of one local authority from a sorted table."""
    return rows.filter(pc.equal(rows.column("la_number"), la_number))


def _read(folder: Path, name: str) -> pa.Table:
    """Read a table of the extract as text; a table that is not there has no rows."""
    parquet, csv = folder / "extract" / f"{name}.parquet", folder / "extract" / f"{name}.csv"
    if parquet.is_file():
        return pq.read_table(parquet)
    if csv.is_file():
        with csv.open(encoding="utf-8-sig") as stream:
            header = stream.readline().strip().split(",")
        types = {column.strip('"'): pa.string() for column in header}
        options = pa_csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True
        )
        return pa_csv.read_csv(csv, convert_options=options)
    if name in {"children", "referrals"}:
        raise CinError(
            "the extract has no such table",
            file=f"census/{folder.name}/extract/{name}",
            remedy="run `cin synth` first",
        )
    row = _ROWS.get(name)
    columns = ("la_number", *row.keys, *(c for c, _ in row.fields)) if row else ("la_number",)
    return pa.table({column: pa.array([], pa.string()) for column in columns})


def _years(data_dir: Path, wanted: Iterable[int] | None) -> list[int]:
    census = data_dir / "census"
    folders = census.iterdir() if census.is_dir() else ()
    found = sorted(
        int(folder.name)
        for folder in folders
        if _YEAR.fullmatch(folder.name) and (folder / "extract").is_dir()
    )
    if wanted is None:
        return found
    missing = sorted(set(wanted) - set(found))
    if missing:
        raise CinError(
            f"no extract for {', '.join(map(str, missing))}",
            file="census",
            remedy="run `cin synth` first, or leave out these years",
        )
    return sorted(set(wanted))


def _top(year: int, la_number: str, header: Mapping[str, str | None]) -> str:
    def line(name: str, text: str | None) -> str:
        for mark, reference in _MARKUP:
            text = text.replace(mark, reference) if text else text
        return f"      <{name}>{text}</{name}>\n" if text else ""

    source = "".join(line(name, header.get(column)) for column, name in _HEADER)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n{NOTICE}\n<Message>\n  <Header>\n'
        "    <CollectionDetails>\n      <Collection>CIN</Collection>\n"
        f"{line('Year', str(year))}{line('ReferenceDate', header.get('reference_date'))}"
        "    </CollectionDetails>\n    <Source>\n      <SourceLevel>L</SourceLevel>\n"
        f"{line('LEA', la_number)}{source}    </Source>\n  </Header>\n  <Children>\n"
    )


def _write(path: Path, top: str, body: pa.Array) -> None:
    """Write the file beside its place and move it there."""
    fresh = path.with_name(f"{path.name}.next")
    with fresh.open("wb") as stream:
        stream.write(top.encode())
        for start in range(0, len(body), 4_096):
            stream.write("".join(body.slice(start, 4_096).to_pylist()).encode())
        stream.write(b"  </Children>\n</Message>\n")
    fresh.replace(path)
