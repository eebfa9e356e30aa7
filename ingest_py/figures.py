"""Published tables of indicators (CIN, workforce, section 251, Fingertips, LAIT) to one long table.

DfE changes the order, case and names of columns between releases. What a column means is data:
`measures.csv` lists the measures of every table with their other names, `markers.csv` the signs
that stand in place of a value. A cell becomes a value or a marker, never a guess: a text that is
neither stays as a marker, and the ledger says so. Empty cells are not facts.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from common_py.errors import CinError
from ingest_py.facts import Facts, Series
from ingest_py.figure_checks import check_figures
from ingest_py.landing_schema import BY_NAME, LEDGER_QUARANTINE
from ingest_py.ledger import Source
from ingest_py.sources import Sheet

TABLE = BY_NAME["ref_published_indicator"]
RANK = 1_000
_NUMBER = r"^[-+]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][-+]?\d+)?$"
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class FigureLayout:
    """Where one kind of published table keeps what is not a measure.

    Attributes
    ----------
    name
        What it is called.
    signature
        Headers that only this kind has.
    columns
        Landing column to the headers that may fill it, the most particular first.
    publications
        Which publications of `measures.csv` it may be.
    """

    name: str
    signature: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    publications: tuple[str, ...]


LAYOUTS: tuple[FigureLayout, ...] = (
    FigureLayout(
        "DfE underlying data",
        ("time_period", "geographic_level", "country_code"),
        {
            "time_period": ("time_period",),
            "time_identifier": ("time_identifier",),
            "geographic_level": ("geographic_level",),
            "area_code": ("new_la_code", "region_code", "country_code"),
            "la_number": ("old_la_code",),
            "area_name": ("la_name", "region_name", "country_name"),
            "topic": ("main_category", "category_of_expenditure", "category", "age_group"),
        },
        ("cin", "csww", "s251"),
    ),
    FigureLayout(
        "Section 251 Table A1",
        ("la", "la_name", "reportgroup", "s251line", "netcurrentexpenditure"),
        {"la_number": ("la",), "area_name": ("la_name",), "topic": ("reportgroup",)},
        ("s251",),
    ),
    FigureLayout(
        "Fingertips download",
        ("indicator_id", "indicator_name", "area_code", "area_type", "value", "time_period"),
        {
            "time_period": ("time_period",),
            "geographic_level": ("area_type",),
            "area_code": ("area_code",),
            "area_name": ("area_name",),
            "topic": ("indicator_name",),
        },
        ("fingertips",),
    ),
    FigureLayout(
        "LAIT measures",
        ("short_desc", "data_item", "years", "values"),
        {
            "time_period": ("years",),
            "la_number": ("la_number",),
            "area_name": ("la_and_regions",),
            "topic": ("short_desc",),
        },
        ("lait",),
    ),
)  # fmt: skip
# Columns that say which children, schools or spending a row is about.
_BREAKDOWNS = (
    "category", "category_type", "characteristic", "characteristic_type", "age_group",
    "category_of_expenditure", "description_of_expenditure", "description", "s251line",
    "data_item", "indicator_id", "sex", "age", "category_type", "category",
)  # fmt: skip
# Columns that repeat what others say, or comment on it.
_LEFT_OUT = frozenset({
    "country_code", "country_name", "region_code", "region_name", "new_la_code", "la_name",
    "old_la_code", "ident", "orderline", "parent_code", "parent_name", "value_note",
    "recent_trend", "compared_to_england_value_or_percentiles", "new_data", "compared_to_goal",
    "compared_to_region_value_or_percentiles", "time_period_sortable", "time_period_range",
    "compared_to_regions_statistical_value_or_percentiles", "region", "",
})  # fmt: skip


@dataclass(frozen=True)
class FigureMatch:
    """A header recognised as a table of indicators.

    Attributes
    ----------
    layout, header_row, publication, table_name
        Which.
    headers
        The headers in their plain form, by position.
    measures
        Landing measure by position.
    unlisted
        Headers that `measures.csv` does not have; they are read under their own names.
    stem
        The file's name, where a table says nowhere else which year it is of.
    """

    layout: FigureLayout
    header_row: int
    publication: str
    table_name: str
    headers: tuple[str, ...]
    measures: Mapping[int, str]
    unlisted: tuple[str, ...]
    stem: str


@lru_cache(maxsize=4_096)
def plain_header(header: str) -> str:
    """Return a header in lower case with anything but letters and digits as one underscore."""
    lower = header.replace("\ufeff", "").casefold().replace("+", "_plus")
    return re.sub(r"[^a-z0-9]+", "_", lower).strip("_")


@cache
def _measures() -> dict[tuple[str, str], dict[str, str]]:
    """Return, by publication and table, the measure that each header stands for."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    with (_HERE / "measures.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            names = found.setdefault((row["publication"], row["table_name"]), {})
            for header in (row["measure"], *row["other_headers"].split("|")):
                if header:
                    names[header] = row["measure"]
    return found


