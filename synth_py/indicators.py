"""The 22 indicators of authorities: drawn about income, rates and gradients as Tables 18, 19 print.

An indicator's score is a sum of four parts over the authorities that have it: income, what
rates have beyond income, what gradients have beyond income, and chance. Three weights meet six
printed figures as nearly as they can. Three indicators are not drawn: they are what places and
people say (`la_effects`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from synth_py import facts
from synth_py.config import CENSUS_YEAR, SynthConfig
from synth_py.facts import Published
from synth_py.geography import Geography, group_means, group_sums, rounded
from synth_py.la_effects import LA_INCOME, STATISTICS, log_rates
from synth_py.published_files import write_csv

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FILE = Path("la_indicators.csv")
MOST_MISSING = 0.08
FIRST_MISSING = 0.08
"""Authorities without a value come after the share whose going would move Table 18 most."""
FULL_BASE = float(np.log(1.145))
"""Income's coefficient beside an uncorrelated indicator from which no authority is missing."""


@dataclass(frozen=True)
class Indicators:
    """Values as the file has them.

    Attributes
    ----------
    names, rows
        Indicators and their rows of Tables 18 and 19.
    values
        (22, J) values, NaN where an authority has none.
    """

    names: tuple[str, ...]
    rows: tuple[str, ...]
    values: Floats

    def scores(self, geo: Geography) -> Floats:
        """Return z-scores over the study's authorities with a value, (22, J), NaN elsewhere."""
        kept = np.where(geo.la_modelled[None, :], self.values, np.nan)
        mean = np.nanmean(kept, axis=1, keepdims=True)
        scores: Floats = (kept - mean) / np.nanstd(kept, axis=1, ddof=1, keepdims=True)
        return scores


@dataclass(frozen=True)
class Rates:
    """What expected referrals say of the study's authorities.

    Attributes
    ----------
    income
        (J,) z-score.
    rate
        (J,) log rate.
    gradient, weight
        (J,) log gradient of x1 within the authority, and the information on it.
    """

    income: Floats
    rate: Floats
    gradient: Floats
    weight: Floats

    def of(self, part: Bools) -> Rates:
        """Return some of the authorities."""
        return Rates(self.income[part], self.rate[part], self.gradient[part], self.weight[part])


def la_gradients(events: Floats, geo: Geography) -> tuple[Floats, Floats]:
    """Return each authority's own log gradient of x1 (a Poisson GLM), and its information, (J,).

    Authorities whose LSOAs do not differ have gradient 0 and no information.
    """
    n = geo.la_number.size
    people = np.maximum(geo.people, 1e-12)
    gradient: Floats = np.zeros(n)
    info: Floats = np.zeros(n)
    total = np.bincount(geo.la, events, n)
    for _ in range(12):
        shape = people * np.exp(gradient[geo.la] * geo.x1)
        scale = total / np.bincount(geo.la, shape, n)
        mean = shape * scale[geo.la]
        centre = np.bincount(geo.la, mean * geo.x1, n) / np.maximum(total, 1e-12)
        away = geo.x1 - centre[geo.la]
        info = group_sums(mean * away**2, geo.la, n)
        step = np.bincount(geo.la, (events - mean) * geo.x1, n) / np.where(info > 1e-6, info, 1.0)
        gradient = gradient + np.where(info > 1e-6, np.clip(step, -0.5, 0.5), 0.0)
    return gradient, info


def measure(events: Floats, geo: Geography) -> Rates:
    """Return what expected referrals (n,) say of every authority."""
    gradient, weight = la_gradients(events, geo)
    return Rates(geo.la_income_z, log_rates(events, geo), gradient, weight)


def six_figures(score: Floats, about: Rates) -> Floats:
    """Return the coefficients of Tables 18 and 19 for a score (J,): three each, as `STATISTICS`.

    Rates weigh alike (their spread is the random intercept's), gradients by information.
    """
    alike = np.ones_like(score)
    found = []
    for y, weight in ((about.rate, alike), (about.gradient, about.weight)):
        root = np.sqrt(weight)
        columns = np.column_stack([alike, score, about.income]) * root[:, None]
        alone = np.linalg.lstsq(columns[:, :2], y * root, rcond=None)[0]
        both = np.linalg.lstsq(columns, y * root, rcond=None)[0]
        found += [alone[1], both[1], both[2]]
    return np.array(found)


