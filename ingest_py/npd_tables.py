"""The NPD extract to landing tables: numbers for children, referrals and plans, and the links.

Values stay as they are. What is made here is made of necessity and said in the ledger: the keys
(by order of appearance within an authority, as a return numbers them), the birth date (the first
of the month), and the referral that an assessment belongs to (the child's latest on or before its
start: NPD assessments have no episode key).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pandas as pd
import pyarrow as pa

from ingest_py.landing_schema import BY_NAME
from ingest_py.ledger import Source
from ingest_py.npd import (
    COLUMNS,
    FIRST_OF_MONTH,
    NO_REFERRAL,
    NO_START,
    NOBODY,
    UNKNOWN_CHILD,
    NpdFile,
    Piece,
    notes,
)

_CHILD = ["census_year", "la_number", "_child"]
_REFERRAL = [*_CHILD, "referral_no"]
_REFERRAL_VALUES = ["referral_date", "referral_source", "primary_need_code", "closure_date",
                    "reason_for_closure", "referral_nfa"]  # fmt: skip
_PLAN = {"plan_start": "start_date", "plan_end": "end_date", "initial_category": "initial_category",
         "latest_category": "latest_category", "n_previous_plans": "n_previous_plans"}  # fmt: skip
_FLAGS = {"0", "1", "Y", "N", "TRUE", "FALSE", "YES", "NO"}


@dataclass(frozen=True)
class Derived:
    """Rows of one landing table and year that come from one file.

    Attributes
    ----------
    source, table_name, census_year
        Where from and where to; the year is None where a row does not say it.
    rows
        The columns that a relational extract of the table would have, `source_file`,
        `source_row`, and `_reason` for rows that cannot land.
    note
        What the ledger should say.
    """

    source: Source
    table_name: str
    census_year: str | None
    rows: pa.Table
    note: str


def derive(files: Sequence[NpdFile], folder_year: str | None) -> Iterator[Derived]:
    """Yield the landing tables of an NPD extract.

    Parameters
    ----------
    files
        All files of it, in a fixed order.
    folder_year
        The census year of their folder, for rows that do not say theirs.
    """
    frames = {piece: _frame(files, piece, folder_year) for piece in Piece}
    wide = frames[Piece.WIDE]
    wide["referral_no"] = _numbers(wide, _CHILD, _REFERRAL_VALUES)
    children = _children(wide)
    numbered = children.loc[children["_reason"].isna(), [*_CHILD, "child_no"]]
    tables = {
        "children": children,
        "referrals": _referrals(wide),
        "child_protection_plans": _plans(wide),
        "disabilities": _disabilities(wide, frames[Piece.DISABILITIES]),
    }
    linked = _linked(frames[Piece.ASSESSMENTS], wide)
    tables["assessments"], tables["assessment_factors"] = _assessments(linked)
    sources = {file.source.name: file for file in files}
    for name, frame in tables.items():
        yield from _derived(name, _with_child_no(frame, numbered), sources)


def _frame(files: Sequence[NpdFile], piece: Piece, folder_year: str | None) -> pd.DataFrame:
    """Return all rows of one kind of file, with year and child."""
    parts = []
    for file in files:
        if file.header.piece is piece:
            frame = file.rows.to_pandas().astype(object)
            frame["source_file"] = file.source.name
            frame["census_year"] = _years(frame["year"], file.header.suffix_year or folder_year)
            parts.append(frame)
    if not parts:
        parts = [_nothing(piece)]
    frame = pd.concat(parts, ignore_index=True)
    text = frame.columns.difference(["source_row", "source_file"])
    frame[text] = frame[text].apply(lambda c: c.str.strip() if c.notna().any() else c)
    frame = pd.DataFrame(frame.mask(frame == ""))
    by_pmr = "pmr:" + frame["pmr"].astype(object)
    frame["_child"] = frame["la_child_id"].where(frame["la_child_id"].notna(), by_pmr)
    return frame


def _nothing(piece: Piece) -> pd.DataFrame:
    names = [*dict.fromkeys(COLUMNS[piece].values()), "source_row", "source_file", "census_year"]
    return pd.DataFrame({name: pd.Series([], dtype=object) for name in names})


def _years(said: pd.Series, default: str | None) -> pd.Series:
    """Return census years: 2018/2019, 2018/19 and 201819 end in March 2019, as 2019 does."""
    text = said.astype("string").str.strip()
    both = text.str.extract(r"^(20\d\d)[/\-_ ]?(?:20)?(\d\d)$")
    ends = "20" + both[1]
    year = ends.where(ends.notna(), text.where(text.str.fullmatch(r"20\d\d")))
    if default is not None:
        year = year.where(text.notna() & (text != ""), default)
    return year.astype(object).where(year.notna(), None)


def _numbers(frame: pd.DataFrame, within: list[str], same: list[str]) -> pd.Series:
    """Return a number from 1 for each distinct `same` within each `within`, as first met."""
    first = frame.drop_duplicates([*within, *same])[[*within, *same]].copy()
    first["_no"] = first.groupby(within, sort=False, dropna=False).cumcount() + 1
    return frame[[*within, *same]].merge(first, how="left", on=[*within, *same])["_no"]


def _children(wide: pd.DataFrame) -> pd.DataFrame:
    first = wide.drop_duplicates(_CHILD).copy()
    nobody = wide[wide["_child"].isna()]
    first = pd.concat([first[first["_child"].notna()], nobody])
    first["child_no"] = first.groupby(_CHILD[:2], sort=False, dropna=False).cumcount() + 1
    first["_reason"] = pd.Series(NOBODY, index=first.index).where(first["_child"].isna())
    first["upn"] = first["pmr"]
    month = pd.to_numeric(first["birth_month"], errors="coerce")
    year = pd.to_numeric(first["birth_year"], errors="coerce")
    known = month.between(1, 12) & year.between(1900, 2100)
    dates = [f"{int(y):04d}-{int(m):02d}-01" if k else None
             for y, m, k in zip(year, month, known, strict=True)]  # fmt: skip
    first["birth_date"] = dates
    return first


def _referrals(wide: pd.DataFrame) -> pd.DataFrame:
    known = wide[wide["_child"].notna()]
    first = known.drop_duplicates(_REFERRAL).copy()
    conferences = known.dropna(subset=["initial_cpc_date"]).drop_duplicates(_REFERRAL)
    found = first[_REFERRAL].merge(
        conferences[[*_REFERRAL, "initial_cpc_date"]], how="left", on=_REFERRAL
    )
    first["initial_cpc_date"] = found["initial_cpc_date"].to_numpy()
    return first


def _plans(wide: pd.DataFrame) -> pd.DataFrame:
    has_plan = wide["plan_start"].notna() | wide["plan_end"].notna()
    plans = wide[has_plan & wide["_child"].notna()].drop_duplicates([*_REFERRAL, *_PLAN]).copy()
    plans["cp_plan_no"] = plans.groupby(_REFERRAL, sort=False, dropna=False).cumcount() + 1
    return plans.rename(columns=_PLAN)


def _disabilities(wide: pd.DataFrame, apart: pd.DataFrame) -> pd.DataFrame:
    """Return the codes of both files; a mere flag in the wide table is no code."""
    columns = [*_CHILD, "disability", "source_file", "source_row"]
    coded = wide[~wide["disability"].astype("string").str.upper().isin(_FLAGS)]
    both = pd.concat([coded[columns], apart[columns]], ignore_index=True)
    both = both[both["disability"].notna() & both["_child"].notna()]
    both = both.drop_duplicates([*_CHILD, "disability"]).copy()
    both["disability_no"] = both.groupby(_CHILD, sort=False, dropna=False).cumcount() + 1
    return both


def _linked(apart: pd.DataFrame, wide: pd.DataFrame) -> pd.DataFrame:
    """Return assessments with the number of the referral they belong to, or why they have none."""
    starts = apart.copy()
    starts["_at"] = _dates(starts["start_date"])
    opened = wide.drop_duplicates(_REFERRAL)[[*_REFERRAL, "referral_date"]].copy()
    opened["_opened"] = _dates(opened["referral_date"])
    opened = opened.dropna(subset=["_opened", *_CHILD]).sort_values("_opened", kind="stable")
    able = starts.dropna(subset=["_at", *_CHILD]).sort_values("_at", kind="stable")
    for column in _CHILD:
        opened[column], able[column] = opened[column].astype(str), able[column].astype(str)
    found = pd.merge_asof(
        able.reset_index(), opened[[*_REFERRAL, "_opened"]],
        left_on="_at", right_on="_opened", by=_CHILD, direction="backward",
    )  # fmt: skip
    starts["referral_no"] = found.set_index("index")["referral_no"].reindex(starts.index)
    reason = pd.Series(None, index=starts.index, dtype=object)
    reason[starts["referral_no"].isna()] = NO_REFERRAL
    reason[starts["_at"].isna()] = NO_START
    reason[starts["_child"].isna()] = NOBODY
    starts["_reason"] = reason
    return starts


def _dates(text: pd.Series) -> pd.Series:
    """Read 2018-05-01, 01/05/2018 and 01MAY2018; anything else is no date."""
    day = text.astype("string").str.slice(0, 10)
    found = pd.to_datetime(day, format="%Y-%m-%d", errors="coerce")
    for style in ("%d/%m/%Y", "%d%b%Y"):
        found = found.fillna(pd.to_datetime(day, format=style, errors="coerce"))
    return found.astype("datetime64[s]")


def _assessments(linked: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return assessments and their factors: a file may have a row for each factor."""
    same = [*_REFERRAL, "start_date", "end_date"]
    keyed = linked.copy()
    keyed["assessment_no"] = _numbers(keyed, _REFERRAL, ["start_date", "end_date"])
    good, bad = keyed[keyed["_reason"].isna()], keyed[keyed["_reason"].notna()]
    once = pd.concat([good.drop_duplicates(same), bad.drop_duplicates([*same, "source_row"])])
    once = once.rename(columns={"end_date": "authorisation_date"})
    factors = good[good["factor"].notna()].drop_duplicates([*same, "factor"]).copy()
    within = [*_REFERRAL, "assessment_no"]
    factors["factor_no"] = factors.groupby(within, sort=False, dropna=False).cumcount() + 1
    return once, factors


