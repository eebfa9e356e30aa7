"""Maps of local authorities as equal hexagons: geometry, classes and words of each tile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

from publish_py.authorities import AuthorityView, GradientView, RateView
from publish_py.protect import Protected
from publish_py.tables import number

# light to dark, each step apart in lightness: readable in grey and by the colour-blind
COLOURS = ("#dbe9f4", "#aacbe4", "#6ba3cf", "#2f76ad", "#11456f")
NO_VALUE = "#ffffff"
SIZE = 18.0  # from the middle of a tile to a corner
WIDTH, ROW = SIZE * 3**0.5, SIZE * 1.5
MARGIN = 4.0

Row = Mapping[str, Any]
Finder = Callable[[AuthorityView], tuple[Protected, str]]


@dataclass(frozen=True)
class Tile:
    """One hexagon: its corners, its colour, and what it says."""

    la_code: str
    la_name: str
    points: str
    colour: str
    is_hatched: bool
    words: str


@dataclass(frozen=True)
class LegendClass:
    """A colour and the values that it stands for."""

    colour: str
    words: str


@dataclass(frozen=True)
class HexMap:
    """One map, ready to draw.

    Attributes
    ----------
    name
        File name without extension.
    title, unit
        What is mapped, and in what unit.
    borders
        Lines between tiles of different regions, as an SVG path.
    absent
        Authorities without a place on the map.
    """

    name: str
    title: str
    unit: str
    width: float
    height: float
    tiles: tuple[Tile, ...]
    borders: str
    legend: tuple[LegendClass, ...]
    absent: tuple[str, ...]
    n_withheld: int

    @property
    def alt(self) -> str:
        """The map in a sentence."""
        classes = "; ".join(one.words for one in self.legend)
        return f"Map of {len(self.tiles)} authorities as hexagons: {self.title}. {classes}"


@dataclass(frozen=True)
class _Theme:
    """What one map shows: names, how its values are printed, and where they come from."""

    name: str
    title: str
    unit: str
    kind: str
    value_of: Finder


def la_maps(views: Sequence[AuthorityView]) -> tuple[HexMap, ...]:
    """Return a map for each rate, each gradient and for income deprivation."""
    if not any(view.la["tile_col"] is not None for view in views):
        return ()
    rates = (
        _Theme(
            f"map_{rate.measure}_{rate.timing}",
            rate.label,
            "per 10,000 children",
            "rate",
            _rate_at(at),
        )
        for at, rate in enumerate(views[0].rates)
    )
    gradients = (
        _Theme(
            f"map_gradient_{one.measure}",
            f"{one.label}: social gradient",
            "rate ratio for 10 points of income deprivation",
            "ratio",
            _gradient_of(one.measure),
        )
        for one in views[0].gradients
    )
    income = _Theme("map_income", "Income deprivation", "% of residents", "percent", _income)
    return tuple(_map(theme, views) for theme in (*rates, *gradients, income))


def _rate_at(at: int) -> Finder:
    def found(view: AuthorityView) -> tuple[Protected, str]:
        rate: RateView = view.rates[at]
        return rate.rate, rate.rate.reason

    return found


def _gradient_of(measure: str) -> Finder:
    def found(view: AuthorityView) -> tuple[Protected, str]:
        one: GradientView = next(one for one in view.gradients if one.measure == measure)
        return one.own, one.reason

    return found


def _income(view: AuthorityView) -> tuple[Protected, str]:
    return Protected(view.la["la_income_pct"]), ""


def _map(theme: _Theme, views: Sequence[AuthorityView]) -> HexMap:
    placed = [view for view in views if view.la["tile_col"] is not None]
    values = {view.la["la_code"]: theme.value_of(view) for view in placed}
    shown = sorted(one.value for one, _ in values.values() if one.value is not None)
    limits = class_limits(shown)
    left, top = _origin(placed)
    tiles = tuple(
        _tile(view, values[view.la["la_code"]], theme.kind, limits, (left, top)) for view in placed
    )
    xs, ys = zip(*(_middle(view.la, (left, top)) for view in placed), strict=True)
    return HexMap(
        name=theme.name,
        title=theme.title,
        unit=theme.unit,
        width=max(xs) + WIDTH / 2 + MARGIN,
        height=max(ys) + SIZE + MARGIN,
        tiles=tiles,
        borders=_borders([view.la for view in placed], (left, top)),
        legend=_legend(shown, limits, theme.kind),
        absent=tuple(view.la["la_name"] for view in views if view.la["tile_col"] is None),
        n_withheld=sum(one.value is None for one, _ in values.values()),
    )


def class_limits(shown: Sequence[float]) -> tuple[float, ...]:
    """Return the values where the next class begins: fifths of the authorities shown."""
    n_classes = len(COLOURS)
    if len(shown) < 2 * n_classes:
        return ()
    limits = (shown[round(at * len(shown) / n_classes)] for at in range(1, n_classes))
    return tuple(dict.fromkeys(limits))


def _class(value: float, limits: Sequence[float]) -> int:
    step = sum(value >= limit for limit in limits)
    return step if len(limits) == len(COLOURS) - 1 else min(step + 2, len(COLOURS) - 1)


def _legend(shown: Sequence[float], limits: Sequence[float], kind: str) -> tuple[LegendClass, ...]:
    if not shown:
        return ()
    starts, ends = [shown[0], *limits], [*limits, shown[-1]]
    return tuple(
        LegendClass(COLOURS[_class(start, limits)], f"{number(start, kind)} to {number(end, kind)}")
        for start, end in zip(starts, ends, strict=True)
    )


def _tile(
    view: AuthorityView,
    found: tuple[Protected, str],
    kind: str,
    limits: Sequence[float],
    origin: tuple[float, float],
) -> Tile:
    value, reason = found
    x, y = _middle(view.la, origin)
    text = f"{number(value.value, kind)}" if value.value is not None else f"not shown: {reason}"
    if value.value is not None and value.ci_low is not None and value.ci_high is not None:
        text += f" ({number(value.ci_low, kind)}–{number(value.ci_high, kind)})"
    corners = ((x + SIZE * sin(pi * at / 3), y - SIZE * cos(pi * at / 3)) for at in range(6))
    return Tile(
        la_code=view.la["la_code"],
        la_name=view.la["la_name"],
        points=" ".join(f"{px:.1f},{py:.1f}" for px, py in corners),
        colour=NO_VALUE if value.value is None else COLOURS[_class(value.value, limits)],
        is_hatched=value.value is None,
        words=f"{view.la['la_name']}, {view.la['region_name']}: {text}",
    )


def _origin(placed: Sequence[AuthorityView]) -> tuple[float, float]:
    """Return the leftmost column and the northernmost row that are used."""
    return (
        min(view.la["tile_col"] for view in placed),
        max(view.la["tile_row"] for view in placed),
    )


def _middle(la: Row, origin: tuple[float, float]) -> tuple[float, float]:
    """Return a tile's middle in the drawing: odd rows half a tile right, row 0 at the foot."""
    left, top = origin
    shift = 0.5 if la["tile_row"] % 2 else 0.0
    return (
        MARGIN + WIDTH * (la["tile_col"] - left + shift + 0.5),
        MARGIN + SIZE + ROW * (top - la["tile_row"]),
    )


# corner numbers, clockwise from the top, of the edge towards each neighbour
_EDGES = {"ne": (0, 1), "e": (1, 2), "se": (2, 3)}


def _borders(las: Sequence[Row], origin: tuple[float, float]) -> str:
    """Return the edges between tiles of different regions, each drawn once."""
    region = {(la["tile_col"], la["tile_row"]): la["region_name"] for la in las}
    parts = []
    for la in las:
        col, row = la["tile_col"], la["tile_row"]
        east = col + (1 if row % 2 else 0)
        beside = {"ne": (east, row + 1), "e": (col + 1, row), "se": (east, row - 1)}
        x, y = _middle(la, origin)
        for way, place in beside.items():
            if region.get(place, la["region_name"]) != la["region_name"]:
                ends = [
                    (x + SIZE * sin(pi * at / 3), y - SIZE * cos(pi * at / 3)) for at in _EDGES[way]
                ]
                parts.append(
                    f"M{ends[0][0]:.1f} {ends[0][1]:.1f}L{ends[1][0]:.1f} {ends[1][1]:.1f}"
                )
    return "".join(parts)
