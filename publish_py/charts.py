"""Figures as Vega-Lite charts: one specification, drawn in the page and saved as SVG and PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
INK, MUTED, BLUE, RUST, RULE = "#1f2933", "#5c6773", "#1d5b8f", "#a3471b", "#d9dee3"
WIDTH, HEIGHT = 640, 380
PNG_SCALE = 1.5
# vl-convert draws with the fonts that it brings: a stack that ends in one of them
FONT = "system-ui, Segoe UI, Helvetica Neue, Arial, Liberation Sans, sans-serif"
# of series, told apart in grey and by the colour-blind
COLOURS = (BLUE, "#d98a2b", "#5b3a78", "#2f8f6b")
SYNTHETIC = ("SYNTHETIC data", "drawn from a model, not from children")


@dataclass(frozen=True)
class Figure:
    """One chart with its words.

    Attributes
    ----------
    name
        File name without extension.
    number, title, caption
        What the page prints; `alt` is for those who cannot see it.
    spec
        Vega-Lite as a dictionary, with a fixed width.
    columns, rows
        The protected numbers under it: headings, and texts by row.
    sql_name
        Which query is shown beneath it.
    """

    name: str
    number: str
    title: str
    caption: str
    alt: str
    spec: Mapping[str, Any]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sql_name: str

    def svg(self) -> str:
        """Return the chart as SVG."""
        import vl_convert as vlc  # noqa: PLC0415 (only where pictures are made)

        return str(vlc.vegalite_to_svg(dict(self.spec)))

    def png(self, svg: str) -> bytes:
        """Return the chart, drawn as SVG, as PNG of half as many pixels again."""
        import vl_convert as vlc  # noqa: PLC0415

        return bytes(vlc.svg_to_png(svg, scale=PNG_SCALE))

    def page_spec(self) -> dict[str, Any]:
        """Return the specification that takes the width of its place in the page."""
        return {
            **self.spec,
            "width": "container",
            "autosize": {"type": "fit-x", "contains": "padding"},
        }


def figure_02(
    bands: Sequence[Mapping[str, Any]], line: Mapping[str, Any], *, synthetic: bool
) -> Figure:
    """Draw Figure 2: referral rate by neighbourhood deprivation, with the straight line."""
    points = [
        {
            "income": round(band["income_pct_mean"], 2),
            "rate": round(band["rate_per_10k"], 1),
            "lsoas": band["n_lsoas"],
        }
        for band in bands
    ]
    slope = _slope(line)
    return Figure(
        name="figure_02",
        number="Figure 2",
        title="Referral rate by neighbourhood income deprivation",
        caption=(
            "Each point is a band of 2.5 percentage points; its area is the number of "
            f"neighbourhoods. The line is least squares over all {line['n_lsoas']:,} of them. "
            f"{slope}"
        ),
        alt=f"Referral rates rise with neighbourhood income deprivation. {slope}",
        spec=finished(_band_layers(points, line), synthetic=synthetic),
        columns=("Income deprivation (%)", "Neighbourhoods", "Referrals per 10,000"),
        rows=tuple((f"{p['income']:.1f}", f"{p['lsoas']:,}", f"{p['rate']:,.1f}") for p in points),
        sql_name="2",
    )


def _band_layers(
    points: Sequence[Mapping[str, Any]], line: Mapping[str, Any]
) -> list[dict[str, Any]]:
    x = quantity("income", "Neighbourhood income deprivation (%)")
    x["scale"] = {
        "domain": [0, 5 * ceil((max((p["income"] for p in points), default=0.0) + 1) / 5)]
    }
    y = quantity("rate", "Referrals per 10,000 children")
    ends = [
        {"income": line[f"income_pct_{end}"], "rate": line[f"rate_at_{end}"]}
        for end in ("min", "max")
        if line["slope"] is not None
    ]
    size = {"field": "lsoas", "type": "quantitative", "scale": {"range": [30, 420]}, "legend": None}
    tips = [
        tip("income", "Mean income deprivation (%)", ".1f"),
        tip("rate", "Rate per 10,000"),
        tip("lsoas", "Neighbourhoods", ","),
    ]
    dots = {"type": "circle", "color": BLUE, "opacity": 0.85}
    return [
        layer(ends, {"type": "line", "color": RUST, "strokeWidth": 2}, x=x, y=y),
        layer(points, dots, x=x, y=y, size=size, tooltip=tips) | {"params": [zoom()]},
    ]


def _slope(line: Mapping[str, Any]) -> str:
    if line["slope"] is None:
        return f"No line: {line['reason']}."
    return (
        f"Absolute gradient: {line['slope']:,.0f} ({line['ci_low']:,.0f}–{line['ci_high']:,.0f}) "
        f"more referrals per 10,000 children for 10 percentage points; the line runs from "
        f"{line['rate_at_min']:,.0f} at {line['income_pct_min']:.0f} % to "
        f"{line['rate_at_max']:,.0f} at {line['income_pct_max']:.0f} % "
        "(the report's runs from 100 to 1,340)."
    )


def gradient_figure(
    number: int,
    gradients: Sequence[Mapping[str, Any]],
    line: Mapping[str, Any],
    *,
    synthetic: bool,
) -> Figure:
    """Draw Figure 5 or 6: each authority's own and shrunken gradient on its deprivation."""
    points = [
        {
            "la": row["la_name"],
            "income": round(row["la_income_pct"], 2),
            "irr": round(row["irr"], 3),
            "low": round(row["ci_low"], 3),
            "high": round(row["ci_high"], 3),
            "shrunken": None if row["shrunken_irr"] is None else round(row["shrunken_irr"], 3),
        }
        for row in gradients
    ]
    words = _gradient_words(points, line)
    return Figure(
        name=f"figure_{number:02d}_{line['measure']}",
        number=f"Figure {number}",
        title=f"{line['measure_label']}: the social gradient of each local authority",
        caption=(
            "Rate ratio for 10 percentage points of neighbourhood income deprivation: filled, from "
            "a Poisson model of the authority alone, with its interval; hollow, shrunken by the "
            f"model of all authorities. {words}"
        ),
        alt=f"Gradients of single authorities against their income deprivation. {words}",
        spec=finished(_gradient_layers(points, line), synthetic=synthetic),
        columns=(
            *("Local authority", "LA income deprivation (%)", "Gradient", "95 % interval"),
            "Shrunken",
        ),
        rows=tuple(
            (
                *(p["la"], f"{p['income']:.1f}", f"{p['irr']:.2f}"),
                f"{p['low']:.2f}–{p['high']:.2f}",
                "" if p["shrunken"] is None else f"{p['shrunken']:.2f}",
            )
            for p in points
        ),
        sql_name="5",
    )


