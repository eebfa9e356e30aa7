"""The figures of one authority's pages: gradients against England, rates by decile, years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from publish_py.charts import (
    BLUE,
    COLOURS,
    MUTED,
    RUST,
    Figure,
    finished,
    layer,
    quantity,
    tip,
)
from publish_py.local_protect import ALL, DECILES
from publish_py.local_source import LocalData

Row = Mapping[str, Any]
#: Measures that are drawn on one scale: the last three are a tenth as many.
GROUPS = (
    ("early", "Referrals, assessments, episodes of need", ("referral", "assessment", "cin")),
    ("late", "Enquiries, conferences, plans", ("s47", "cp_conference", "cp_plan")),
)
_STEP = 46


def local_figures(data: LocalData) -> dict[str, Figure]:
    """Return the figures that have anything to show, by name."""
    drawn = [_gradients(data), *(_deciles(data, *one) for one in GROUPS)]
    if len(data.years) > 1:
        drawn += [_trends(data, *one) for one in GROUPS]
    return {figure.name: figure for figure in drawn if figure is not None}


def _gradients(data: LocalData) -> Figure | None:
    points = [
        {
            "measure": row["short_label"],
            "own": round(row["relative"].value, 3),
            "low": round(row["relative"].ci_low, 3),
            "high": round(row["relative"].ci_high, 3),
        }
        for row in data.latest(data.gradients)
        if row["relative"].value is not None and row["relative"].ci_low is not None
    ]
    if not points:
        return None
    order = [row["short_label"] for row in data.latest(data.gradients)]
    england = [
        {"measure": row["short_label"], "england": row["england"]}
        for row in data.latest(data.gradients)
        if row["england"] is not None
    ]
    ranges = [
        {"measure": row["short_label"], "low": row["range_low"], "high": row["range_high"]}
        for row in data.latest(data.gradients)
        if row["range_low"] is not None
    ]
    low = min(0.8, *(point["low"] for point in points))
    high = max(3.2, *(point["high"] for point in points))
    y = {
        "field": "measure",
        "type": "nominal",
        "sort": order,
        "title": None,
        "axis": {"labelLimit": 120, "labelFontSize": 12.5, "domain": False, "ticks": False},
    }
    axis = {"values": [0.5, 0.7, 1, 1.5, 2, 3, 4, 6], "format": "~g"}
    title = "Rate ratio for 10 points"

    def x(field: str) -> dict[str, Any]:
        scale = {"type": "log", "domain": [round(0.95 * low, 2), round(1.05 * min(high, 8.0), 2)]}
        return quantity(field, title) | {"scale": scale, "axis": axis}

    tips = [
        {"field": "measure", "title": "Intervention"},
        *(tip(name, words, ".2f") for name, words in _TIPS),
    ]
    layers = [
        layer([{"one": 1}], {"type": "rule", "color": MUTED, "strokeDash": [4, 3]}, x=x("one")),
        layer(
            ranges,
            {"type": "bar", "color": "#dfe5ea", "height": 18, "cornerRadius": 3},
            x=x("low"),
            x2={"field": "high"},
            y=y,
        ),
        layer(
            england,
            {"type": "tick", "color": RUST, "thickness": 3, "size": 24},
            x=x("england"),
            y=y,
            tooltip=[tip("england", "England (study)", ".2f")],
        ),
        layer(
            points, {"type": "rule", "color": BLUE, "strokeWidth": 2}, x=x("low"),
            x2={"field": "high"}, y=y,
        ),
        layer(
            points, {"type": "circle", "color": BLUE, "size": 110, "opacity": 1}, x=x("own"), y=y,
            tooltip=tips,
        ),
    ]  # fmt: skip
    words = "; ".join(f"{p['measure']} {p['own']:.2f}" for p in points)
    return Figure(
        name="gradient_chart",
        number="Figure",
        title="Social gradient by threshold",
        caption=(
            "Dot and line: this authority and its interval. Upright stroke: England, as the study "
            "printed it. Grey: from the least to the greatest gradient of an authority of its own "
            "in the study. Right of 1, poorer neighbourhoods have more."
        ),
        alt=f"Gradients of this authority: {words}.",
        spec=finished(layers, synthetic=data.synthetic) | {"height": _STEP * len(order)},
        columns=("Intervention", "This authority", "Interval"),
        rows=tuple(
            (p["measure"], f"{p['own']:.2f}", f"{p['low']:.2f}–{p['high']:.2f}") for p in points
        ),
        sql_name="local_gradients",
    )


_TIPS = (("own", "This authority"), ("low", "from"), ("high", "to"))


def _deciles(data: LocalData, name: str, title: str, measures: Sequence[str]) -> Figure | None:
    found = [row for row in data.latest(data.places) if row["area_type"] == DECILES]
    points = _points(found, measures, lambda row: int(row["area"]))
    if not points:
        return None
    x = {
        "field": "x",
        "type": "ordinal",
        "scale": {"domain": list(range(1, 11))},
        "axis": {"labelAngle": 0},
        "title": "Tenth of England’s neighbourhoods",
    }
    return _lines(
        data,
        points,
        x,
        name=f"decile_chart_{name}",
        title=f"{title} by deprivation of the neighbourhood",
        caption="Neighbourhoods of this authority by the tenth of England’s that they lie in, 10 "
        "the most income-deprived, with exact limits. A tenth that is not shown has few "
        "neighbourhoods or children here.",
        sql_name="local_places",
    )


def _trends(data: LocalData, name: str, title: str, measures: Sequence[str]) -> Figure | None:
    found = [row for row in data.rates if (row["stratum_type"], row["stratum"]) == ALL]
    points = _points(found, measures, lambda row: int(row["census_year"]))
    if not points:
        return None
    x = {
        "field": "x",
        "type": "ordinal",
        "axis": {"labelAngle": 0},
        "title": "Year ending 31 March",
    }
    return _lines(
        data,
        points,
        x,
        name=f"trend_chart_{name}",
        title=f"{title} by year",
        caption="Rates of this authority, with exact limits.",
        sql_name="local_rates",
    )


def _points(found: Sequence[Row], measures: Sequence[str], place: Any) -> list[dict[str, Any]]:
    return [
        {
            "x": place(row),
            "measure": row["measure_label"],
            "rate": round(row["rate"].value, 1),
            "low": round(row["rate"].ci_low, 1),
            "high": round(row["rate"].ci_high, 1),
        }
        for row in found
        if row["measure"] in measures
        and row["timing"] == "incidence"
        and row["rate"].value is not None
    ]


def _lines(
    data: LocalData,
    points: Sequence[Mapping[str, Any]],
    x: Mapping[str, Any],
    *,
    name: str,
    title: str,
    caption: str,
    sql_name: str,
) -> Figure:
    labels = list(dict.fromkeys(point["measure"] for point in points))
    colour = {
        "field": "measure",
        "type": "nominal",
        "scale": {"domain": labels, "range": list(COLOURS[: len(labels)])},
        "legend": {"title": None, "orient": "top", "columns": 1, "labelLimit": 320},
    }
    rate = "Per 10,000 children"
    tips = [
        {"field": "measure", "title": "Intervention"},
        {"field": "x", "title": "Tenth" if "decile" in name else "Year"},
        *(tip(field, words) for field, words in (("rate", rate), ("low", "from"), ("high", "to"))),
    ]
    layers = [
        layer(points, {"type": "line", "strokeWidth": 1.5, "opacity": 0.55}, x=x,
              y=quantity("rate", rate), color=colour),
        layer(points, {"type": "rule", "strokeWidth": 2, "opacity": 0.6}, x=x,
              y=quantity("low", rate), y2={"field": "high"}, color=colour),
        layer(points, {"type": "circle", "size": 80, "opacity": 1, "stroke": "#fff"}, x=x,
              y=quantity("rate", rate), color=colour, tooltip=tips),
    ]  # fmt: skip
    return Figure(
        name=name,
        number="Figure",
        title=title,
        caption=caption,
        alt=f"{title}: {', '.join(labels)}.",
        spec=finished(layers, synthetic=data.synthetic),
        columns=("", "Intervention", "Per 10,000", "Limits"),
        rows=tuple(
            (str(p["x"]), p["measure"], f"{p['rate']:,.1f}", f"{p['low']:,.1f}–{p['high']:,.1f}")
            for p in points
        ),
        sql_name=sql_name,
    )
