"""The tables of one authority's pages, laid out from protected rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from publish_py.authorities import STRATUM_TITLES, TIMINGS
from publish_py.local_source import LocalData
from publish_py.local_tables import (
    Entry,
    Line,
    LocalTable,
    both,
    entry,
    grid,
    numbers,
    plain_entry,
    query,
)
from publish_py.protect import Protected
from publish_py.tables import number

Row = Mapping[str, Any]
NONE = Protected(None)
TITLES = {"sex": "sex"} | STRATUM_TITLES
_VALUE = ("value", "ci_low", "ci_high", "is_suppressed", "reason")
RATE_COLUMNS = ("episodes", "rate_per_10k", "ci_low", "ci_high", "is_suppressed", "reason")
_REASONS = {
    "synthetic_not_compared": "SYNTHETIC: not compared",
    "dfe_not_published": "DfE published none",
    "dfe_withheld": "withheld by DfE",
    "outside_threshold": "differs by more than 5 % and 10",
    "within_threshold": "close",
    "equal": "equal",
}


def dataset(data: LocalData) -> str:
    """Return what CSV files call the data."""
    return "SYNTHETIC" if data.synthetic else data.build.dataset


def gradient_table(data: LocalData) -> LocalTable:
    """Return the authority's gradients beside the report's."""
    found = data.latest(data.gradients)
    return LocalTable(
        slug="gradients",
        title="Social gradient by threshold",
        note=(
            "Relative: the ratio of rates between neighbourhoods 10 percentage points apart in "
            "income deprivation, from a Poisson model of this authority’s neighbourhoods alone. "
            "Absolute: how many more per 10,000 children, from a straight line through their "
            "rates. England is what the national study printed for an average authority, children "
            "of 5 to 15, 2018/19; its range is of the authorities’ own gradients."
        ),
        columns=(
            *("Intervention", "Relative gradient", "Absolute, per 10,000"),
            *("England (study)", "Authorities’ range (study)", "Held against England"),
        ),
        lines=tuple(
            Line(
                row["measure_label"],
                (
                    entry(row["relative"], "ratio"),
                    entry(row["absolute"], "rate"),
                    plain_entry(row["england"], "ratio", row["england_low"], row["england_high"]),
                    Entry(_range(row)),
                    Entry(against(row)),
                ),
            )
            for row in found
        ),
        query=query("local_gradients", la_number=data.la["la_number"]),
        header=(
            *("dataset", "census_year", "measure", "gradient", *_VALUE),
            *("study_england", "study_low", "study_high"),
        ),
        records=tuple(
            (
                *(dataset(data), row["census_year"], row["measure"], kind, *numbers(row[kind])),
                *(
                    (row["england"], row["england_low"], row["england_high"])
                    if kind == "relative"
                    else (None, None, None)
                ),
            )
            for row in data.gradients
            for kind in ("relative", "absolute")
        ),
    )


def _range(row: Row) -> str:
    if row["range_low"] is None:
        return "–"
    return f"{number(row['range_low'], 'rate')}–{number(row['range_high'], 'rate')}"


def against(row: Row) -> str:
    """Return how an authority's gradient stands to England's, by its interval."""
    own, england = row["relative"], row["england"]
    if own.value is None or england is None or own.ci_low is None or own.ci_high is None:
        return "–"
    if own.ci_low > england:
        return "steeper"
    return "flatter" if own.ci_high < england else "no different"


def rate_tables(data: LocalData) -> Iterator[LocalTable]:
    """Return the authority's rates: of all children, and by each kind of strata."""
    found = data.latest(data.rates)
    sql = query("local_rates", la_number=data.la["la_number"])
    public = _england(data)
    published = query("local_beside", la_number=data.la["la_number"], census_year=data.census_year)
    yield LocalTable(
        slug="rates",
        title="Rates",
        note=(
            "Episodes of children who live in the authority, at the ages that are counted, per "
            f"10,000 of them, with exact {100 * data.build.confidence_level:g} % limits. England "
            "is what DfE published: REAL, of children of every age."
        ),
        columns=("Intervention", "Episodes", "Per 10,000", "England (DfE)"),
        lines=tuple(
            Line(
                f"{row['measure_label']}, {TIMINGS[row['timing']]}",
                (
                    entry(row["count"], "count"),
                    entry(row["rate"], "rate"),
                    plain_entry(public.get((row["measure"], row["timing"])), "rate"),
                ),
            )
            for row in found
            if row["stratum_type"] == "all"
        ),
        query=both(sql, published),
        header=("dataset", "census_year", "measure", "timing", "population", *RATE_COLUMNS),
        records=rate_records(data, [r for r in data.rates if r["stratum_type"] == "all"], ()),
    )
    for kind, title in TITLES.items():
        of_kind = [row for row in found if row["stratum_type"] == kind and row["denominator"]]
        if of_kind:
            yield _strata_table(data, kind, title, of_kind, sql)