def _gradient_layers(
    points: Sequence[Mapping[str, Any]], line: Mapping[str, Any]
) -> list[dict[str, Any]]:
    top = max((point["irr"] for point in points), default=2.0)
    scale = {"type": "log", "domain": [0.7, max(4.0, 1.15 * min(top, 8.0))]}
    axis = {"values": [0.7, 1, 1.5, 2, 3, 4, 6, 10], "format": "~g"}
    x = quantity("income", "LA income deprivation (%)", zero=False)

    def ratio(field: str, title: str = "") -> dict[str, Any]:
        return quantity(field, title) | {"scale": scale, "axis": axis | {"title": title}}

    y = ratio("irr", "Social gradient (rate ratio)")
    tips = [
        {"field": "la", "title": "Local authority"},
        tip("income", "Income deprivation (%)", ".1f"),
        *(tip(field, title, ".2f") for field, title in _GRADIENT_TIPS),
    ]
    dots = {"type": "circle", "color": BLUE, "opacity": 0.9, "size": 34}
    shrunken = [point for point in points if point["shrunken"] is not None]
    return [
        layer([{"irr": 1}], {"type": "rule", "color": MUTED, "strokeDash": [4, 3]}, y=y),
        layer(
            points,
            {"type": "rule", "color": BLUE, "opacity": 0.25, "strokeWidth": 1.2},
            x=x,
            y=ratio("low"),
            y2={"field": "high"},
        ),
        layer(
            shrunken,
            {"type": "point", "color": INK, "size": 26, "opacity": 0.6},
            x=x,
            y=ratio("shrunken"),
        ),
        layer(points, dots, x=x, y=y, tooltip=tips) | {"params": [zoom()]},
        layer(_path(points, line), {"type": "line", "color": RUST, "strokeWidth": 2}, x=x, y=y),
    ]


