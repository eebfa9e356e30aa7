"""What the pages of single authorities say: rates against England, gradients, likeness, quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from publish_py.protect import ENGLAND, Protected, ProtectedCell
from publish_py.source import SiteData

ALIKE_IN_DEPRIVATION = 5
LISTED_MEASURES = ("referral", "cin", "cp_plan")
TIMINGS = {"incidence": "in the year", "prevalence": "on 31 March"}
STRATUM_TITLES = {
    "age": "age",
    "ethnicity": "ethnic group",
    "category": "category of abuse",
    "source": "source of referral",
    "factor": "factor at assessment",
}

Row = Mapping[str, Any]
NONE = Protected(None)


@dataclass(frozen=True)
class Strip:
    """Where a rate lies among all authorities: positions from 0 to 100 along a line."""

    low: float
    quarter: float
    median: float
    three_quarters: float
    high: float
    own: float
    words: str


@dataclass(frozen=True)
class RateView:
    """A rate of an authority beside England's."""

    measure: str
    timing: str
    label: str
    count: Protected
    population: float | None
    rate: Protected
    england: Protected
    ratio: float | None
    strip: Strip | None

    @property
    def is_listed(self) -> bool:
        """Whether the list of authorities has a column for it."""
        return self.timing == "incidence" and self.measure in LISTED_MEASURES


@dataclass(frozen=True)
class GradientView:
    """An authority's gradient for one measure; `reason` says why there is none."""

    measure: str
    label: str
    own: Protected
    shrunken: Protected
    england: Protected
    reason: str


@dataclass(frozen=True)
class AlikeView:
    """Another authority held beside this one."""

    la_code: str
    la_name: str
    how: str
    income_pct: float | None
    rate: Protected
    gradients: tuple[GradientView, ...]


@dataclass(frozen=True)
class StrataView:
    """Rates of one kind of strata: a line a stratum, a column a measure."""

    title: str
    measures: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Protected, ...]], ...]


@dataclass(frozen=True)
class AuthorityView:
    """One authority, ready to print."""

    la: Row
    n_ranked: int
    rates: tuple[RateView, ...]
    strata: tuple[StrataView, ...]
    gradients: tuple[GradientView, ...]
    alike: tuple[AlikeView, ...]
    alike_are_neighbours: bool
    match: Protected
    match_england: Protected
    ledger: tuple[Row, ...]
    broken_rules: tuple[Row, ...]

    @property
    def file(self) -> str:
        """Place of the page below the site's folder."""
        return f"la/{self.la['la_code']}.html"


def authority_views(data: SiteData) -> tuple[AuthorityView, ...]:
    """Return every authority of the year that the rates count, in the order of names."""
    board = _Board(data)
    return tuple(_view(board, la) for la in data.las if la["is_study_la"])


class _Board:
    """Lookups over the protected data that every page needs."""

    def __init__(self, data: SiteData) -> None:
        self.data = data
        self.las: dict[str, Row] = {la["la_code"]: la for la in data.las if la["is_study_la"]}
        self.england = {_rate_key(row): row for row in data.la_rates if row["area"] == ENGLAND}
        self.rates: dict[str, list[Row]] = {code: [] for code in self.las}
        for row in data.la_rates:
            if row["area"] in self.rates:
                self.rates[row["area"]].append(row)
        self.shown = _shown_rates(data.la_rates)
        self.gradients = {
            (measure, row["la_code"]): row
            for measure, found in data.gradients.items()
            for row in found.rows
        }
        self.irr = {
            cell.row_label: cell
            for cell in data.cells
            if cell.table_no == "2" and cell.statistic == "irr"
        }
        self.broken_rules = _rules_by_area(data.validation)
        self.matches = {
            row["category_code"]: row["match_pct"]
            for row in data.match_rates
            if row["breakdown"] in ("la", "all")
        }


def _rules_by_area(found: Sequence[Row]) -> dict[str, list[Row]]:
    areas: dict[str, list[Row]] = {}
    for row in found:
        areas.setdefault(row["area"], []).append(row)
    return areas


def _rate_key(row: Row) -> tuple[str, str, str, str]:
    return row["measure"], row["timing"], row["stratum_type"], row["stratum"]


def _shown_rates(found: Sequence[Row]) -> dict[tuple[str, str, str, str], list[float]]:
    """Return the rates of authorities that may be shown, sorted, by what they are rates of."""
    shown: dict[tuple[str, str, str, str], list[float]] = {}
    for row in found:
        if row["area"] != ENGLAND and row["rate"].value is not None:
            shown.setdefault(_rate_key(row), []).append(row["rate"].value)
    return {key: sorted(values) for key, values in shown.items()}


