"""Authorities' effects: what Tables 18 and 19 want of three traits that places and people settle.

The share of rural LSOAs, of children not White and of residents aged 65 and over follow from
the England drawn, so authorities' rates are made to go with them as printed; the other
indicators are drawn about the rates (`indicators`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_py.config import SynthConfig
from synth_py.facts import Published
from synth_py.fitting import Aim, Area
from synth_py.geography import Geography
from synth_py.model import Inputs, expected_referrals
from synth_py.targets import nearest

Floats = NDArray[np.float64]

LA_INCOME = "LA income IMD [z-score]"
TRAITS = (
    "% Rural neighbourhoods (% rural LSOAs)",
    "% population from ethnic minorities",
    "% population aged 65+",
)
"""Rows of Tables 18 and 19 that follow from the England drawn, in the order of its scores."""
STATISTICS = ("rr_unadjusted", "rr_adjusted_for_la_imd", "rr_la_imd_adjusted_for_indicator")


def trait_aims(report: Published, area: Area, geo: Geography, traits: Floats) -> list[Aim]:
    """Return what Table 19 wants of the traits: x1:z and x1:income, both in the model."""
    income = geo.la_income_z[area.la]
    aims = []
    for k, row in enumerate(TRAITS):
        wanted = nearest(report, [(("19", row, STATISTICS[1]), (1.0, 0.0)),
                                  (("19", row, STATISTICS[2]), (0.0, 1.0))])  # fmt: skip
        design = area.interacted(traits[area.la, k], income)
        aims.append(Aim(design, (3, 5), wanted.value, wanted.half))
    return aims


def log_rates(events: Floats, geo: Geography) -> Floats:
    """Return authorities' log rates of expected events (n,), shape (J,)."""
    n = geo.la_number.size
    rates: Floats = np.log(np.bincount(geo.la, events, n) / np.bincount(geo.la, geo.people, n))
    return rates


def meet_la_effects(
    config: SynthConfig, report: Published, geo: Geography, inputs: Inputs, *,
    traits: Floats, features: Floats,
) -> Inputs:  # fmt: skip
    """Move LA effects until log rates go with income and the traits as Table 18 prints.

    The part of the log rates that goes with neither keeps its pattern and gets the standard
    deviation of the settings.
    """
    keep = geo.la_modelled
    events = expected_referrals(inputs, geo, features).sum(axis=(1, 2))
    rates = log_rates(events, geo)[keep]
    income = geo.la_income_z[keep]
    wanted = _wanted_rates(report, income, traits[keep])
    basis = np.column_stack([np.ones(income.size), income, traits[keep]])
    fitted = basis @ np.linalg.lstsq(basis, rates, rcond=None)[0]
    rest = rates - fitted
    spread = np.linalg.lstsq(basis[:, :2], wanted, rcond=None)[0]
    beyond = wanted - basis[:, :2] @ spread
    variance = max(config.la_effect_sd**2 - float(beyond.var()), 1e-4)
    goal = wanted + rest * np.sqrt(variance / rest.var())
    effects = inputs.effects.copy()
    effects[keep] += goal - goal.mean() - (rates - rates.mean())
    return replace(inputs, effects=effects)


def _wanted_rates(report: Published, income: Floats, traits: Floats) -> Floats:
    """Return the shortest vector of log rates with every printed regression, shape (J,).

    Regressions on income alone and, for each trait, on the trait beside income; the printed
    three figures of a trait are one number too many for a trait whose correlation with
    income is given, so they are met in least squares.
    """
    n = income.size
    slope = np.log(report.value("18", LA_INCOME, STATISTICS[0]))
    constraints, values = [np.ones(n), income / (income @ income)], [0.0, slope]
    for k, row in enumerate(TRAITS):
        trait = traits[:, k] - traits[:, k].mean()
        r = float(trait @ income / (income @ income))
        part = trait - r * income
        # unadjusted, adjusted, income adjusted: all linear in the adjusted coefficient
        weights = np.array([1.0 - r * r * (income @ income) / (trait @ trait), 1.0, -r])
        offset = np.array([r * slope * (income @ income) / (trait @ trait), 0.0, slope])
        printed = np.array([report.value("18", row, name) for name in STATISTICS])
        goal = (np.log(printed) - offset) * printed
        scaled = weights * printed
        constraints.append(part / (part @ part))
        values.append(float(scaled @ goal / (scaled @ scaled)))
    rows = np.array(constraints)
    wanted: Floats = rows.T @ np.linalg.solve(rows @ rows.T, np.array(values))
    return wanted