_GRADIENT_TIPS = (
    *(("irr", "Own gradient"), ("low", "Interval from"), ("high", "to")),
    ("shrunken", "Shrunken gradient"),
)


def _path(points: Sequence[Mapping[str, Any]], line: Mapping[str, Any]) -> list[dict[str, float]]:
    """Return the straight line as points, since the axis of ratios is a log scale."""
    if line["slope"] is None or not points:
        return []
    low = min(point["income"] for point in points)
    high = max(point["income"] for point in points)
    incomes = [low + step * (high - low) / 24 for step in range(25)]
    found = [(at, line["intercept"] + line["slope"] * at / 10.0) for at in incomes]
    return [{"income": at, "irr": irr} for at, irr in found if irr > 0]


def _gradient_words(points: Sequence[Mapping[str, Any]], line: Mapping[str, Any]) -> str:
    if not points or line["mean_irr"] is None:
        return "No authority has enough events for a gradient of its own."
    low = min(point["irr"] for point in points)
    high = max(point["irr"] for point in points)
    words = f"Mean {line['mean_irr']:.2f}, range of those shown {low:.2f}–{high:.2f}"
    if line["published_mean"] is not None:
        words += (
            f" (report: {line['published_mean']:.2f}, {line['published_low']:.1f}–"
            f"{line['published_high']:.1f})"
        )
    if line["slope"] is None:
        return f"{words}. No line: {line['reason']}."
    slope, low_slope, high_slope = (
        f"{line[name]:+.2f}".replace("-", "\u2212") for name in ("slope", "ci_low", "ci_high")
    )
    return (
        f"{words}. The line: {slope} ({low_slope} to {high_slope}) for 10 points of "
        "LA income deprivation."
    )


# Ctrl and wheel zoom, so that a page scrolls over a chart; a finger scrolls, a mouse drags.
_DRAG = "[pointerdown[event.pointerType !== 'touch'], window:pointerup] > window:pointermove!"


def zoom(channels: Sequence[str] = ("x", "y")) -> dict[str, Any]:
    """Return the parameter that lets the scales of these channels be zoomed and moved."""
    return {
        "name": "zoom",
        "select": {
            "type": "interval",
            "encodings": list(channels),
            "zoom": "wheel![event.ctrlKey]",
            "translate": _DRAG,
            "clear": "dblclick",
        },
        "bind": "scales",
    }


def quantity(field: str, title: str, *, zero: bool = True) -> dict[str, Any]:
    """Return a channel of numbers."""
    return {"field": field, "type": "quantitative", "title": title, "scale": {"zero": zero}}


def layer(
    values: Sequence[Mapping[str, Any]], mark: Mapping[str, Any], **encoding: Any
) -> dict[str, Any]:
    """Return one layer over literal rows; nothing is drawn outside the frame."""
    return {
        "data": {"values": list(values)},
        "mark": {**mark, "clip": True},
        "encoding": dict(encoding),
    }


def tip(field: str, title: str, form: str = ",.1f") -> dict[str, Any]:
    """Return one line of what a point says when it is pointed at."""
    return {"field": field, "type": "quantitative", "title": title, "format": form}


def finished(layers: Sequence[Mapping[str, Any]], *, synthetic: bool) -> dict[str, Any]:
    """Return a whole Vega-Lite specification, in the site's style, marked where SYNTHETIC."""
    heading = {
        "text": SYNTHETIC[0],
        "subtitle": SYNTHETIC[1],
        "anchor": "start",
        "color": RUST,
        "subtitleColor": RUST,
        "fontSize": 13,
        "fontWeight": "bold",
        "offset": 10,
    }
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": HEIGHT,
        **({"title": heading} if synthetic else {}),
        "layer": list(layers),
        "config": {
            "font": FONT,
            "background": "#ffffff",
            "padding": 8,
            "view": {"stroke": None},
            "axis": {
                "labelColor": MUTED,
                "titleColor": INK,
                "gridColor": "#eceff2",
                "domainColor": RULE,
                "tickColor": RULE,
                "labelFontSize": 12,
                "titleFontSize": 12.5,
                "titleFontWeight": "normal",
                "titlePadding": 10,
                "tickCount": 7,
            },
            "legend": {"labelFontSize": 12, "labelColor": INK, "symbolOpacity": 1},
        },
    }