@cache
def _markers() -> frozenset[tuple[str, str]]:
    with (_HERE / "markers.csv").open(encoding="utf-8", newline="") as stream:
        return frozenset((row["publication"], row["marker"]) for row in csv.DictReader(stream))


def recognise_figures(top: Sequence[Sequence[str]], stem: str) -> FigureMatch | None:
    """Return what table of indicators a sheet is, None if it is something else."""
    for at, row in enumerate(top):
        headers = tuple(plain_header(cell) for cell in row)
        for layout in LAYOUTS:
            if set(layout.signature) <= set(headers):
                return _match(layout, at, headers, stem)
    return None


def _match(layout: FigureLayout, at: int, headers: tuple[str, ...], stem: str) -> FigureMatch:
    placed = {name for names in layout.columns.values() for name in names}
    others = [h for h in headers if h not in placed | {*_BREAKDOWNS} | _LEFT_OUT]
    tables = {key: names for key, names in _measures().items() if key[0] in layout.publications}

    def likeness(key: tuple[str, str]) -> float:
        known = {tables[key][h] for h in others if h in tables[key]}
        return len(known) / len({*tables[key].values(), *others})

    best = max(tables, key=likeness)
    if not likeness(best):
        best = (layout.publications[0], "unlisted")
    names = tables.get(best, {})
    measures = {i: names.get(h, h) for i, h in enumerate(headers) if h in others}
    unlisted = tuple(h for h in others if h not in names)
    return FigureMatch(layout, at, best[0], best[1], headers, measures, unlisted, stem)


def extract_figures(source: Source, sheet: Sheet, match: FigureMatch) -> Iterator[Facts]:
    """Yield the table, or for Fingertips each indicator and kind of area of it.

    Raises
    ------
    CinError
        If there is a header and nothing below it, or the table lacks what it must have.
    """
    positions = [i for i, h in enumerate(match.headers) if h not in _LEFT_OUT or _is_used(h, match)]
    cells = sheet.read(match.header_row, positions).combine_chunks()
    if cells.num_rows == 0:
        raise CinError(
            "has a header and no rows",
            place=f"below row {match.header_row + 1}",
            remedy="download the file again",
        )
    about = _about(source, cells, match)
    check_figures(
        match.publication, match.table_name, match.header_row, match.measures.values(), about
    )
    parts = [_measured(cells.column(str(i)), about, name, match)
             for i, name in match.measures.items()]  # fmt: skip
    rows = pa.concat_tables(parts)
    notes = _notes(rows, match, sheet)
    for series, mine in _series(rows, match):
        yield Facts(source, TABLE.name, RANK, series, mine, _no_rows(), notes)


def _is_used(header: str, match: FigureMatch) -> bool:
    return header == "value_note" or any(header in names for names in match.layout.columns.values())


def _about(source: Source, cells: pa.Table, match: FigureMatch) -> pa.Table:
    """Return, row for row, the landing columns that do not depend on the measure."""
    n = cells.num_rows

    def text(header: str) -> pa.ChunkedArray | None:
        if header not in match.headers:
            return None
        column = cells.column(str(match.headers.index(header)))
        trimmed = pc.utf8_trim_whitespace(column)
        return pc.if_else(pc.equal(pc.utf8_length(trimmed), 0), None, trimmed)

    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        name: pa.nulls(n, pa.string()) for name in TABLE.schema.names
    }
    topic = ""
    for name, headers in match.layout.columns.items():
        present = [column for column in map(text, headers) if column is not None]
        if name == "topic":
            topic = next((h for h in headers if h in match.headers), "")
            present = present[:1]
        if present:
            columns[name] = pc.coalesce(*present)
    breakdowns = [h for h in dict.fromkeys(_BREAKDOWNS) if h != topic and h in match.headers]
    columns["breakdown"] = _joined({h: text(h) for h in breakdowns}, n)
    if match.layout.name == "Section 251 Table A1":
        columns["time_period"] = pa.repeat(_financial_year(match.stem), n)
        columns["geographic_level"] = pa.repeat("Local authority", n)
    columns["publication"] = pa.repeat(match.publication, n)
    columns["release"] = pa.repeat(_release(columns["time_period"]), n)
    columns["table_name"] = _table_names(columns, text("indicator_id"), match, n)
    columns["source_file"] = pa.repeat(source.name, n)
    columns["source_row"] = pa.array(np.arange(1, n + 1, dtype=np.int64))
    columns["_note"] = (
        text("value_note") if "value_note" in match.headers else pa.nulls(n, pa.string())
    )
    return pa.table(columns)


def _joined(columns: Mapping[str, pa.ChunkedArray | None], n: int) -> pa.ChunkedArray | pa.Array:
    """Return `name=value; name=value` of what is filled, NULL where nothing is."""
    said = [pc.binary_join_element_wise(name, column, "=")
            for name, column in columns.items() if column is not None]  # fmt: skip
    if not said:
        return pa.nulls(n, pa.string())
    joined = said[0]
    for more in said[1:]:  # the kernel's own way of skipping NULLs loses rows of long columns
        both = pc.binary_join_element_wise(joined, more, "; ")
        joined = pc.coalesce(both, joined, more)
    return joined