def draw_indicators(
    config: SynthConfig, geo: Geography, report: Published, events: Floats, traits: Floats
) -> Indicators:
    """Draw every indicator about expected referrals (n,).

    Parameters
    ----------
    traits
        (3, J) percentages: residents aged 65 and over, children not White, rural LSOAs.
    """
    table = list(facts.read_rows(facts.HERE / "indicators.csv"))
    rng = config.stream("indicators")
    about = measure(events, geo)
    study = np.flatnonzero(geo.la_modelled)
    values = np.full((len(table), geo.la_number.size), np.nan)
    for i, row in enumerate(table):
        decimals = int(row["decimals"])
        if row["mean"]:
            wanted, half = _printed(report, row["row_label"])
            here = study[~_missing(about.of(geo.la_modelled), wanted)]
            part = np.isin(np.arange(geo.la_number.size), here)
            score = _score(rng, about.of(part), wanted, half)
            values[i, part] = rounded(float(row["mean"]) + float(row["sd"]) * score, decimals)
        else:
            values[i] = rounded(traits[i - len(table)], decimals)
    return Indicators(
        tuple(row["indicator"] for row in table), tuple(row["row_label"] for row in table), values
    )


def traits_in_percent(geo: Geography, minority: Floats) -> Floats:
    """Return the three indicators that places and people settle, in file order, (3, J)."""
    rural = group_means(geo.rural.astype(np.float64), geo.la)
    return 100.0 * np.stack([geo.elderly, minority, rural])


def _printed(report: Published, row: str) -> tuple[Floats, Floats]:
    """Return a row's six printed coefficients and their tolerances."""
    keys = [(table, row, name) for table in ("18", "19") for name in STATISTICS]
    ratio = np.array([report.value(*key) for key in keys])
    return np.log(ratio), np.array([report.half_unit(*key) for key in keys]) / ratio


def _missing(about: Rates, wanted: Floats) -> Bools:
    """Return which authorities have no value: those without whom income matters as printed.

    Table 18 prints income's effect as 1.13 beside indicators that hardly go with it, and as
    1.15 alone: such rows have fewer authorities (statistics, section 6).
    """
    alone, adjusted, income = wanted[:3]
    base = income + (alone - adjusted) / income * adjusted
    none = np.zeros(about.income.size, dtype=bool)
    if base >= FULL_BASE:
        return none
    centred = about.income - about.income.mean()
    slope = centred @ about.rate / (centred @ centred)
    pull = centred * (about.rate - about.rate.mean() - slope * centred)
    first = int(FIRST_MISSING * pull.size)
    order = np.argsort(-pull)[first : first + int(MOST_MISSING * pull.size)]
    gone = np.cumsum(pull[order]) / (centred @ centred)
    n = int(np.searchsorted(gone, max(float(slope - base), 0.0)))
    none[order[:n]] = True
    return none


def _score(rng: np.random.Generator, about: Rates, wanted: Floats, half: Floats) -> Floats:
    """Draw one score with mean 0 and standard deviation 1 that has the wanted coefficients."""
    n = about.income.size
    ones = np.ones(n)
    income = _unit(about.income)
    rate = _unit(_beyond(about.rate, np.column_stack([ones, income])))
    gradient = _unit(_beyond(about.gradient, np.column_stack([ones, income, rate])))
    weighted = about.weight[:, None] * np.column_stack([ones, income, rate, gradient])
    chance = _unit(
        _beyond(rng.normal(size=n), np.column_stack([ones, income, rate, gradient, weighted]))
    )

    def mixed(weights: Floats) -> Floats:
        size = float(weights @ weights)
        bound = weights * min(1.0, np.sqrt(0.98 / max(size, 1e-12)))
        rest = np.sqrt(1.0 - float(bound @ bound))
        parts = np.column_stack([income, rate, gradient, chance])
        score: Floats = parts @ np.r_[bound, rest]
        return score

    def miss(weights: Floats) -> Floats:
        return (six_figures(mixed(weights), about) - wanted) / half

    solved = least_squares(miss, np.array([0.3, 0.1, 0.0]), diff_step=1e-4)
    return _unit(mixed(np.asarray(solved.x)))


def _beyond(values: Floats, columns: Floats) -> Floats:
    rest: Floats = values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]
    return rest


def _unit(values: Floats) -> Floats:
    unit: Floats = (values - values.mean()) / max(float(values.std(ddof=1)), 1e-12)
    return unit


def write_indicators(folder: Path, indicators: Indicators, geo: Geography) -> None:
    """Write values in our own layout: la_code, indicator, census_year, value."""
    at, la = np.nonzero(np.isfinite(indicators.values) & geo.la_modelled[None, :])
    names: Ints | NDArray[np.str_] = np.array(indicators.names)[at]
    write_csv(
        folder / FILE,
        {
            "la_code": geo.la_code[la],
            "indicator": names,
            "census_year": np.full(at.size, CENSUS_YEAR),
            "value": indicators.values[at, la],
        },
    )


__all__ = ["FILE", "LA_INCOME", "Indicators", "draw_indicators", "la_gradients",
           "traits_in_percent", "write_indicators"]  # fmt: skip
