"""Draws per event from a calibrated England: group, source, category, factors, how spells end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth_py.config import SynthConfig
from synth_py.facts import Published
from synth_py.outcomes import cessation_rate
from synth_py.strata import overlapping, partition
from synth_py.timeline import LEVEL_CIN, LEVEL_PLAN, LONG, OPEN, SHORT
from synth_py.truth import Truth

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MATCH_LA_SD = 0.25
"""Standard deviation between authorities of the log odds of having no location row."""
UNMATCHED_BY_AGE = (0.15, 0.05, 0.0, 0.0, -0.05, -0.05, 0.0, 0.0, 0.0, 0.05, 0.10)
"""Log odds of having no location row by age 5–15, about their mean."""
FEWER_AGAIN = 0.916
"""Unmatched children are sparse, so fewer of their referrals are found to be one child's: there
are fewer referrals for as many children, and rates of matching are of children."""
WHITE_MATCH_RATE = 0.85
"""Report, text: 81 % of all referrals were matched, 85 % of White children's."""


def pick(rng: np.random.Generator, shares: Floats, rows: Ints) -> Ints:
    """Draw a position for each row from the shares (n_lsoas, g) of its LSOA."""
    edges = np.cumsum(shares, axis=1)[:, :-1]
    draws = rng.random(rows.size)
    found = np.zeros(rows.size, dtype=np.int64)
    for edge in edges.T:
        found += draws >= edge[rows]
    return found


def ranges(level: Ints) -> Ints:
    """Return the range of thresholds of `strata.LEVELS` for the deepest threshold reached."""
    found: Ints = (level >= LEVEL_CIN).astype(np.int64) + (level >= LEVEL_PLAN)
    return found


def ethnic_groups(
    rng: np.random.Generator, truth: Truth, lsoa: Ints, level: Ints, odds: Floats | None = None
) -> Ints:
    """Draw positions in Table 5's groups, 5 for unknown, by LSOA and threshold reached.

    Parameters
    ----------
    odds
        (6,) weights of the groups; None for children who are matched.
    """
    shares = truth.ethnic_shares.reshape(-1, truth.ethnic_shares.shape[2])
    if odds is not None:
        shares = shares * odds
        shares = shares / shares.sum(axis=1, keepdims=True)
    return pick(rng, shares, 3 * lsoa + ranges(level))


def sources(rng: np.random.Generator, truth: Truth, lsoa: Ints) -> Ints:
    """Draw rows of Table 8."""
    return pick(rng, partition(truth.sources, truth.geography), lsoa)


def categories(rng: np.random.Generator, truth: Truth, lsoa: Ints, counted: Bools) -> Ints:
    """Draw rows of Table 7, as many of each as are expected."""
    shares = partition(truth.categories, truth.geography)[lsoa]
    found = np.full(lsoa.size, shares.shape[1] - 1)
    left = np.ones(lsoa.size)
    for position, share in enumerate(shares.T[:-1]):
        chance = np.where(found > position, np.minimum(share / left, 1.0), 0.0)
        found[evenly(rng, chance, counted)] = position
        left -= share
    return found


def factors(
    rng: np.random.Generator, truth: Truth, lsoa: Ints, closed_after: Bools, counted: Bools
) -> Bools:
    """Draw which factors of Table 6 each assessment has, shape (n, 23); some have none."""
    shares = overlapping(truth.factors.mix, truth.geography)
    coded = ~closed_after | (rng.random(lsoa.size) < truth.factors.coded_after)
    columns = [evenly(rng, np.where(coded, share[lsoa], 0.0), counted) for share in shares.T]
    return np.column_stack(columns)