def _view(board: _Board, la: Row) -> AuthorityView:
    code = la["la_code"]
    neighbours = board.data.neighbours.get(code, ())
    others = [
        (row["neighbour_la_code"], row["closeness"])
        for row in neighbours
        if row["neighbour_la_code"] in board.las
    ]
    return AuthorityView(
        la=la,
        n_ranked=sum(one["income_rank"] is not None for one in board.las.values()),
        rates=tuple(_rate(board, row) for row in board.rates[code] if row["stratum_type"] == "all"),
        strata=_strata(board.rates[code]),
        gradients=gradients(board, code),
        alike=tuple(_alike(board, *one) for one in (others or _alike_in_deprivation(board, la))),
        alike_are_neighbours=bool(others),
        match=board.matches.get(code, NONE),
        match_england=board.matches.get("all", NONE),
        ledger=board.data.la_ledger.get(code, ()),
        broken_rules=tuple(board.broken_rules.get(la["la_name"], ())),
    )


def _rate(board: _Board, row: Row) -> RateView:
    england = board.england[_rate_key(row)]
    own, whole = row["rate"].value, england["rate"].value
    return RateView(
        measure=row["measure"],
        timing=row["timing"],
        label=f"{row['measure_label']}, {TIMINGS[row['timing']]}",
        count=row["count"],
        population=row["denominator"],
        rate=row["rate"],
        england=england["rate"],
        ratio=None if own is None or not whole else own / whole,
        strip=_strip(own, board.shown.get(_rate_key(row), [])),
    )


def _strip(own: float | None, shown: Sequence[float]) -> Strip | None:
    """Return where a rate lies among those shown; None where there is nothing to compare."""
    if own is None or len(shown) < 2 or shown[0] == shown[-1]:
        return None
    low, high = shown[0], shown[-1]

    def place(value: float) -> float:
        return 100.0 * (value - low) / (high - low)

    above = sum(value > own for value in shown)
    return Strip(
        0.0,
        place(_quantile(shown, 0.25)),
        place(_quantile(shown, 0.5)),
        place(_quantile(shown, 0.75)),
        100.0,
        place(own),
        f"{above + 1} of {len(shown)} from the highest",
    )


def _quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile of sorted values, linear between neighbours."""
    at = share * (len(values) - 1)
    below = int(at)
    above = min(below + 1, len(values) - 1)
    return values[below] + (at - below) * (values[above] - values[below])


def _strata(rows: Sequence[Row]) -> tuple[StrataView, ...]:
    views = []
    for kind in dict.fromkeys(row["stratum_type"] for row in rows):
        of_kind = [row for row in rows if row["stratum_type"] == kind and row["denominator"]]
        if kind == "all" or not of_kind:
            continue
        labels = dict.fromkeys(row["stratum_label"] for row in of_kind)
        columns = dict.fromkeys((row["measure_label"], row["timing"]) for row in of_kind)
        found = {
            (row["stratum_label"], (row["measure_label"], row["timing"])): row["rate"]
            for row in of_kind
        }
        views.append(
            StrataView(
                title=STRATUM_TITLES.get(kind, kind),
                measures=tuple(f"{label}, {TIMINGS[timing]}" for label, timing in columns),
                rows=tuple(
                    (label, tuple(found.get((label, column), NONE) for column in columns))
                    for label in labels
                ),
            )
        )
    return tuple(views)


def gradients(board: _Board, code: str) -> tuple[GradientView, ...]:
    """Return an authority's gradients, in the order of the thresholds."""
    views = []
    for line in board.data.gradient_lines:
        measure = line["measure"]
        row = board.gradients.get((measure, code))
        reason = board.data.gradient_reasons.get((measure, code), "this run has no such gradient")
        views.append(
            GradientView(
                measure=measure,
                label=line["measure_label"],
                own=NONE if row is None else Protected(row["irr"], row["ci_low"], row["ci_high"]),
                shrunken=NONE
                if row is None
                else Protected(row["shrunken_irr"], row["shrunken_low"], row["shrunken_high"]),
                england=_england(board.irr.get(line["report_label"])),
                reason="" if row is not None else reason,
            )
        )
    return tuple(views)


def _england(cell: ProtectedCell | None) -> Protected:
    return NONE if cell is None else cell.estimate


def _alike_in_deprivation(board: _Board, la: Row) -> list[tuple[str, str]]:
    """Return the authorities nearest in income deprivation, for want of DfE's neighbours."""
    own = la["la_income_pct"]
    if own is None:
        return []
    others = [
        one
        for one in board.las.values()
        if one["la_code"] != la["la_code"] and one["la_income_pct"] is not None
    ]
    others.sort(key=lambda one: (abs(one["la_income_pct"] - own), one["la_code"]))
    return [
        (one["la_code"], f"{one['la_income_pct'] - own:+.1f} points".replace("-", "−"))
        for one in others[:ALIKE_IN_DEPRIVATION]
    ]


def _alike(board: _Board, code: str, how: str | None) -> AlikeView:
    la = board.las[code]
    referral = next(
        (row["rate"] for row in board.rates[code] if _rate_key(row) == HEADLINE_RATE), NONE
    )
    return AlikeView(
        la_code=code,
        la_name=la["la_name"],
        how=how or "",
        income_pct=la["la_income_pct"],
        rate=referral,
        gradients=gradients(board, code),
    )


HEADLINE_RATE = ("referral", "incidence", "all", "all")
