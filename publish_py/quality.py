"""Tables of a release on what came in: match rates, the cohort, the authorities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from publish_py.protect import Protected
from publish_py.source import SiteData

Row = Mapping[str, Any]
_BREAKDOWNS = ("breakdown", "category", "category_code")
_STEPS = ("measure", "step_no", "step", "drop_reason")
_AREAS = ("la_code", "la_name", "region_name", "is_study_la", "la_income_pct")


def quality_tables(data: SiteData) -> dict[str, pa.Table]:
    """Return protected tables by name, from what the site shows of the census year."""
    return {
        "match_rates": _table(
            data,
            (
                {name: row[name] for name in _BREAKDOWNS}
                | {"n_children": _value(row["n_children"]), "match_pct": _value(row["match_pct"])}
                | {"is_suppressed": row["match_pct"].is_suppressed}
                | {"reason": row["match_pct"].reason}
                for row in data.match_rates
            ),
            pa.schema(
                [
                    *((name, pa.string()) for name in _BREAKDOWNS),
                    ("n_children", pa.float64()),
                    ("match_pct", pa.float64()),
                    ("is_suppressed", pa.bool_()),
                    ("reason", pa.string()),
                ]
            ),
        ),
        "cohort_flow": _table(
            data,
            (
                {name: row[name] for name in _STEPS}
                | {name: _value(row[name]) for name in ("n_events", "n_dropped")}
                for row in data.cohort_flow
            ),
            pa.schema(
                [
                    ("measure", pa.string()),
                    ("step_no", pa.int64()),
                    ("step", pa.string()),
                    ("drop_reason", pa.string()),
                    ("n_events", pa.float64()),
                    ("n_dropped", pa.float64()),
                ]
            ),
        ),
        "authorities": _table(
            data,
            ({name: row[name] for name in _AREAS} for row in data.las),
            pa.schema(
                [
                    ("la_code", pa.string()),
                    ("la_name", pa.string()),
                    ("region_name", pa.string()),
                    ("is_study_la", pa.bool_()),
                    ("la_income_pct", pa.float64()),
                ]
            ),
        ),
    }


def _table(data: SiteData, found: Iterable[Row], schema: pa.Schema) -> pa.Table:
    table = pa.Table.from_pylist(list(found), schema=schema)
    year = pa.array([data.census_year] * table.num_rows, pa.int32())
    return table.add_column(0, "census_year", year)


def _value(one: Protected) -> float | None:
    return one.value
