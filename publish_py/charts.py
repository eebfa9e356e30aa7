"""Figures as Vega-Lite charts: one specification, drawn in the page and saved as SVG and PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

INK, MUTED, BLUE, RUST, RULE = "#1f2933", "#5c6773", "#1d5b8f", "#a3471b", "#d9dee3"
WIDTH, HEIGHT = 640, 380
# vl-convert draws with the fonts that it brings: a stack that ends in one of them
FONT = "system-ui, Segoe UI, Helvetica Neue, Arial, Liberation Sans, sans-serif"
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
    """

    name: str
    number: str
    title: str
    caption: str
    alt: str
    spec: Mapping[str, Any]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def svg(self) -> str:
        """Return the chart as SVG."""
        import vl_convert as vlc  # noqa: PLC0415 (only where pictures are made)

        return str(vlc.vegalite_to_svg(dict(self.spec)))

    def png(self, svg: str) -> bytes:
        """Return the chart, drawn as SVG, as PNG at twice its size."""
        import vl_convert as vlc  # noqa: PLC0415

        return bytes(vlc.svg_to_png(svg, scale=2))

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
    layers: list[Any] = []
    if line["slope"] is not None:
        ends = [
            {"income": line["income_pct_min"], "rate": line["rate_at_min"]},
            {"income": line["income_pct_max"], "rate": line["rate_at_max"]},
        ]
        layers.append(
            _chart(ends)
            .mark_line(color=RUST, strokeWidth=2, clip=True)
            .encode(x="income:Q", y="rate:Q")
        )
    points = [
        {
            "income": round(band["income_pct_mean"], 2),
            "rate": round(band["rate_per_10k"], 1),
            "lsoas": band["n_lsoas"],
        }
        for band in bands
    ]
    layers.append(
        _zooming(_chart(points))
        .mark_circle(color=BLUE, opacity=0.85, clip=True)
        .encode(
            x=alt.X(
                "income:Q",
                title="Neighbourhood income deprivation (%)",
                axis=alt.Axis(tickCount=7),
            ),
            y=alt.Y("rate:Q", title="Referrals per 10,000 children", scale=alt.Scale(zero=True)),
            size=alt.Size(
                "lsoas:Q", title="Neighbourhoods", scale=alt.Scale(range=[30, 420]), legend=None
            ),
            tooltip=[
                alt.Tooltip("income:Q", title="Mean income deprivation (%)", format=".1f"),
                alt.Tooltip("rate:Q", title="Rate per 10,000", format=",.1f"),
                alt.Tooltip("lsoas:Q", title="Neighbourhoods", format=","),
            ],
        )
    )
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
        spec=_finished(alt.layer(*layers), synthetic),
        columns=("Income deprivation (%)", "Neighbourhoods", "Referrals per 10,000"),
        rows=tuple((f"{p['income']:.1f}", f"{p['lsoas']:,}", f"{p['rate']:,.1f}") for p in points),
    )


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


def figure_05(
    gradients: Sequence[Mapping[str, Any]], line: Mapping[str, Any], *, synthetic: bool
) -> Figure:
    """Draw Figure 5 for one measure: each authority's own gradient on its deprivation."""
    points = [
        {
            "la": row["la_name"],
            "income": round(row["la_income_pct"], 2),
            "irr": round(row["irr"], 3),
            "low": round(row["ci_low"], 3),
            "high": round(row["ci_high"], 3),
        }
        for row in gradients
    ]
    words = _gradient_words(points, line)
    label = line["measure_label"]
    return Figure(
        name=f"figure_05_{line['measure']}",
        number="Figure 5",
        title=f"{label}: the social gradient of each local authority",
        caption=(
            "Rate ratio for 10 percentage points of neighbourhood income deprivation, from a "
            f"Poisson model of the authority alone, with its interval. {words}"
        ),
        alt=f"Gradients of single authorities against their income deprivation. {words}",
        spec=_finished(_gradient_layers(points, line), synthetic),
        columns=("Local authority", "LA income deprivation (%)", "Gradient", "95 % interval"),
        rows=tuple(
            (p["la"], f"{p['income']:.1f}", f"{p['irr']:.2f}", f"{p['low']:.2f}–{p['high']:.2f}")
            for p in points
        ),
    )