def evenly(rng: np.random.Generator, chance: Floats, counted: Bools) -> Bools:
    """Draw which events happen, so that as many do as are expected, to the next whole number.

    Each has its own chance, and which of them happen is random; only their number is not
    (systematic sampling in random order: Madow 1949, Ann. Math. Stat. 20, 333-354). The
    number holds among those that the study counts and among the others.

    Parameters
    ----------
    chance
        (n,) chances.
    counted
        (n,) which of them the study counts.
    """
    groups = (np.flatnonzero(counted), np.flatnonzero(~counted))
    order = np.concatenate([rng.permutation(group) for group in groups])
    steps = np.floor(np.cumsum(chance[order]) + rng.random())
    found = np.empty(chance.size, dtype=np.bool_)
    found[order] = np.diff(steps, prepend=0.0) > 0.0
    return found


def happens(rng: np.random.Generator, truth: Truth, outcome: str, lsoa: Ints) -> Bools:
    """Draw a yes-or-no outcome for each row."""
    chance = truth.outcomes[outcome].chance(truth.geography)
    return rng.random(lsoa.size) < chance[lsoa]


def cin_endings(
    rng: np.random.Generator, truth: Truth, report: Published, lsoa: Ints, level: Ints
) -> Ints:
    """Draw how episodes of need end: (n,) OPEN, SHORT or LONG; OPEN below that threshold.

    An episode with a plan outlasts it, so short ones are drawn among the others, more often.
    """
    rate = cessation_rate(report, "cin_ceased_3m")
    chance = truth.outcomes["cin_ceased_3m"].chance(truth.geography)
    plan = truth.shares[5] / truth.shares[2]
    short = np.minimum(rate * chance / (1.0 - plan), 0.95)
    long = rate * (1.0 - chance)
    draws = rng.random(lsoa.size)
    is_plan = level >= LEVEL_PLAN
    lower = np.where(is_plan, 0.0, short[lsoa])
    ends = np.where(draws < lower, SHORT, np.where(draws < lower + long[lsoa], LONG, OPEN))
    return np.where(level >= LEVEL_CIN, ends, OPEN)


def plan_endings(
    rng: np.random.Generator, truth: Truth, report: Published, lsoa: Ints, level: Ints
) -> Ints:
    """Draw how plans end: SHORT or LONG for every plan, OPEN where there is none.

    More plans ceased in the year than started; `extra_plan_endings` draws the rest.
    """
    rate = cessation_rate(report, "cp_plan_ceased_6m")
    short = rate * truth.outcomes["cp_plan_ceased_6m"].chance(truth.geography)
    ends = np.where(rng.random(lsoa.size) < short[lsoa], SHORT, LONG)
    return np.where(level >= LEVEL_PLAN, ends, OPEN)


def extra_plan_endings(rng: np.random.Generator, truth: Truth, report: Published) -> Ints:
    """Draw the number of LONG endings beyond one for each plan that starts, by LSOA (n,)."""
    beyond = max(cessation_rate(report, "cp_plan_ceased_6m") - 1.0, 0.0)
    extra: Ints = rng.poisson(beyond * truth.expected_total("cp_plan"))
    return extra


def unmatched_odds(
    rng: np.random.Generator, config: SynthConfig, truth: Truth
) -> tuple[Floats, Floats]:
    """Return the odds of having no location row, (n, 11), and the groups' weights in them, (6,).

    The odds differ between authorities and ages, go with nothing else, and leave the share
    of the settings overall.
    """
    geo = truth.geography
    expected = truth.referrals.sum(axis=2)
    wanted = (1.0 - config.match_rate) / config.match_rate
    groups = truth.ethnic_shares[:, 0]
    white = float((expected.sum(axis=1) @ groups[:, 4]) / expected.sum())
    white_odds = (1.0 - WHITE_MATCH_RATE) / WHITE_MATCH_RATE
    weights = np.full(6, (wanted - white * white_odds) / (1.0 - white))
    weights[4] = white_odds
    la = np.exp(MATCH_LA_SD * rng.normal(size=geo.la_number.size))
    odds = (la[geo.la] * (groups @ weights))[:, None] * np.exp(np.array(UNMATCHED_BY_AGE))
    odds *= wanted * FEWER_AGAIN * expected.sum() / (odds * expected).sum()
    return odds, weights
