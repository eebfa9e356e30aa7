"""One page on disclosure control: what is withheld and why, and what stands behind a figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from publish_py.render import environment
from publish_py.rules import Rules
from publish_py.source import SiteData
from publish_py.verdicts import Verdict

Schemas = Mapping[str, Mapping[str, pa.Table]]
_COUNT = "count"


def disclosure_report(
    rules: Rules, verdicts: Sequence[Verdict], schemas: Schemas, data: SiteData
) -> str:
    """Return the page as HTML that needs nothing beside it.

    Parameters
    ----------
    schemas
        The released tables by schema and name: only what is released is counted here.
    """
    names = [name for name in Rules.__dataclass_fields__ if name != "why"]
    return (
        environment()
        .get_template("disclosure_report.html")
        .render(
            is_synthetic=data.build.is_synthetic,
            census_year=data.census_year,
            build_id=data.build.build_id,
            rules=[
                (name.replace("_", " "), getattr(rules, name), why)
                for name, why in zip(names, rules.why, strict=True)
            ],
            tables=[
                _table(f"{schema}.{name}", table)
                for schema, tables in schemas.items()
                for name, table in tables.items()
            ],
            figures=_figures(schemas["estimates"]["figure_points"]),
            bands=schemas["estimates"]["figure_02_bins"].to_pylist(),
            models=_models(schemas["estimates"]),
            verdicts=verdicts,
        )
    )


def _table(name: str, table: pa.Table) -> dict[str, Any]:
    """Return how many rows a table withholds, why, and the smallest count that it shows."""
    columns = table.column_names
    withheld = table.column("is_suppressed").to_pylist() if "is_suppressed" in columns else []
    said = table.column("reason").to_pylist() if "reason" in columns else []
    reasons = Counter(
        reason or "no reason given"
        for hidden, reason in zip(withheld, said, strict=False)
        if hidden
    )
    counts = table.column(_COUNT).to_pylist() if _COUNT in columns else []
    return {
        "name": name,
        "n_rows": table.num_rows,
        "n_withheld": sum(bool(one) for one in withheld),
        "reasons": sorted(reasons.items()),
        "smallest": min((one for one in counts if one), default=None),
    }


def _figures(points: pa.Table) -> list[dict[str, Any]]:
    """Return the least areas behind the points of every figure that stands for areas.

    The curve of a model has no children behind a point: its areas are those that lie near.
    """
    behind: dict[str, list[int]] = {}
    shown: Counter[str] = Counter()
    for row in points.to_pylist():
        shown[row["figure_no"]] += 1
        if row["population"] is not None and row["n_areas"] is not None:
            behind.setdefault(row["figure_no"], []).append(int(row["n_areas"]))
    return [
        {
            "figure_no": number.replace("_", " "),
            "n_points": shown[number],
            "is_curve": number not in behind,
            "n_areas": min(behind.get(number, []), default=None),
        }
        for number in sorted(shown)
    ]


def _models(estimates: Mapping[str, pa.Table]) -> list[dict[str, Any]]:
    """Return the least events, neighbourhoods and authorities behind the models of each table."""
    n_terms = Counter(estimates["coefficients"].column("spec_id").to_pylist())
    tables: dict[str, list[dict[str, Any]]] = {}
    for row in estimates["fits"].to_pylist():
        tables.setdefault(row["table_no"], []).append(row)

    def least(shown: Sequence[Mapping[str, Any]], name: str) -> float | None:
        return min((row[name] for row in shown if row[name] is not None), default=None)

    return [
        {
            "table_no": number,
            "n_models": len(fits),
            "n_withheld": sum(row["is_suppressed"] for row in fits),
            "n_coefficients": sum(n_terms[row["spec_id"]] for row in fits),
            "n_events": least(fits, "n_events"),
            "n_obs": least(fits, "n_obs"),
            "n_groups": least(fits, "n_groups"),
        }
        for number, fits in sorted(tables.items(), key=_in_order)
    ]


def _in_order(item: tuple[str, object]) -> tuple[int, str]:
    number = item[0].split("-")[0]
    return (int(number) if number.isdigit() else 99, item[0])
