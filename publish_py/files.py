"""CSV files beside the pages: the same protected values, unrounded where they are ours."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from analysis_py.specs import TableSpec
from publish_py.charts import Figure
from publish_py.protect import ProtectedCell
from publish_py.tables import covers, mark

_COLUMNS = (
    "dataset",
    "table",
    "row",
    "statistic",
    "published",
    "published_low",
    "published_high",
    "planted",
    "estimated",
    "ci_low",
    "ci_high",
    "p_value",
    "against_print",
    "covers_planted",
    "is_suppressed",
    "reason",
)


def csv_text(spec: TableSpec, cells: Sequence[ProtectedCell], dataset: str) -> str:
    """Return one table as CSV, a line a cell; a suppressed value is empty."""
    found = {(cell.row_label, cell.statistic): cell for cell in cells}
    lines: list[Sequence[object]] = [_COLUMNS]
    for row in spec.rows:
        for column in spec.columns:
            cell = found.get((row.label, column.statistic))
            if cell is not None:
                lines.append(_line(cell, column.kind, dataset))
    return _csv(lines)


def _line(cell: ProtectedCell, kind: str, dataset: str) -> Sequence[object]:
    own = cell.estimate
    holds = covers(cell)
    return (
        "SYNTHETIC" if dataset == "synthetic" else dataset,
        cell.table_no,
        cell.row_label,
        cell.statistic,
        cell.published,
        cell.published_low,
        cell.published_high,
        cell.planted,
        own.value,
        own.ci_low,
        own.ci_high,
        own.p_value,
        mark(cell, kind),
        "" if holds is None else str(holds).lower(),
        str(own.is_suppressed).lower(),
        own.reason,
    )


def figure_csv(figure: Figure, *, synthetic: bool) -> str:
    """Return the numbers under a figure as CSV."""
    dataset = ("dataset",) if synthetic else ()
    value = ("SYNTHETIC",) if synthetic else ()
    return _csv([(*dataset, *figure.columns), *((*value, *row) for row in figure.rows)])


def _csv(lines: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()
