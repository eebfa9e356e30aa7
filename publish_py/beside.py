"""What stands beside the tables: sensitivities, tests behind the prose, domains, correlations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis_py.specs import TableSpec
from publish_py.protect import ProtectedCell
from publish_py.source import SiteData
from publish_py.tables import Entry, interval, number

Row = Mapping[str, Any]

METHODS = {
    "random_slope": "Gradient varies between LAs",
    "nb2": "Negative binomial",
    "row_lognormal": "Lognormal neighbourhoods",
    "msoa_in_la": "MSOAs within LAs",
    "cr2": "No random effect, CR2 limits",
    "laplace": "Laplace for quadrature",
    "match_rate_offset": "Offset × match rate",
    "context_1sd": "Contexts ±1 SD",
    "log_link": "Log link (risk ratio)",
    "hazard": "Discrete-time hazard",
    "t_interval": "t limits, J−2 df",
    "leave_one_la_out": "Leaving one LA out",
}
SUBJECTS = {
    "domains": "Domains of deprivation, over neighbourhoods",
    "indicators": "Characteristics of authorities with their income deprivation",
    "match_rate": "The authorities’ match rate with their rates and characteristics",
}
INDICES = {
    "absolute_slope": "Absolute slope (the study’s), per 10 points",
    "sii": "Slope index of inequality (SII), ranked",
    "rii": "Relative index of inequality (RII), ranked",
}


@dataclass(frozen=True)
class SensitivityView:
    """The sensitivities of one table: a line a cell, a column a method."""

    methods: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[Entry, ...]], ...]


@dataclass(frozen=True)
class ListView:
    """A plain table: its name and heading, column headings, and rows of texts.

    The first `n_texts` columns are words, the rest numbers.
    """

    slug: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_texts: int


def sensitivity_view(
    spec: TableSpec, cells: Sequence[ProtectedCell], found: Sequence[Row]
) -> SensitivityView | None:
    """Lay the sensitivities of a table out beside its own estimates; None without any.

    A cell that is withheld has its sensitivities withheld too.
    """
    own = {(cell.row_label, cell.statistic): cell for cell in cells}
    others = {
        (row["row_label"], row["statistic"], row["method"]): row
        for row in found
        if row["table_no"] == spec.table_no
    }
    methods = [name for name in METHODS if any(name == key[2] for key in others)]
    if not methods:
        return None
    rows = []
    for row in spec.rows:
        for column in spec.columns:
            cell = own.get((row.label, column.statistic))
            beside = [others.get((row.label, column.statistic, name)) for name in methods]
            if cell is None or not any(beside):
                continue
            hidden = cell.estimate.is_suppressed
            entries = [_main(cell, column.kind)]
            entries += [_other(one, column.kind, hidden, cell) for one in beside]
            rows.append((row.label, column.heading, tuple(entries)))
    return SensitivityView(tuple(METHODS[name] for name in methods), tuple(rows))


def sensitivities_of(data: SiteData, specs: Sequence[TableSpec]) -> dict[str, SensitivityView]:
    """Return the sensitivities of every table that has any, by its number."""
    made = {
        spec.table_no: sensitivity_view(
            spec,
            [cell for cell in data.cells if cell.table_no == spec.table_no],
            [row for row in data.sensitivities if row["table_no"] == spec.table_no],
        )
        for spec in specs
    }
    return {table_no: view for table_no, view in made.items() if view is not None}


def _main(cell: ProtectedCell, kind: str) -> Entry:
    own = cell.estimate
    if own.is_suppressed:
        return Entry("c", note=own.reason, is_suppressed=True)
    return Entry(number(own.value, kind), interval(own.ci_low, own.ci_high, kind))


def _other(row: Row | None, kind: str, hidden: bool, cell: ProtectedCell) -> Entry:
    if row is None:
        return Entry("")
    if hidden:
        return Entry("c", note=cell.estimate.reason, is_suppressed=True)
    notes = [one for one in row["reason"].split("; ") if not one.startswith("extrapolated")]
    return Entry(
        number(row["value"], kind),
        interval(row["ci_low"], row["ci_high"], kind),
        "; ".join(notes),
    )


def checks(data: SiteData) -> tuple[ListView, ...]:
    """Return the tables of the page of tests and checks, those that hold anything."""
    made = (
        *_tests(data.tests),
        _domains(data.domains),
        _indices(data.indices),
        *_correlations(data.correlations),
    )
    return tuple(view for view in made if view.rows)


def _tests(found: Sequence[Row]) -> list[ListView]:
    views = []
    for test_id in dict.fromkeys(row["test_id"] for row in found):
        rows = [row for row in found if row["test_id"] == test_id]
        views.append(
            ListView(
                slug=f"test_{test_id}",
                title=rows[0]["question"],
                note="",
                columns=(
                    *("Events", "What is tested", "Kind", "Statistic", "df"),
                    *("p", "p adjusted", "Ratio"),
                ),
                rows=tuple(_test(row) for row in rows),
                n_texts=3,
            )
        )
    return views


def _test(row: Row) -> tuple[str, ...]:
    reason = f" ({row['reason']})" if row["reason"] else ""
    return (
        row["measure_label"],
        row["subject"] + reason,
        row["kind"],
        _text(row["statistic"], 3 if row["kind"] == "moran" else 2),
        _text(row["df"], 0),
        p_text(row["p_value"]),
        p_text(row["p_adjusted"]),
        _with_limits(row, "ratio", "ratio_low", "ratio_high", 3 if row["kind"] == "trend" else 2),
    )


def _domains(found: Sequence[Row]) -> ListView:
    return ListView(
        slug="domains",
        title="Which domain of deprivation explains most",
        note=(
            "The model of Table 2 with another domain in the place of income, ranked by fit. "
            "ΔAIC is the distance from the best; the ratio for one standard deviation compares "
            "domains whose scores have other units."
        ),
        columns=(
            *("Events", "Domain", "Rank", "ΔAIC"),
            *("Gradient, 10 points", "Gradient, 1 SD", "Interaction"),
        ),
        rows=tuple(
            (
                row["measure_label"],
                row["domain"] + (f" ({row['reason']})" if row["reason"] else ""),
                _text(row["rank"], 0),
                _text(row["aic_difference"], 1),
                _with_limits(row, "irr", "ci_low", "ci_high", 2),
                _text(row["irr_per_sd"], 2),
                _text(row["interaction"], 2),
            )
            for row in found
        ),
        n_texts=2,
    )


def _indices(found: Sequence[Row]) -> ListView:
    return ListView(
        slug="indices",
        title="Indices of inequality",
        note=(
            "The absolute slope is the study’s. The slope and relative indices of inequality, "
            "over neighbourhoods ranked by income deprivation, are this project’s addition."
        ),
        columns=("Events", "Index", "Value", "Neighbourhoods"),
        rows=tuple(
            (
                row["measure_label"],
                INDICES.get(str(row["index_name"]), str(row["index_name"]))
                + (f" ({row['reason']})" if row["reason"] else ""),
                _with_limits(row, "value", "ci_low", "ci_high", 1),
                _text(row["n_areas"], 0),
            )
            for row in found
        ),
        n_texts=2,
    )


def _correlations(found: Sequence[Row]) -> list[ListView]:
    views = []
    for subject, title in SUBJECTS.items():
        rows = [row for row in found if row["subject"] == subject]
        views.append(
            ListView(
                slug=f"correlations_{subject}",
                title=title,
                note="Pearson correlations, with their limits.",
                columns=("One", "Other", "Correlation", "p", "Areas"),
                rows=tuple(
                    (
                        _words(row["variable_a"]),
                        _words(row["variable_b"])
                        + (f" ({row['reason']})" if row["reason"] else ""),
                        _with_limits(row, "correlation", "ci_low", "ci_high", 2),
                        p_text(row["p_value"]),
                        _text(row["n_areas"], 0),
                    )
                    for row in rows
                ),
                n_texts=2,
            )
        )
    return views


def p_text(value: float | None) -> str:
    """Return a p-value as text: three decimals, or that it is less than 0.001."""
    if value is None:
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _text(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:,.{decimals}f}".replace("-", "−")


def _with_limits(row: Row, name: str, low: str, high: str, decimals: int) -> str:
    if row[name] is None:
        return ""
    text = _text(row[name], decimals)
    if row[low] is None or row[high] is None:
        return text
    return f"{text} ({_text(row[low], decimals)} to {_text(row[high], decimals)})"


def _words(name: str) -> str:
    return name.replace("_", " ")