def _financial_year(stem: str) -> str:
    """Return the year that a Table A1 is of: only its file's name says so."""
    found = re.search(r"(?:ye|year[-_ ]?end(?:ing)?[-_ ]?)(20\d\d)", stem, re.IGNORECASE)
    if found:
        year = int(found.group(1))
        return f"{year - 1}{year % 100:02d}"
    found = re.search(r"(20\d\d)[-_](?:20)?(\d\d)(?!\d)", stem)
    if found:
        return f"{found.group(1)}{found.group(2)}"
    raise CinError(
        "is section 251 Table A1, but nothing says of which financial year",
        place="file name",
        remedy="name the file as published, with the year in it, such as S251ye2019",
    )


def _release(periods: pa.Array | pa.ChunkedArray) -> str:
    """Return the latest year in a table: releases carry the earlier years along."""
    texts = [text for text in pc.unique(periods).to_pylist() if text]
    if all(re.fullmatch(r"\d{4}|\d{6}", text) for text in texts):
        return max(texts, default="undated")
    return max((y for text in texts for y in re.findall(r"(?:19|20)\d\d", text)), default="undated")


def _table_names(
    columns: Mapping[str, pa.Array | pa.ChunkedArray],
    indicator: pa.ChunkedArray | None,
    match: FigureMatch,
    n: int,
) -> pa.Array | pa.ChunkedArray:
    if match.publication != "fingertips" or indicator is None:
        return pa.repeat(match.table_name, n)
    level = pc.fill_null(columns["geographic_level"], "unknown area")
    return pc.binary_join_element_wise("indicator", indicator, "of", level, " ")


def _measured(
    column: pa.ChunkedArray, about: pa.Table, measure: str, match: FigureMatch
) -> pa.Table:
    """Return the rows of one measure, each with a value or a marker."""
    text = pc.utf8_trim_whitespace(column)
    is_number = pc.and_(pc.match_substring_regex(text, _NUMBER), pc.match_substring(text, ""))
    is_number = pc.and_(is_number, pc.match_substring_regex(text, r"\d"))
    nothing = pa.scalar(None, pa.string())
    value = pc.if_else(is_number, pc.replace_substring(text, ",", ""), nothing)
    marker = pc.if_else(is_number, nothing, pc.if_else(pc.equal(text, ""), nothing, text))
    if measure == "value" and match.publication == "fingertips":
        marker = pc.if_else(pc.is_null(value), pc.coalesce(marker, about.column("_note")), marker)
    table = about.drop_columns(["_note"])
    for name, filled in (
        ("measure", pa.repeat(measure, about.num_rows)),
        ("value", value),
        ("marker", marker),
    ):
        table = table.set_column(table.schema.get_field_index(name), name, filled)
    table = table.select(TABLE.schema.names).cast(TABLE.schema)
    return table.filter(pc.or_(pc.is_valid(value), pc.is_valid(marker)))


def _notes(rows: pa.Table, match: FigureMatch, sheet: Sheet) -> tuple[str, ...]:
    notes = [sheet.note] if sheet.note else []
    if match.unlisted:
        notes.append(f"columns that measures.csv does not list: {', '.join(match.unlisted)}")
    found = set(pc.unique(rows.column("marker")).to_pylist()) - {None}
    odd = sorted(m for m in found if (match.publication, m) not in _markers())
    if odd and match.publication != "fingertips":
        notes.append(f"{len(odd)} texts that are neither number nor known marker, kept as markers")
    return tuple(notes)


def _series(rows: pa.Table, match: FigureMatch) -> Iterator[tuple[Series, pa.Table]]:
    """Yield the parts of a table for which another file may hold the same facts.

    Two files of one publication can share all measures (children by need, and by need and age):
    which topics a part has and what it is broken down by tells them apart.
    """
    if not rows.num_rows:
        return
    release = rows.column("release")[0].as_py()
    if match.publication == "lait":
        yield (("publication", "lait"), ("release", release)), rows
        return
    by = "fingertips" if match.publication == "fingertips" else ""
    column = "table_name" if by else "topic"
    breakdowns = ", ".join(h for h in dict.fromkeys(_BREAKDOWNS) if h in match.headers)
    head = (("publication", match.publication), ("release", release))
    for name in sorted(pc.unique(rows.column(column)).to_pylist(), key=str):
        mine = pc.equal(rows.column(column), name) if name else pc.is_null(rows.column(column))
        table = name if by else match.table_name
        tail = (("topic", str(name)), ("by", breakdowns)) if not by else ()
        yield (*head, ("table_name", table), *tail), rows.filter(mine)


def _no_rows() -> pa.Table:
    return LEDGER_QUARANTINE.schema.empty_table()
