"""Residents of the synthetic LSOAs by single year of age and sex, in the published margins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth_py import facts
from synth_py.config import AGES, EXCLUDED_LA_NUMBERS, SynthConfig
from synth_py.geography import Places

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ELDERLY = 65
AGE_TILT = -0.007
"""Log ratio of neighbouring single ages 5–15 per 10 points of income within an authority:
deprived neighbourhoods have younger children (mean age −0.07 per 10 points in SAPE22DT2)."""


def study_margins(report: facts.Published) -> Ints:
    """Return the study's children by age 5–15 and sex, shape (11, 2), whole numbers.

    Tables 3 and 4 print the margins only; the inside is their product, rounded so that
    both margins hold.
    """
    ages = np.array([report.value("4", f"Age {a}", "population") for a in AGES])
    males = report.value("3", "Males", "population")
    inside = np.floor(ages * males / ages.sum()).astype(np.int64)
    inside[: int(males) - int(inside.sum())] += 1
    return np.column_stack([inside, ages.astype(np.int64) - inside])


def draw_residents(config: SynthConfig, places: Places, report: facts.Published) -> Ints:
    """Draw residents by LSOA, single year 0–90+ and sex, shape (n, 91, 2).

    At national size the 150 authorities' children add up to the study's own denominators,
    each age and sex to the unit.
    """
    rng = config.stream("population")
    england = facts.england_ages()
    residents = _others(rng, places, england)
    inside = study_margins(report)
    residents[:, AGES[0] : AGES[-1] + 1] = _children(rng, places, inside)
    if config.size == "national":
        kept = ~np.isin(places.moments.text("la_number"), EXCLUDED_LA_NUMBERS)[places.la]
        rows = np.flatnonzero(kept)
        block = residents[rows, AGES[0] : AGES[-1] + 1].reshape(rows.size, -1)
        _meet_margins(rng, block, inside.ravel())
        residents[rows, AGES[0] : AGES[-1] + 1] = block.reshape(rows.size, len(AGES), 2)
    return residents


def _others(rng: np.random.Generator, places: Places, england: Floats) -> Ints:
    """Draw everybody outside 5–15: Poisson about England's age pattern, younger with children."""
    shape = england.copy()
    shape[AGES[0] : AGES[-1] + 1] = 0.0
    adults = shape / shape.sum()
    mean = places.total * (1.0 - places.child_share)
    lean = places.child_share / places.child_share.mean()
    tilt = np.where(np.arange(91)[None, :] < 18, lean[:, None], 1.0)
    tilt[:, ELDERLY:] *= _elderly_odds(places, england)[places.la][:, None]
    weight = tilt[:, :, None] * adults[None]
    weight *= (mean / weight.sum(axis=(1, 2)))[:, None, None]
    drawn: Ints = rng.poisson(weight)
    return drawn


def _elderly_odds(places: Places, england: Floats) -> Floats:
    """Return each authority's odds of being 65 or over against England's, shape (J,)."""
    people = facts.la_people()
    at = np.searchsorted(people.text("la_number"), places.moments.text("la_number"))
    share = people.number("aged_65_plus")[at]
    national = float(england[ELDERLY:].sum() / england.sum())
    odds: Floats = share / (1.0 - share) / (national / (1.0 - national))
    return odds


def _children(rng: np.random.Generator, places: Places, inside: Ints) -> Ints:
    """Draw children by LSOA, age and sex; authority totals are the published ones."""
    wanted = places.moments.whole("children_5_15")
    weight = places.total * places.child_share
    counts = np.empty(places.la.size, dtype=np.int64)
    bounds = np.searchsorted(places.la, np.arange(wanted.size + 1))
    for j, total in enumerate(wanted.tolist()):
        part = slice(bounds[j], bounds[j + 1])
        counts[part] = rng.multinomial(total, weight[part] / weight[part].sum())
    average = np.bincount(places.la, weight * places.income_2015) / np.bincount(places.la, weight)
    x1 = (places.income_2015 - average[places.la]) * 10.0
    middle = 0.5 * (AGES[0] + AGES[-1])
    tilt = np.exp(AGE_TILT * x1[:, None] * (np.array(AGES) - middle)[None, :])
    chance = tilt[:, :, None] * inside[None].astype(np.float64)
    chance /= chance.sum(axis=(1, 2), keepdims=True)
    cells = rng.multinomial(counts, chance.reshape(counts.size, -1))
    return cells.reshape(-1, *inside.shape).astype(np.int64)


def _meet_margins(rng: np.random.Generator, block: Ints, wanted: Ints) -> None:
    """Move single children between ages within an LSOA until the national cells are met."""
    for _ in range(20):
        gap = block.sum(axis=0) - wanted
        n_moves = min(int(gap[gap > 0].sum()), block.shape[0] // 2)
        if n_moves == 0:
            return
        give = rng.permutation(np.repeat(np.arange(gap.size), np.maximum(gap, 0)))[:n_moves]
        take = rng.permutation(np.repeat(np.arange(gap.size), np.maximum(-gap, 0)))[:n_moves]
        rows = rng.permutation(block.shape[0])[:n_moves]
        possible = block[rows, give] > 0
        block[rows[possible], give[possible]] -= 1
        block[rows[possible], take[possible]] += 1