def _england(data: LocalData) -> Mapping[tuple[str, str], float]:
    return {
        (row["measure"], row["timing"]): row["rate_per_10k"]
        for row in data.beside
        if row["kind"] == "england"
    }


def _strata_table(
    data: LocalData, kind: str, title: str, found: Sequence[Row], sql: str
) -> LocalTable:
    rounded = " Counts by sex are rounded, and their rates with them." if kind == "sex" else ""
    columns, cells = grid(found, ("stratum_label",), ("measure_label", "timing"), "rate")
    labels = dict.fromkeys(row["stratum_label"] for row in found)
    every = [row for row in data.rates if row["stratum_type"] == kind]
    return LocalTable(
        slug=f"rates_{kind}",
        title=f"Rates by {title}",
        note=f"Episodes per 10,000 children in the year, or open on 31 March.{rounded}",
        columns=(
            title.capitalize(),
            *(f"{measure}, {TIMINGS[timing]}" for measure, timing in columns),
        ),
        lines=tuple(
            Line(
                label,
                tuple(entry(cells.get(((label,), column), NONE), "rate") for column in columns),
            )
            for label in labels
        ),
        query=sql,
        header=("dataset", "census_year", "measure", "timing", "population", kind, *RATE_COLUMNS),
        records=rate_records(data, every, ("stratum_label",)),
    )


def rate_records(
    data: LocalData, found: Sequence[Row], more: Sequence[str]
) -> tuple[tuple[object, ...], ...]:
    """Return rates as lines of a CSV file, with the columns `more` before the numbers."""
    return tuple(
        (
            *(dataset(data), row["census_year"], row["measure"], row["timing"]),
            row["denominator"],
            *(row[name] for name in more),
            row["count"].value,
            *numbers(row["rate"])[:3],
            *numbers(row["count"])[3:],
        )
        for row in found
    )


def outcome_table(data: LocalData) -> LocalTable:
    """Return re-referral, repeat plans and cease times, with their gradients."""
    return LocalTable(
        slug="outcomes",
        title="Re-referral, repeat plans and cease times",
        note=(
            "Of the episodes counted: the share that had the outcome, and the odds ratio between "
            "neighbourhoods 10 percentage points apart in income deprivation, from a logistic "
            "model of this authority alone. England is what the study printed. Without the return "
            "of the year before, re-referrals across 31 March cannot be seen, nor can plans before "
            "that were not recorded: give that return too."
        ),
        columns=(
            *("Outcome", "Share (%)", "England (study)"),
            *("Odds ratio", "England (study)"),
        ),
        lines=tuple(
            Line(
                row["row_label"],
                (
                    entry(row["share"], "percent"),
                    plain_entry(row["england_pct"], "percent"),
                    entry(row["ratio"], "ratio"),
                    plain_entry(
                        row["england_ratio"], "ratio", row["england_low"], row["england_high"]
                    ),
                ),
            )
            for row in data.latest(data.outcomes)
        ),
        query=query("local_outcomes"),
        header=("dataset", "census_year", "outcome", "statistic", *_VALUE, "study_england"),
        records=tuple(
            (
                *(dataset(data), row["census_year"], row["row_label"], kind, *numbers(row[kind])),
                row["england_pct" if kind == "share" else "england_ratio"],
            )
            for row in data.outcomes
            for kind in ("share", "ratio")
        ),
    )


def totals_table(data: LocalData) -> LocalTable:
    """Return all events returned beside DfE's printed number for the authority."""
    return LocalTable(
        slug="totals",
        title="Totals beside DfE’s",
        note=(
            "Every event in the return, of children of any age and address, as DfE counts them, "
            "rounded to 10; beside it the number that DfE published for the authority, which is "
            "REAL."
        ),
        columns=("Event", "In this return", "DfE published", "Difference"),
        lines=tuple(
            Line(
                row["measure_label"],
                (
                    entry(row["own"], "count"),
                    Entry(
                        row["dfe_marker"] or number(row["dfe_n_events"], "count"),
                        hidden="" if not row["dfe_marker"] else "withheld by DfE",
                    ),
                    Entry(_difference(row), _REASONS.get(row["reason"], str(row["reason"]))),
                ),
            )
            for row in data.latest(data.totals)
        ),
        query=query("local_totals", la_number=data.la["la_number"]),
        header=(
            *("dataset", "census_year", "measure", "returned_rounded", "is_suppressed"),
            *("dfe_published", "dfe_marker", "verdict"),
        ),
        records=tuple(
            (
                *(dataset(data), row["census_year"], row["measure"], row["own"].value),
                str(row["own"].is_suppressed).lower(),
                *(row["dfe_n_events"], row["dfe_marker"], row["reason"]),
            )
            for row in data.totals
        ),
    )


