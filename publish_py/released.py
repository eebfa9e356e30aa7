"""The tables of a release: every count that may be published, protected.

Cells come from `disclosure.dsc_cells`; which are hidden is decided in `pattern.py`; counts
of regions and England are rounded. Rates and limits are those of the count that is shown, so
that a rate times its population gives nothing but that count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import gammaincinv

from common_py.errors import CinError
from common_py.warehouse import arrays, read_build, rows, sql
from publish_py.before import KEY, Before, read_release, seen_before
from publish_py.pattern import Cells, Pattern, hide
from publish_py.rounding import rounded
from publish_py.rules import Rules

SQL_FOLDER = Path(__file__).parent / "sql"
NEIGHBOURHOODS = ("income_decile", "rural_urban", "income_decile_rural_urban")
SUPPRESSED = "suppressed"
TABLES = ("rates_england", "rates_region", "rates_la", "rates_msoa", "rates_decile")
SCHEMA = pa.schema(
    [
        ("census_year", pa.int32()),
        ("area_code", pa.string()),
        ("area_name", pa.string()),
        ("parent_code", pa.string()),
        ("measure", pa.string()),
        ("basis", pa.string()),
        ("timing", pa.string()),
        ("stratum_type", pa.string()),
        ("stratum", pa.string()),
        ("is_partition", pa.bool_()),
        ("count", pa.int64()),
        ("denominator", pa.float64()),
        ("rate_per_10k", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("is_suppressed", pa.bool_()),
        ("reason", pa.string()),
    ]
)

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Release:
    """Protected tables, and how they came about.

    Attributes
    ----------
    tables
        By name, each sorted by its full key; columns are `SCHEMA`.
    patterns
        What was hidden, by census year.
    decisions
        One row per cell: its table, its key, `mark` (primary, secondary, rounded or nothing)
        and why a primary one is hidden for itself. For those in the room: which of several
        hidden counts is the small one must not leave it.
    """

    tables: dict[str, pa.Table]
    patterns: dict[int, Pattern]
    decisions: pa.Table


def released_tables(
    connection: duckdb.DuckDBPyConnection, rules: Rules, previous: Path | None = None
) -> dict[str, pa.Table]:
    """Return the protected tables of rates.

    Parameters
    ----------
    connection
        An open warehouse.
    rules
        The least numbers.
    previous
        Folder of the release before, whose tables a reader has too.

    Returns
    -------
    dict
        `rates_england`, `rates_region`, `rates_la`, `rates_msoa`, `rates_decile`: sorted by
        their full keys, the same bytes for the same warehouse. `reason` is suppressed,
        rounded or nothing; `Release.decisions` says which are primary and secondary.

    Raises
    ------
    CinError
        If the warehouse was built with other least numbers, or has no such marts.
    """
    return release(connection, rules, previous).tables


def release(
    connection: duckdb.DuckDBPyConnection,
    rules: Rules,
    previous: Path | None = None,
    *,
    with_secondary: bool = True,
) -> Release:
    """Return the protected tables with what was decided; see `released_tables`."""
    _check_rules(connection, rules)
    level = read_build(connection).confidence_level
    cells = arrays(connection, sql(SQL_FOLDER, "released_cells"))
    relations = arrays(connection, sql(SQL_FOLDER, "released_relations"))
    before = _before(cells, previous, rules)
    is_hidden = np.zeros(len(cells["cell_no"]), dtype=np.bool_)
    marks = np.full(len(is_hidden), "", dtype=object)
    patterns = {}
    for year in np.unique(cells["census_year"]).tolist():
        places = np.flatnonzero(cells["census_year"] == year)
        pattern = hide(
            _cells_of(cells, relations, places, before), rules, with_secondary=with_secondary
        )
        is_hidden[places], marks[places] = pattern.is_hidden, pattern.marks
        patterns[int(year)] = pattern
    return Release(
        _tables(cells, is_hidden, rules, level), patterns, _decisions(cells, is_hidden, marks)
    )


def _check_rules(connection: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    for row in rows(connection, sql(SQL_FOLDER, "released_rules")):
        if getattr(rules, row["rule"], row["value"]) != row["value"]:
            raise CinError(
                f"the warehouse was built with another {row['rule']} ({row['value']}) than the "
                f"release is to be protected with ({getattr(rules, row['rule'])})",
                remedy="run `cin build`, which flags cells by seeds/rules/protection.csv",
            )


def _before(cells: Arrays, previous: Path | None, rules: Rules) -> Before:
    n_cells = len(cells["cell_no"])
    if previous is None:
        return Before(np.zeros(n_cells, np.bool_), np.zeros(n_cells, np.bool_))
    return seen_before(
        list(zip(*(cells[name].tolist() for name in KEY), strict=True)),
        cells["numerator"].astype(np.int64),
        cells["is_rounded"].astype(np.bool_),
        read_release(previous),
        rules.england_rounding,
    )


def _cells_of(cells: Arrays, relations: Arrays, places: NDArray[np.int64], before: Before) -> Cells:
    """Return the cells of one year with their relations, numbered from 0."""
    number = cells["cell_no"][places]  # in order
    inside = np.isin(relations["total_cell_no"], number)
    is_sum = inside & (relations["kind"] == "sum")
    is_bound = inside & (relations["kind"] == "at_most")
    part = np.searchsorted(number, relations["part_cell_no"])
    total = np.searchsorted(number, relations["total_cell_no"])
    _, first, sum_no = np.unique(
        relations["relation_no"][is_sum], return_index=True, return_inverse=True
    )
    entry_sum = np.concatenate([sum_no, np.arange(len(first))])
    entry_cell = np.concatenate([part[is_sum], total[is_sum][first]])
    entry_sign = np.concatenate([np.ones(len(sum_no), int), -np.ones(len(first), int)])
    order = np.argsort(entry_sum, kind="stable")
    return Cells(
        counts=cells["numerator"][places].astype(np.int64),
        is_primary=cells["is_primary"][places].astype(np.bool_) | before.was_hidden[places],
        is_rounded=cells["is_rounded"][places].astype(np.bool_),
        entry_sum=entry_sum[order],
        entry_cell=entry_cell[order],
        entry_sign=entry_sign[order],
        at_most=np.stack([part[is_bound], total[is_bound]], axis=1),
        is_known=before.is_known[places],
        # the study's tables print England's counts: others go first
        is_kept=cells["grain"][places] == "england",
    )


def _tables(
    cells: Arrays,
    is_hidden: NDArray[np.bool_],
    rules: Rules,
    level: float,
) -> dict[str, pa.Table]:
    exact = cells["numerator"].astype(np.int64)
    is_rounded = cells["is_rounded"].astype(np.bool_)
    shown = np.where(is_rounded, rounded(exact, rules.england_rounding), exact)
    shown = np.where(is_hidden, 0, shown)
    population = np.asarray(np.round(cells["denominator"], 1), dtype=np.float64)
    rate, low, high = _rates(shown, population, level)
    columns: dict[str, Any] = {
        **{name: cells[name] for name in SCHEMA.names if name in cells},
        "count": shown,
        "denominator": population,
        "rate_per_10k": rate,
        "ci_low": low,
        "ci_high": high,
        "is_suppressed": is_hidden,
        "reason": np.where(
            is_hidden, SUPPRESSED, np.where(is_rounded & (exact > 0), "rounded", "")
        ),
    }
    withheld = ("count", "rate_per_10k", "ci_low", "ci_high")
    whole = pa.table(
        {
            name: pa.array(
                columns[name],
                type=SCHEMA.field(name).type,
                mask=_mask(columns[name], is_hidden if name in withheld else None),
            )
            for name in SCHEMA.names
        },
        schema=SCHEMA,
    )
    table_of = _table_of(cells)
    return {
        name: whole.filter(pa.array(table_of == name)).sort_by(
            [(column, "ascending") for column in KEY]
        )
        for name in TABLES
    }


def _table_of(cells: Arrays) -> NDArray[np.str_]:
    is_kind = np.isin(cells["stratum_type"].astype(str), NEIGHBOURHOODS)
    return np.char.add("rates_", np.where(is_kind, "decile", cells["grain"].astype(str)))


def _decisions(cells: Arrays, is_hidden: NDArray[np.bool_], marks: NDArray[np.object_]) -> pa.Table:
    return pa.table(
        {
            "table": _table_of(cells),
            **{name: cells[name] for name in KEY},
            "is_suppressed": is_hidden,
            "mark": marks,
            "primary_reason": cells["primary_reason"],
        }
    ).sort_by([(column, "ascending") for column in ("table", *KEY)])


def _mask(values: NDArray[Any], is_hidden: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    missing = (
        np.isnan(values) if values.dtype.kind == "f" else np.array([one is None for one in values])
    )
    return missing if is_hidden is None else missing | is_hidden


def _rates(
    counts: NDArray[np.int64], population: NDArray[np.float64], level: float
) -> tuple[NDArray[np.float64], ...]:
    """Return rates per 10,000 and exact (Garwood) limits, to one decimal as DfE prints them.

    A quantile of gamma is half of chi-square's with twice as many degrees of freedom.
    """
    per = 10_000 / np.where(population > 0, population, np.nan)
    tail = (1 - level) / 2
    low = np.where(counts > 0, gammaincinv(np.maximum(counts, 1), tail), 0.0)
    high = gammaincinv(counts + 1, 1 - tail)
    return tuple(np.round(values * per, 1) for values in (counts, low, high))