def _with_child_no(frame: pd.DataFrame, numbered: pd.DataFrame) -> pd.DataFrame:
    if "child_no" not in frame:
        frame = frame.merge(numbered, how="left", on=_CHILD)
    if "_reason" not in frame:
        frame["_reason"] = None
    lost = frame["_reason"].isna() & frame["child_no"].isna()
    frame.loc[lost, "_reason"] = UNKNOWN_CHILD
    return frame


def _derived(name: str, frame: pd.DataFrame, files: Mapping[str, NpdFile]) -> Iterator[Derived]:
    table = BY_NAME[name]
    years = frame["census_year"].where(frame["census_year"].notna(), "")
    for key, mine in frame.groupby([frame["source_file"], years], sort=True):
        file, year = map(str, cast(tuple[str, str], key))
        columns: dict[str, pa.Array] = {}
        for column in (*table.input_columns, *table.columns[-2:]):
            values = mine[column.name] if column.name in mine else pd.Series([None] * len(mine))
            columns[column.name] = _text(values, is_count=column.is_count)
        columns["_reason"] = _text(mine["_reason"], is_count=False)
        said = notes(files[file])
        said += [FIRST_OF_MONTH] if name == "children" else []
        yield Derived(
            files[file].source,
            name,
            year or None,
            pa.table(columns),
            "; ".join(said),
        )


def _text(values: pd.Series, *, is_count: bool) -> pa.Array:
    if is_count:
        return pa.array([int(v) for v in values], pa.int64())
    return pa.array([None if pd.isna(v) else _as_text(v) for v in values], pa.string())


def _as_text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) else str(value)
