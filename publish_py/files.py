"""CSV files beside the pages: the same protected values, rounded as those of a release."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from analysis_py.specs import TableSpec
from publish_py.authorities import AuthorityView
from publish_py.beside import ListView
from publish_py.charts import Figure
from publish_py.formats import significant
from publish_py.protect import ProtectedCell
from publish_py.render import Content
from publish_py.source import SiteData
from publish_py.tables import covers, mark

_COLUMNS = (
    "dataset",
    "table",
    "row",
    "statistic",
    "published",
    "published_low",
    "published_high",
    "published_p",
    "planted",
    "estimated",
    "ci_low",
    "ci_high",
    "p_value",
    "p_adjusted",
    "is_extrapolated",
    "against_print",
    "covers_planted",
    "is_suppressed",
    "reason",
)
_RATE_COLUMNS = (
    *("dataset", "area_code", "area_name", "measure", "timing", "stratum_type", "stratum"),
    *("episodes", "population", "rate_per_10k", "ci_low", "ci_high", "is_suppressed", "reason"),
)
_SENSITIVITY_COLUMNS = (
    *("dataset", "table", "row", "statistic", "method"),
    *("value", "ci_low", "ci_high", "p_value", "reason"),
)
_GRADIENT_COLUMNS = (
    *("dataset", "la_code", "la_name", "measure", "own", "own_low", "own_high"),
    *("shrunken", "shrunken_low", "shrunken_high", "reason"),
)


def tables_csv(data: SiteData, content: Content) -> Mapping[str, str]:
    """Return every table, figure and rate as CSV, by file name."""
    dataset, synthetic = data.build.dataset, data.build.is_synthetic
    tables = {
        f"{view.slug}.csv": csv_text(
            spec, [cell for cell in data.cells if cell.table_no == spec.table_no], dataset
        )
        for spec, view in content.tables
    }
    figures = {
        f"{figure.name}.csv": figure_csv(figure, synthetic=synthetic) for figure in content.figures
    }
    checks = {f"{view.slug}.csv": list_csv(view, synthetic=synthetic) for view in content.checks}
    return (
        tables
        | figures
        | checks
        | _public_csv(content)
        | {
            "la_rates.csv": la_rates_csv(data),
            "la_gradients.csv": la_gradients_csv(content.authorities, dataset),
        }
        | ({"sensitivities.csv": sensitivities_csv(data)} if data.sensitivities else {})
    )


def _public_csv(content: Content) -> dict[str, str]:
    """Return the tables and figures of the page of real results; their headings say what is."""
    if content.public is None:
        return {}
    tables = {f"{view.slug}.csv": list_csv(view, synthetic=False) for view in content.public.tables}
    return tables | {
        f"{figure.name}.csv": figure_csv(figure, synthetic=False)
        for figure in content.public.figures
    }


def csv_text(spec: TableSpec, cells: Sequence[ProtectedCell], dataset: str) -> str:
    """Return one table as CSV, a line a cell; a suppressed value is empty."""
    found = {(cell.row_label, cell.statistic): cell for cell in cells}
    lines: list[Sequence[object]] = [_COLUMNS]
    for row in spec.rows:
        for column in spec.columns:
            cell = found.get((row.label, column.statistic))
            if cell is not None:
                lines.append(_line(cell, column.kind, dataset))
    return csv_lines(lines)


def _line(cell: ProtectedCell, kind: str, dataset: str) -> Sequence[object]:
    own = cell.estimate
    holds = covers(cell)
    return (
        _dataset(dataset),
        cell.table_no,
        cell.row_label,
        cell.statistic,
        cell.published,
        cell.published_low,
        cell.published_high,
        cell.published_p,
        cell.planted,
        own.value,
        own.ci_low,
        own.ci_high,
        own.p_value,
        cell.p_adjusted,
        str(cell.is_extrapolated).lower(),
        mark(cell, kind),
        "" if holds is None else str(holds).lower(),
        str(own.is_suppressed).lower(),
        own.reason,
    )


def figure_csv(figure: Figure, *, synthetic: bool) -> str:
    """Return the numbers under a figure as CSV."""
    dataset = ("dataset",) if synthetic else ()
    value = ("SYNTHETIC",) if synthetic else ()
    return csv_lines([(*dataset, *figure.columns), *((*value, *row) for row in figure.rows)])


def list_csv(view: ListView, *, synthetic: bool) -> str:
    """Return one table of the page of tests and checks as CSV, as it is printed."""
    dataset = ("dataset",) if synthetic else ()
    value = ("SYNTHETIC",) if synthetic else ()
    return csv_lines([(*dataset, *view.columns), *((*value, *row) for row in view.rows)])


def sensitivities_csv(data: SiteData) -> str:
    """Return every other estimate of a cell as CSV; empty where the cell itself is withheld."""
    hidden = {
        (cell.table_no, cell.row_label, cell.statistic): cell.estimate.reason
        for cell in data.cells
        if cell.estimate.is_suppressed
    }
    lines: list[Sequence[object]] = [_SENSITIVITY_COLUMNS]
    for row in data.sensitivities:
        place = (row["table_no"], row["row_label"], row["statistic"])
        numbers = ("value", "ci_low", "ci_high", "p_value")
        values = [None if place in hidden else row[name] for name in numbers]
        said = hidden.get(place, row["reason"])
        lines.append((_dataset(data.build.dataset), *place, row["method"], *values, said))
    return csv_lines(lines)


def la_rates_csv(data: SiteData) -> str:
    """Return every protected rate of authorities and of England as CSV."""
    names = {la["la_code"]: la["la_name"] for la in data.las}
    lines: list[Sequence[object]] = [_RATE_COLUMNS]
    for row in data.la_rates:
        count, rate = row["count"], row["rate"]
        lines.append(
            (
                _dataset(data.build.dataset),
                row["area"],
                names.get(row["area"], row["area"]),
                row["measure"],
                row["timing"],
                row["stratum_type"],
                row["stratum"],
                count.value,
                row["denominator"],
                rate.value,
                rate.ci_low,
                rate.ci_high,
                str(count.is_suppressed).lower(),
                count.reason,
            )
        )
    return csv_lines(lines)


def la_gradients_csv(views: Sequence[AuthorityView], dataset: str) -> str:
    """Return every authority's gradients as CSV; empty, with a reason, where not shown."""
    lines: list[Sequence[object]] = [_GRADIENT_COLUMNS]
    lines += [
        (
            _dataset(dataset),
            view.la["la_code"],
            view.la["la_name"],
            one.measure,
            *(one.own.value, one.own.ci_low, one.own.ci_high),
            *(one.shrunken.value, one.shrunken.ci_low, one.shrunken.ci_high),
            one.reason,
        )
        for view in views
        for one in view.gradients
    ]
    return csv_lines(lines)


def _dataset(dataset: str) -> str:
    return "SYNTHETIC" if dataset == "synthetic" else dataset


def csv_lines(lines: Sequence[Sequence[object]]) -> str:
    """Return lines as CSV, numbers rounded as those of a release."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [significant(one) if isinstance(one, float) else one for one in line] for line in lines
    )
    return out.getvalue()