def _difference(row: Row) -> str:
    share = row["difference_share"]
    if share is None or row["own"].is_suppressed:
        return "–"
    return f"{100 * share:+.0f} %".replace("-", "−")


def beside_table(data: LocalData) -> LocalTable | None:
    """Return the public rates of authorities like this one; None where DfE's are not here."""
    if not any(row["kind"] != "england" for row in data.beside):
        return None
    columns, _ = grid(data.beside, ("area_name",), ("measure_label",), "rate_per_10k")
    cells = {(row["area_name"], row["measure_label"]): row for row in data.beside}
    names = {row["area_name"]: row for row in data.beside}
    are_neighbours = any(row["kind"] == "neighbour" for row in data.beside)
    who = (
        "DfE’s statistical neighbours, the closest first."
        if are_neighbours
        else "The five nearest in income deprivation: DfE’s statistical neighbours come from "
        "“Statistical neighbour groupings” (gov.uk, Local authority interactive tool), which goes "
        "into data/reference."
    )
    return LocalTable(
        slug="beside",
        title="Authorities like this one" if not are_neighbours else "Statistical neighbours",
        note=(
            f"REAL rates per 10,000 children, as DfE published them for the year. {who} They are "
            "of children of every age, counted by the authority that returns them."
        ),
        columns=("Authority", "", *(label for (label,) in columns)),
        lines=tuple(
            Line(
                name,
                (
                    Entry(row["how"] or ""),
                    *(_public(cells.get((name, label))) for (label,) in columns),
                ),
                is_own=row["kind"] == "own",
            )
            for name, row in names.items()
        ),
        query=query("local_beside", la_number=data.la["la_number"], census_year=data.census_year),
        header=(
            *("dataset", "census_year", "authority", "measure", "numerator"),
            *("marker", "rate_per_10k", "ci_low", "ci_high"),
        ),
        records=tuple(
            (
                *("real, DfE", data.census_year, row["area_name"], row["measure"]),
                *(row["numerator"], row["marker"], row["rate_per_10k"]),
                *(row["ci_low"], row["ci_high"]),
            )
            for row in data.beside
        ),
        n_texts=1,
        is_real=True,
    )


def _public(row: Row | None) -> Entry:
    if row is None:
        return Entry("–")
    if row["marker"]:
        return Entry(row["marker"], hidden="withheld by DfE")
    return plain_entry(row["rate_per_10k"], "rate", row["ci_low"], row["ci_high"])


def trend_table(data: LocalData) -> LocalTable | None:
    """Return rates and gradients year by year; None of a single year."""
    if len(data.years) < 2:
        return None
    rates = [row for row in data.rates if row["stratum_type"] == "all"]
    across, cells = grid(rates, ("census_year",), ("measure_label", "timing"), "rate")
    gradients = {(r["census_year"], r["measure_label"]): r["relative"] for r in data.gradients}
    measures = dict.fromkeys(row["measure_label"] for row in data.gradients)
    years = [int(row["census_year"]) for row in data.years]
    la_number = data.la["la_number"]
    return LocalTable(
        slug="trends",
        title="Year by year",
        note="Rates per 10,000 children, and the relative gradient of each threshold.",
        columns=(
            "Year ending 31 March",
            *(f"{measure}, {TIMINGS[timing]}" for measure, timing in across),
            *(f"{measure}: gradient" for measure in measures),
        ),
        lines=tuple(
            Line(
                str(year),
                (
                    *(entry(cells.get(((year,), column), NONE), "rate") for column in across),
                    *(entry(gradients.get((year, one), NONE), "ratio") for one in measures),
                ),
            )
            for year in years
        ),
        query=both(
            query("local_rates", la_number=la_number),
            query("local_gradients", la_number=la_number),
        ),
        header=("dataset", "census_year", "measure", "timing", "population", *RATE_COLUMNS),
        records=rate_records(data, rates, ()),
    )
