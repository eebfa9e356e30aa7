"""Rates by area within one authority: tenths of deprivation, and the areas it plans by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from publish_py.authorities import TIMINGS
from publish_py.local_protect import ALL, DECILES
from publish_py.local_source import LocalData
from publish_py.local_tables import Line, LocalTable, entry, grid, plain_entry, query
from publish_py.local_views import NONE, RATE_COLUMNS, TITLES, rate_records

Row = Mapping[str, Any]


def decile_table(data: LocalData) -> LocalTable:
    """Return rates by tenth of England's neighbourhoods by income deprivation."""
    every = [row for row in data.places if row["area_type"] == DECILES]
    return _place_table(
        data,
        every,
        slug="deciles",
        title="Rates by deprivation of the neighbourhood",
        label="Tenth of England’s neighbourhoods",
        note=(
            "Neighbourhoods of this authority by the tenth of England’s that they lie in: 1 holds "
            "the least income-deprived, 10 the most. A tenth with few neighbourhoods here is not "
            "shown."
        ),
    )


def place_tables(data: LocalData) -> Iterator[LocalTable]:
    """Return rates by each kind of the authority's own areas: all children, then by strata."""
    own = [row for row in data.places if row["area_type"] != DECILES]
    for kind in dict.fromkeys(row["area_type"] for row in own):
        of_kind = [row for row in own if row["area_type"] == kind]
        words = kind.replace("_", " ")
        yield _place_table(
            data,
            [row for row in of_kind if (row["stratum_type"], row["stratum"]) == ALL],
            slug=f"areas_{_slug(kind)}",
            title=f"Rates by {words}",
            label=words.capitalize(),
            note="Episodes per 10,000 children who live in the area, in the year or on 31 March.",
        )
        for stratum_type, title in TITLES.items():
            found = [row for row in of_kind if row["stratum_type"] == stratum_type]
            if any(row["denominator"] for row in found):
                yield _place_strata_table(data, kind, stratum_type, title, found)


def _place_table(
    data: LocalData, every: Sequence[Row], *, slug: str, title: str, label: str, note: str
) -> LocalTable:
    found = data.latest(every)
    columns, cells = grid(found, ("area",), ("measure_label", "timing"), "rate")
    areas = {row["area"]: row for row in found}
    return LocalTable(
        slug=slug,
        title=title,
        note=note,
        columns=(
            label,
            *("Neighbourhoods", "Children"),
            *(f"{measure}, {TIMINGS[timing]}" for measure, timing in columns),
        ),
        lines=tuple(
            Line(
                area,
                (
                    plain_entry(row["n_lsoas"], "count"),
                    plain_entry(row["denominator"], "count"),
                    *(entry(cells.get(((area,), column), NONE), "rate") for column in columns),
                ),
            )
            for area, row in areas.items()
        ),
        query=query("local_places", la_number=data.la["la_number"]),
        header=("dataset", "census_year", "measure", "timing", "population", "area", *RATE_COLUMNS),
        records=rate_records(data, every, ("area",)),
    )


def _place_strata_table(
    data: LocalData, kind: str, stratum_type: str, title: str, every: Sequence[Row]
) -> LocalTable:
    found = [row for row in data.latest(every) if row["denominator"]]
    columns, cells = grid(found, ("area", "stratum_label"), ("measure_label", "timing"), "rate")
    lines = dict.fromkeys((row["area"], row["stratum_label"]) for row in found)
    words = kind.replace("_", " ")
    return LocalTable(
        slug=f"areas_{_slug(kind)}_{stratum_type}",
        title=f"Rates by {words} and {title}",
        note="Episodes per 10,000 children. Most counts of a small area are too small to show.",
        columns=(
            f"{words.capitalize()}, {title}",
            *(f"{measure}, {TIMINGS[timing]}" for measure, timing in columns),
        ),
        lines=tuple(
            Line(
                f"{area}: {label}",
                tuple(
                    entry(cells.get(((area, label), column), NONE), "rate") for column in columns
                ),
            )
            for area, label in lines
        ),
        query=query("local_places", la_number=data.la["la_number"]),
        header=(
            *("dataset", "census_year", "measure", "timing", "population", "area", stratum_type),
            *RATE_COLUMNS,
        ),
        records=rate_records(data, every, ("area", "stratum_label")),
        is_top=False,
    )


def _slug(text: str) -> str:
    return "".join(one if one.isalnum() else "_" for one in text.casefold())
