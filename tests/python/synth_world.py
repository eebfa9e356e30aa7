"""Drawn events of a synthetic England by area and stratum, without children or files."""

from __future__ import annotations

import numpy as np
import pytest

from synth_py import SynthConfig, attributes, counts, crowd, facts
from synth_py.config import MEASURES
from synth_py.events import Events
from synth_py.referrals import expand
from synth_py.run import make_world
from synth_py.timeline import LEVEL_ASSESSED, LEVEL_PLAN, LONG, OPEN, SHORT
from synth_py.truth import Truth, make_truth
from tests.python.once import once


def truth_of(config: SynthConfig) -> Truth:
    """Return one calibrated England."""
    report = facts.published()
    return make_truth(config, make_world(config, report).geography, report)


def shared_truth(factory: pytest.TempPathFactory, config: SynthConfig) -> Truth:
    """Return a calibrated England, calibrated once in a run: it is there to be read."""
    name = f"truth_{config.size}_{config.mode}_{config.seed}"
    return once(factory, name, lambda _: truth_of(config))


def by_area(area: np.ndarray, group: np.ndarray, n_areas: int, n_groups: int) -> np.ndarray:
    """Count rows by area and group."""
    cells = np.bincount(area * n_groups + group, minlength=n_areas * n_groups)
    return cells.reshape(n_areas, n_groups).astype(float)


def drawn_events(config: SynthConfig, truth: Truth, seed: int) -> tuple[Events, counts.Counts]:
    """Draw one England's events as `generate` does: counts first, then what each event is."""
    rng = np.random.default_rng(seed)
    report = facts.published()
    drawn = counts.draw(config, truth)
    n, m = truth.geography.lsoa_code.size, truth.geography.msoa_code.size
    r = crowd.describe(rng, truth, report, expand(drawn.drawn))
    assessed, planned = r.level >= LEVEL_ASSESSED, r.level >= LEVEL_PLAN
    at = r.lsoa[assessed]
    counted = truth.geography.modelled[r.lsoa]
    closed_after = r.level[assessed] == LEVEL_ASSESSED
    factors = attributes.factors(rng, truth, at, closed_after, counted[assessed])
    categories = attributes.categories(rng, truth, r.lsoa[planned], counted[planned])
    with_any = np.column_stack([factors, factors.any(axis=1)])
    msoa = truth.geography.msoa[r.lsoa]
    extra = attributes.extra_plan_endings(rng, truth, report).astype(float)
    ended, plan_ended = r.ending != OPEN, r.plan_ending != OPEN
    prior = attributes.happens(rng, truth, "prior_cp_plan", r.lsoa[planned])
    chance = truth.outcomes["rereferral_12m"].chance(truth.geography)
    referred = np.bincount(r.lsoa, minlength=n)

    def count(rows: np.ndarray) -> np.ndarray:
        return np.bincount(r.lsoa[rows], minlength=n).astype(float)

    events = Events(
        measures={measure: drawn.events(measure).astype(float) for measure in MEASURES},
        sources=by_area(r.lsoa, attributes.sources(rng, truth, r.lsoa), n, 6),
        categories=by_area(r.lsoa[planned], categories, n, 5),
        factors=np.column_stack([
            np.bincount(at[column], minlength=n).astype(float) for column in with_any.T
        ]),
        ethnic={
            measure: by_area(msoa[r.level >= level], r.ethnic[r.level >= level], m, 6)
            for measure, level in (("referral", 0), ("cin", 2), ("cp_plan", 5))
        },
        outcomes={
            "rereferral_12m": (
                rng.binomial(referred, chance).astype(float), referred.astype(float)
            ),
            "prior_cp_plan": (
                np.bincount(r.lsoa[planned][prior], minlength=n).astype(float), count(planned)
            ),
            "cin_ceased_3m": (count(r.ending == SHORT), count(ended)),
            "cp_plan_ceased_6m": (count(r.plan_ending == SHORT), count(plan_ended) + extra),
        },
    )  # fmt: skip
    assert (r.plan_ending[planned] != OPEN).all()
    assert set(np.unique(r.ending)) <= {OPEN, SHORT, LONG}
    return events, drawn
