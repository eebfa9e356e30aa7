"""Every child of a synthetic England: located, unmatched, of other ages, and carried over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth_py import attributes, cases, counts, referrals
from synth_py.cases import UNBORN, Cases, Setting
from synth_py.config import AGES, SynthConfig
from synth_py.facts import Published
from synth_py.referrals import REFERRALS, Referrals, pick
from synth_py.timeline import LONG, OPEN
from synth_py.truth import Truth

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ALL_REFERRALS = 650_930
ALL_EPISODES = 762_330
"""Referrals in 2018/19, and episodes of need at any point in it (DfE, tables A1 and C1)."""
PACE_SD = 0.15
"""Standard deviation between authorities of the log time that assessments take."""


def make_cases(config: SynthConfig, report: Published, drawn: counts.Counts) -> Cases:
    """Return every child and episode.

    The located children's events are exactly the drawn counts. The rest is scaled so that
    a national England has DfE's referrals and episodes of need.
    """
    truth = drawn.truth
    rng, others = config.stream("episodes"), config.stream("others")
    geo = truth.geography
    weight = drawn.noise * truth.referrals.sum(axis=(1, 2))
    scale = float(truth.referrals.sum(axis=(1, 2))[geo.modelled].sum()) / REFERRALS
    setting = Setting(
        truth.outcomes["rereferral_12m"].chance(geo),
        np.exp(PACE_SD * rng.normal(size=geo.la_number.size))[geo.la],
    )
    cells = referrals.expand(drawn.drawn)
    located = cases.year_cases(rng, describe(rng, truth, report, cells), setting, located=True)
    plans = cases.ended_plans(rng, _plan_rows(rng, truth, report))
    unmatched = _unmatched(config, others, report, drawn, setting)
    n_matched = int(drawn.drawn[0].sum())
    n_unmatched = round(n_matched * (1 - config.match_rate) / config.match_rate)
    n_young = max(round(scale * ALL_REFERRALS) - n_matched - n_unmatched, 0)
    cells = _other_ages(others, drawn, weight, n_young)
    young = cases.year_cases(others, describe(others, truth, report, cells), setting, located=False)
    so_far = cases.stack([located, plans, unmatched, young])
    in_need = int((~so_far.episodes.nfa & ~so_far.episodes.after_assessment).sum())
    n_old = max(round(scale * ALL_EPISODES) - in_need, 0)
    groups = truth.ethnic_shares[:, 0].mean(axis=0)
    old = cases.carried_over(others, weight, groups, config.match_rate, n_old)
    return cases.stack([so_far, old])


def describe(
    rng: np.random.Generator, truth: Truth, report: Published,
    cells: tuple[Ints, Ints, Ints, Ints], odds: Floats | None = None,
) -> Referrals:  # fmt: skip
    """Give referrals (LSOA, age, sex, level) an ethnic group and the way their spells end."""
    lsoa, age, sex, level = cells
    return Referrals(
        lsoa=lsoa, age=age, sex=sex,
        ethnic=attributes.ethnic_groups(rng, truth, lsoa, level, odds),
        level=level,
        ending=attributes.cin_endings(rng, truth, report, lsoa, level),
        plan_ending=attributes.plan_endings(rng, truth, report, lsoa, level),
    )  # fmt: skip


def _plan_rows(rng: np.random.Generator, truth: Truth, report: Published) -> Referrals:
    """Return rows for the plans that end in the year beyond one for each that starts."""
    extra = attributes.extra_plan_endings(rng, truth, report)
    lsoa = np.repeat(np.arange(extra.size), extra)
    n = lsoa.size
    level = np.full(n, 5, dtype=np.int64)
    return Referrals(
        lsoa=lsoa,
        age=rng.integers(AGES[0], AGES[-1] + 1, n),
        sex=rng.integers(0, 2, n),
        ethnic=attributes.ethnic_groups(rng, truth, lsoa, level),
        level=level,
        ending=np.full(n, OPEN),
        plan_ending=np.full(n, LONG),
    )


def _unmatched(
    config: SynthConfig, rng: np.random.Generator, report: Published, drawn: counts.Counts,
    setting: Setting,
) -> Cases:  # fmt: skip
    """Draw children of the ages studied who have no location row."""
    truth = drawn.truth
    odds, groups = attributes.unmatched_odds(config.stream("matches"), config, truth)
    mean = truth.referrals * drawn.noise[:, None, None] * odds[:, :, None]
    cells = referrals.expand(counts.draw_chain(rng, mean, truth.steps))
    missed = describe(rng, truth, report, cells, groups)
    return cases.year_cases(rng, missed, setting, located=False)


def _other_ages(
    rng: np.random.Generator, drawn: counts.Counts, weight: Floats, n: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """Draw `n` referrals outside 5–15: unborn, 0–4, 16 and 17 years."""
    ages = np.array([UNBORN, 0, 1, 2, 3, 4, 16, 17])
    chance = np.array([0.06, 0.155, 0.14, 0.14, 0.135, 0.13, 0.14, 0.10])
    reached = drawn.drawn.sum(axis=(1, 2, 3)) / max(int(drawn.drawn[0].sum()), 1)
    ends = reached - np.append(reached[1:], 0.0)
    age = ages[pick(rng, chance, n)]
    sex = np.where(age == UNBORN, 2, pick(rng, np.array([0.507, 0.492, 0.001]), n))
    return pick(rng, weight, n), age, sex, pick(rng, ends, n)
