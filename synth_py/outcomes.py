"""Chances of the study's yes-or-no outcomes: re-referral, prior plan, time to cease (Tables 9–15).

Every outcome is a Bernoulli draw with a logit that is linear in x1, x2 and x1:x2, plus an
authority's effect, so that successes given trials are binomial in an LSOA.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_py.facts import Published
from synth_py.fitting import Area, fit_outcomes, lsoas
from synth_py.geography import Geography

Floats = NDArray[np.float64]

OUTCOMES = {
    "rereferral_12m": ("9", "10", "Re-referral within 12 months"),
    "prior_cp_plan": ("9", "11", "Prior CPP (ever)"),
    "cin_ceased_3m": ("12", "14", "CIN ceased within 3 months"),
    "cp_plan_ceased_6m": ("13", "15", "CPP ceased within 6 months"),
}
"""Table of odds ratios, table of percentages and row label by outcome."""
CESSATIONS = {"cin_ceased_3m": "cin", "cp_plan_ceased_6m": "cp_plan"}
EFFECT_SD = {
    "rereferral_12m": 0.20, "prior_cp_plan": 0.15, "cin_ceased_3m": 0.30, "cp_plan_ceased_6m": 0.25,
}  # fmt: skip
"""Standard deviation between authorities of the logit."""
N_ROUNDS = 2
LEVELS = {"low": -1.0, "mid": 0.0, "high": 1.0}


@dataclass(frozen=True)
class Outcome:
    """One outcome's logit.

    Attributes
    ----------
    coefficients
        (4,) intercept, x1, x2, x1:x2.
    effects
        (J,) authorities' effects.
    """

    coefficients: Floats
    effects: Floats

    def chance(self, geo: Geography) -> Floats:
        """Return the chance of success by LSOA, shape (n,)."""
        b0, b1, b2, b3 = self.coefficients
        logit = b0 + b1 * geo.x1 + b2 * geo.x2 + b3 * geo.x1 * geo.x2 + self.effects[geo.la]
        chance: Floats = 1.0 / (1.0 + np.exp(-logit))
        return chance


def cessation_rate(report: Published, outcome: str) -> float:
    """Return how many spells cease in the year for each that starts (Tables 12, 13 over 2)."""
    table, _, row = OUTCOMES[outcome]
    ceased = report.value(table, row, "n_yes") + report.value(table, row, "n_no")
    started = report.value("2", {"cin": "CIN", "cp_plan": "CP Plan"}[CESSATIONS[outcome]], "n")
    return ceased / started


def wanted_coefficients(report: Published, outcome: str) -> Floats:
    """Return b1, b2 and b3 from the odds ratios and the grid of percentages that they made.

    The grid holds b2: a cell is the overall percentage times odds ratios (statistics,
    section 3), so its logarithm is linear in the three.
    """
    table, grid, row = OUTCOMES[outcome]
    overall = 100.0 * overall_share(report, outcome)
    cells = [((table, row, "ratio"), (1.0, 0.0, 0.0), 1.0),
             ((table, row, "ratio_low_imd_la"), (1.0, 0.0, -1.0), 1.0),
             ((table, row, "ratio_high_imd_la"), (1.0, 0.0, 1.0), 1.0),
             ((table, row, "interaction"), (0.0, 0.0, 1.0), 1.0)]  # fmt: skip
    cells += [
        ((grid, row, f"pct_la_{la}_lsoa_{lsoa}"), (x1, x2, x1 * x2), overall)
        for la, x2 in LEVELS.items()
        for lsoa, x1 in LEVELS.items()
    ]
    value = np.array([report.value(*key) for key, _, _ in cells])
    half = np.array([report.half_unit(*key) for key, _, _ in cells]) / value
    base = np.array([divisor for _, _, divisor in cells])
    weights = np.array([row for _, row, _ in cells])
    found: Floats = np.linalg.lstsq(
        weights / half[:, None], np.log(value / base) / half, rcond=None
    )[0]
    return found


def overall_share(report: Published, outcome: str) -> float:
    """Return the printed share of successes, from the printed counts."""
    table, _, row = OUTCOMES[outcome]
    yes, no = report.value(table, row, "n_yes"), report.value(table, row, "n_no")
    return yes / (yes + no)


def trials_of(report: Published, expected: dict[str, Floats], outcome: str) -> Floats:
    """Return expected trials by LSOA: referrals, plans starting, or spells ceasing."""
    if outcome in CESSATIONS:
        return expected[CESSATIONS[outcome]] * cessation_rate(report, outcome)
    return expected["referral" if outcome == "rereferral_12m" else "cp_plan"]


def meet_outcomes(
    rng: np.random.Generator, geo: Geography, report: Published, expected: dict[str, Floats]
) -> dict[str, Outcome]:
    """Calibrate every outcome to its printed odds ratios.

    Parameters
    ----------
    expected
        (n,) expected events by measure.
    """
    area = lsoas(geo)
    found = {}
    for name in OUTCOMES:
        wanted = wanted_coefficients(report, name)
        share = overall_share(report, name)
        effects = EFFECT_SD[name] * rng.normal(size=geo.la_number.size)
        start = np.r_[np.log(share / (1 - share)), wanted]
        trials = trials_of(report, expected, name)[area.keep]
        found[name] = _meet(
            Outcome(start, effects), geo, area, trials=trials, wanted=wanted, share=share
        )
    return found


def _meet(
    outcome: Outcome, geo: Geography, area: Area, *, trials: Floats, wanted: Floats, share: float
) -> Outcome:
    for _ in range(N_ROUNDS):
        yes = trials * outcome.chance(geo)[area.keep]
        fit = fit_outcomes(yes, trials, area.study(), area.la)
        step = np.r_[0.0, wanted - np.asarray(fit.params)[1:4]]
        outcome = replace(outcome, coefficients=outcome.coefficients + step)
        outcome = _meet_share(outcome, geo, area, trials, share)
    return outcome


def _meet_share(
    outcome: Outcome, geo: Geography, area: Area, trials: Floats, share: float
) -> Outcome:
    for _ in range(20):
        chance = outcome.chance(geo)[area.keep]
        found = float(trials @ chance / trials.sum())
        slope = float(trials @ (chance * (1 - chance)) / trials.sum())
        step = (share - found) / slope
        coefficients = outcome.coefficients.copy()
        coefficients[0] += step
        outcome = replace(outcome, coefficients=coefficients)
        if abs(step) < 1e-10:
            break
    return outcome
