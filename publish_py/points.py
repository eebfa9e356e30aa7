"""Figures 3, 4, 7, 8 and the curves: Vega-Lite from protected points and `figures.yml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common_py.yaml_text import from_yaml
from publish_py.charts import COLOURS, MUTED, Figure, finished, layer, quantity, tip, zoom

FILE = Path(__file__).with_name("figures.yml")
#: What a legend holds on one line of a phone.
LEGEND_LETTERS = 36

Row = Mapping[str, Any]


@dataclass(frozen=True)
class FigureSpec:
    """One entry of `figures.yml`."""

    figure_no: str
    kind: str
    name: str
    title: str
    caption: str
    x: str
    y: str
    series: Mapping[str, str]


def load_figures(file: Path = FILE) -> tuple[FigureSpec, ...]:
    """Read what the figures show."""
    content = from_yaml(file.read_text(encoding="utf-8"))
    return tuple(FigureSpec(**entry) for entry in content)


def point_figures(
    points: Sequence[Row], lines: Sequence[Row], *, synthetic: bool
) -> tuple[Figure, ...]:
    """Return a figure an entry and measure, those that have points."""
    figures = []
    for spec in load_figures():
        of_spec = [row for row in points if row["figure_no"] == spec.figure_no]
        for measure in dict.fromkeys(row["measure"] for row in of_spec):
            rows = [row for row in of_spec if row["measure"] == measure and row["y"] is not None]
            own = [
                row
                for row in lines
                if (row["figure_no"], row["measure"]) == (spec.figure_no, measure)
            ]
            if rows:
                figures.append(_figure(spec, measure, rows, own, synthetic=synthetic))
    return tuple(figures)


def _figure(
    spec: FigureSpec, measure: str, rows: Sequence[Row], lines: Sequence[Row], *, synthetic: bool
) -> Figure:
    label = rows[0]["measure_label"]
    named = [name for name in spec.series if any(row["series"] == name for row in rows)]
    values = [_value(spec, row) for row in rows if row["series"] in named]
    layers = {"scatter": _scatter, "deciles": _deciles, "curves": _curves}[spec.kind]
    drawing = _Drawing(spec, values, lines, named, label)
    ordered = sorted(
        (row for row in lines if row["series"] in named), key=lambda row: named.index(row["series"])
    )
    words = " ".join(_line_words(spec, row) for row in ordered)
    number = spec.figure_no.zfill(2) if spec.figure_no.isdigit() else spec.figure_no
    return Figure(
        name=f"{'figure_' if spec.figure_no.isdigit() else ''}{number}_{measure}",
        number=spec.name,
        title=f"{label}: {spec.title[0].lower()}{spec.title[1:]}",
        caption=" ".join(part for part in (spec.caption.strip(), words) if part),
        alt=" ".join(part for part in (f"{label}. {spec.title}.", words) if part),
        spec=finished(layers(drawing), synthetic=synthetic),
        columns=_columns(spec),
        rows=tuple(_texts(spec, value) for value in values),
        sql_name=spec.figure_no,
    )


def _value(spec: FigureSpec, row: Row) -> dict[str, Any]:
    """Return what the chart holds of a point: rounded, as it is printed."""
    found = {
        "series": spec.series[row["series"]],
        "place": row["place_name"],
        "x": None if row["x"] is None else round(row["x"], 2),
        "y": round(row["y"], 1),
        "far": bool(row["is_extrapolated"]),
        "areas": row["n_areas"],
    }
    if row["ci_low"] is not None and row["ci_high"] is not None:
        found |= {"low": round(row["ci_low"], 1), "high": round(row["ci_high"], 1)}
    if spec.kind == "deciles":
        found["x"] = "All" if row["place"] == "all" else row["place"]
    return found


def _line_words(spec: FigureSpec, row: Row) -> str:
    name = spec.series[row["series"]]
    if row["slope"] is None:
        return f"{name}: no line, {row['reason']}."
    slope, low, high = (
        f"{row[key]:+,.0f}".replace("-", "−") for key in ("slope", "ci_low", "ci_high")
    )
    return f"{name}: {slope} ({low} to {high}) for 10 points of LA income deprivation."


def _colour(spec: FigureSpec, named: Sequence[str]) -> dict[str, Any]:
    """Return the colour of each series; a legend only where there are several."""
    domain = [spec.series[name] for name in named]
    colours = [MUTED if name == "all" and len(named) > 1 else None for name in named]
    rest = iter(COLOURS)
    return {
        "field": "series",
        "type": "nominal",
        "scale": {"domain": domain, "range": [one or next(rest) for one in colours]},
        "legend": _legend(domain) if len(named) > 1 else None,
    }


def _legend(names: Sequence[str]) -> dict[str, Any]:
    """Return a legend above the chart: on two columns where a phone cannot hold one line."""
    is_long = sum(len(name) for name in names) > LEGEND_LETTERS
    return {"title": None, "orient": "top", "columns": 2 if is_long else len(names)}


def _tooltip(spec: FigureSpec, label: str) -> list[dict[str, Any]]:
    is_scatter = spec.kind == "scatter"
    return [
        {"field": "series", "title": "Neighbourhoods"},
        *([{"field": "place", "title": "Local authority"}] if is_scatter else []),
        {"field": "x", "title": spec.x} if spec.kind == "deciles" else tip("x", spec.x),
        tip("y", f"{label}: {spec.y}"),
        tip("low", "Interval from"),
        tip("high", "to"),
    ]


@dataclass(frozen=True)
class _Drawing:
    """What the layers of one figure share."""

    spec: FigureSpec
    values: Sequence[Row]
    lines: Sequence[Row]
    named: Sequence[str]
    label: str

    @property
    def y(self) -> dict[str, Any]:
        return quantity("y", f"{self.label}: {self.spec.y}")

    @property
    def colour(self) -> dict[str, Any]:
        return _colour(self.spec, self.named)

    @property
    def tooltip(self) -> list[dict[str, Any]]:
        return _tooltip(self.spec, self.label)


def _scatter(drawing: _Drawing) -> list[dict[str, Any]]:
    x, y, colour = quantity("x", drawing.spec.x, zero=False), drawing.y, drawing.colour
    ends = [
        {"series": drawing.spec.series[row["series"]], "x": at, "y": _on(row, at)}
        for row in drawing.lines
        if row["slope"] is not None and row["series"] in drawing.named
        for at in (row["x_min"], row["x_max"])
    ]
    whiskers = [value for value in drawing.values if "low" in value]
    span = {"y": quantity("low", ""), "y2": {"field": "high"}}
    dots = {"type": "circle", "size": 36, "opacity": 0.85}
    return [
        layer(whiskers, {"type": "rule", "opacity": 0.22}, x=x, color=colour, **span),
        layer(drawing.values, dots, x=x, y=y, color=colour, tooltip=drawing.tooltip)
        | {"params": [zoom()]},
        layer(ends, {"type": "line", "strokeWidth": 2}, x=x, y=y, color=colour),
    ]


def _on(line: Row, at: float) -> float:
    return float(line["intercept"] + line["slope"] * at / 10.0)


def _deciles(drawing: _Drawing) -> list[dict[str, Any]]:
    order = ["All", *(str(decile) for decile in range(1, 11))]
    shared = {
        "x": {"field": "x", "type": "ordinal", "title": drawing.spec.x, "sort": order}
        | {"axis": {"labelAngle": 0}},
        "xOffset": {
            "field": "series",
            "sort": [drawing.spec.series[name] for name in drawing.named],
        },
    }
    span = {"y": quantity("low", ""), "y2": {"field": "high"}, "color": {"value": "#1f2933"}}
    bars = layer(drawing.values, {"type": "bar"}, y=drawing.y, color=drawing.colour, **shared)
    bars["encoding"]["tooltip"] = drawing.tooltip
    return [
        bars | {"params": [zoom(("y",))]},
        layer(drawing.values, {"type": "rule", "opacity": 0.7}, **shared, **span),
    ]


def _curves(drawing: _Drawing) -> list[dict[str, Any]]:
    x, y, colour = quantity("x", drawing.spec.x, zero=False), drawing.y, drawing.colour
    dash = {
        "field": "far",
        "type": "nominal",
        "scale": {"domain": [False, True], "range": [[1, 0], [4, 3]]},
        "legend": None,
    }
    span = {"y": quantity("low", ""), "y2": {"field": "high"}}
    encoding = {"x": x, "y": y, "color": colour, "tooltip": drawing.tooltip}
    return [
        layer(drawing.values, {"type": "area", "opacity": 0.13}, x=x, color=colour, **span),
        layer(
            _joined(drawing.values),
            {"type": "line", "strokeWidth": 2},
            **encoding,
            strokeDash=dash,
            detail={"field": "piece"},
        )
        | {"params": [zoom()]},
    ]


def _joined(values: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the points of each curve in pieces of one kind, each begun where the last ends."""
    joined: list[dict[str, Any]] = []
    before: Row | None = None
    piece = 0
    for value in values:
        same = before is not None and before["series"] == value["series"]
        if before is None or not same or before["far"] != value["far"]:
            piece += 1
            if before is not None and same:
                joined.append({**before, "far": value["far"], "piece": piece})
        joined.append({**value, "piece": piece})
        before = value
    return joined


def _columns(spec: FigureSpec) -> tuple[str, ...]:
    first = {"scatter": ("Local authority",), "deciles": ("Decile",), "curves": ()}[spec.kind]
    x = () if spec.kind == "deciles" else (spec.x,)
    return (*first, "Neighbourhoods", *x, "Rate per 10,000", "Interval", "Number of neighbourhoods")


def _texts(spec: FigureSpec, value: Row) -> tuple[str, ...]:
    first = {"scatter": (value["place"],), "deciles": (value["x"],), "curves": ()}[spec.kind]
    x = () if spec.kind == "deciles" else (f"{value['x']:.1f}",)
    limits = f"{value['low']:,.1f}–{value['high']:,.1f}" if "low" in value else ""
    areas = "" if value["areas"] is None else f"{value['areas']:,}"
    return (*first, value["series"], *x, f"{value['y']:,.1f}", limits, areas)
