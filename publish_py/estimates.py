"""The schema `estimates` of a release: what the room holds, held to disclosure control.

A model on few events is withheld with all its coefficients; a cell, a point and a gradient
are what the site shows. No run, no time and no neighbourhood is in these tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from common_py.warehouse import rows, sql
from publish_py.manifest import dataset_of
from publish_py.protect import Protected, ProtectedCell, is_on_few, protect_count
from publish_py.rules import Rules
from publish_py.source import SQL_FOLDER, SiteData

Row = Mapping[str, Any]
_FIT_NUMBERS = ("log_likelihood", "group_sd", "dispersion")
_NO_COLUMNS = ("run_id", "census_year")


def estimate_tables(
    connection: duckdb.DuckDBPyConnection, data: SiteData, rules: Rules
) -> dict[str, pa.Table]:
    """Return the tables of a release's estimates by name.

    Parameters
    ----------
    connection
        The warehouse, read-only.
    data
        What the site shows of the same run, protected.
    rules
        The least numbers.
    """
    run = {"run_id": data.run_id}
    fits = rows(connection, sql(SQL_FOLDER, "released_fits"), run)
    few = {row["spec_id"] for row in fits if is_on_few(row["n_events"], row["n_trials"], rules)}
    coefficients = rows(connection, sql(SQL_FOLDER, "released_coefficients"), run)
    found: dict[str, Iterable[Row]] = {
        "fits": [_fit(row, few, rules) for row in fits],
        "coefficients": [row for row in coefficients if row["spec_id"] not in few],
        "cells": [_cell(cell) for cell in data.cells],
        "sensitivities": _beside_cells(data),
        "tests": data.tests,
        "domains": data.domains,
        "indices": data.indices,
        "correlations": data.correlations,
        "la_gradients": [row for one in data.gradients.values() for row in one.rows],
        "la_gradient_lines": data.gradient_lines,
        "figure_02_bins": data.bands.rows,
        "figure_02_lines": [data.rate_line],
        "figure_points": data.points.rows,
        "figure_lines": data.point_lines,
    }
    return {name: _table(list(content), data) for name, content in found.items()}


def _table(content: Sequence[Row], data: SiteData) -> pa.Table:
    """Return rows with what they are of in front: the dataset and the census year."""
    dataset = dataset_of(data.build)
    front = {"dataset": dataset, "census_year": data.census_year}
    plain = [
        front | {name: value for name, value in row.items() if name not in _NO_COLUMNS}
        for row in content
    ]
    table = pa.Table.from_pylist(plain) if plain else pa.table({name: [] for name in front})
    # a column of NULL alone is of numbers, or of words where there is something to say
    types = [
        (pa.string() if field.name == "reason" else pa.float64())
        if pa.types.is_null(field.type)
        else field.type
        for field in table.schema
    ]
    return table.cast(pa.schema(list(zip(table.column_names, types, strict=True))))


def _fit(row: Row, few: set[str], rules: Rules) -> dict[str, Any]:
    """Return a model with its numbers of events rounded, or withheld with all it says."""
    hidden = row["spec_id"] in few
    events, trials = (protect_count(row[name], rules).value for name in ("n_events", "n_trials"))
    reason = f"a model on fewer than {rules.minimum_model_events} events" if hidden else ""
    return {
        **{name: value for name, value in row.items() if name != "n_trials"},
        "n_events": None if hidden else events,
        "n_trials": None if hidden else trials,
        **{name: None if hidden else row[name] for name in _FIT_NUMBERS},
        "reason": reason or row["reason"],
        "is_suppressed": hidden,
    }


def _cell(cell: ProtectedCell) -> dict[str, Any]:
    own: Protected = cell.estimate
    return {
        "table_no": cell.table_no,
        "row_label": cell.row_label,
        "statistic": cell.statistic,
        "value": own.value,
        "ci_low": own.ci_low,
        "ci_high": own.ci_high,
        "p_value": own.p_value,
        "p_adjusted": None if own.is_suppressed else cell.p_adjusted,
        "published_value": cell.published,
        "published_low": cell.published_low,
        "published_high": cell.published_high,
        "planted_value": cell.planted,
        "n_las": cell.n_las,
        "is_extrapolated": cell.is_extrapolated,
        "is_suppressed": own.is_suppressed,
        "reason": own.reason,
    }


def _beside_cells(data: SiteData) -> list[dict[str, Any]]:
    """Return every other estimate of a cell, without numbers where the cell is withheld."""
    hidden = {
        (cell.table_no, cell.row_label, cell.statistic): cell.estimate.reason
        for cell in data.cells
        if cell.estimate.is_suppressed
    }
    numbers = ("value", "ci_low", "ci_high", "p_value")
    shown = []
    for row in data.sensitivities:
        reason = hidden.get((row["table_no"], row["row_label"], row["statistic"]))
        withheld = {} if reason is None else dict.fromkeys(numbers) | {"reason": reason}
        shown.append({**row, **withheld, "is_suppressed": reason is not None})
    return shown