def _gradient_layers(points: Sequence[Mapping[str, Any]], line: Mapping[str, Any]) -> Any:
    base = _chart(points).encode(
        x=alt.X(
            "income:Q",
            title="LA income deprivation (%)",
            scale=alt.Scale(zero=False),
            axis=alt.Axis(tickCount=7),
        ),
        tooltip=[
            alt.Tooltip("la:N", title="Local authority"),
            alt.Tooltip("income:Q", title="Income deprivation (%)", format=".1f"),
            alt.Tooltip("irr:Q", title="Gradient", format=".2f"),
            alt.Tooltip("low:Q", title="Interval from", format=".2f"),
            alt.Tooltip("high:Q", title="to", format=".2f"),
        ],
    )
    top = max((point["irr"] for point in points), default=2.0)
    scale = alt.Scale(type="log", domain=[0.7, max(4.0, 1.15 * top)])
    axis = alt.Axis(values=[0.7, 1, 1.5, 2, 3, 4, 6, 10], format="~g", tickCount=8)
    y = alt.Y("irr:Q", title="Social gradient (rate ratio)", scale=scale, axis=axis)
    one = _chart([{"irr": 1}]).mark_rule(color=MUTED, strokeDash=[4, 3], clip=True)
    layers: list[Any] = [
        one.encode(y=y),
        base.mark_rule(color=BLUE, opacity=0.25, strokeWidth=1.2, clip=True).encode(
            y=alt.Y("low:Q", scale=scale, title=""), y2="high:Q"
        ),
        _zooming(base).mark_circle(color=BLUE, opacity=0.9, size=34, clip=True).encode(y=y),
    ]
    if line["slope"] is not None and points:
        low = min(point["income"] for point in points)
        high = max(point["income"] for point in points)
        incomes = [low + step * (high - low) / 24 for step in range(25)]
        path = [
            {"income": income, "irr": line["intercept"] + line["slope"] * income / 10.0}
            for income in incomes
        ]
        layers.append(
            _chart(path).mark_line(color=RUST, strokeWidth=2, clip=True).encode(x="income:Q", y=y)
        )
    return alt.layer(*layers)


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


def _zooming(chart: Any) -> Any:
    """Return a layer whose scales can be zoomed and moved."""
    return chart.add_params(
        alt.selection_interval(
            name="zoom",
            bind="scales",
            zoom="wheel![event.ctrlKey]",
            translate=_DRAG,
            clear="dblclick",
        )
    )


def _chart(values: Sequence[Mapping[str, Any]]) -> Any:
    """Return a chart over literal rows."""
    return alt.Chart(alt.Data(values=list(values)))  # type: ignore[no-untyped-call]


def _finished(chart: Any, synthetic: bool) -> dict[str, Any]:
    properties: dict[str, Any] = {"width": WIDTH, "height": HEIGHT}
    if synthetic:
        properties["title"] = alt.TitleParams(
            SYNTHETIC[0],
            subtitle=SYNTHETIC[1],
            anchor="start",
            color=RUST,
            subtitleColor=RUST,
            fontSize=13,
            fontWeight="bold",
            offset=10,
        )
    finished = (
        chart.properties(**properties)
        .configure(font=FONT, background="#ffffff", padding=8)
        .configure_axis(
            labelColor=MUTED,
            titleColor=INK,
            gridColor="#eceff2",
            domainColor=RULE,
            tickColor=RULE,
            labelFontSize=12,
            titleFontSize=12.5,
            titleFontWeight="normal",
            titlePadding=10,
        )
        .configure_view(stroke=None)
    )
    # not validated here: vl-convert draws every one at once
    return dict(finished.to_dict(validate=False))
