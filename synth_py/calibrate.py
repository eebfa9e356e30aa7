"""Calibration of the chain of thresholds: inputs move until fits to expected counts meet the print.

The print cannot be had by writing its figures into the coefficients (pooled ages have
another gradient than each age, Tables 2, 16 and 17 imply different interactions), so the
inputs are moved until fits to the *expected* counts meet the print as nearly as they can
together. What they cannot meet is listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_py.config import MEASURES, SynthConfig
from synth_py.ethnic import Composition
from synth_py.facts import Published
from synth_py.fitting import (
    LOG_DENSITY_CENTRE,
    LOG_DENSITY_STEP,
    Aim,
    Area,
    aim_part,
    fit_counts,
    lsoas,
    msoas,
    solve_step,
)
from synth_py.geography import Geography
from synth_py.la_effects import meet_la_effects, trait_aims
from synth_py.model import (
    COMMON,
    PLACE,
    Inputs,
    common_features,
    expected_referrals,
    la_traits,
    step_shares,
)
from synth_py.targets import Targets

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HALF = 0.003
"""Tolerance of a coefficient whose ratio is printed to two decimals, on the log scale."""
HALF_FIRST = 0.0012
"""The same for Table 2, which others are held against, and Table 5, whose rows add up."""
DENSITY_SLACK = 1.3
"""Table 17's slope and interaction exclude each other beside Table 2 (deprived authorities are
dense): it gives way first."""
PRACTICE_SD = (0.0, 0.10, 0.15, 0.12, 0.02)
"""Standard deviation of the authorities' thresholds (log share) given the one before; those for
assessments and plans are near the cap and hardly differ."""
THRESHOLD_SD = (0.25, 0.25, 0.05, 0.25, 0.25, 0.05, 0.25, 0.25)
"""How far a threshold's terms may stand from zero: places differ in gradient, not in level."""
PLACED = {2: "cin", 4: "cp_plan"}
"""Thresholds that take the rural and density terms, and the measure whose tables they serve:
CIN its own; the conference those of the plan, which hardly differs from it."""


@dataclass(frozen=True)
class Chain:
    """What calibration works on.

    Attributes
    ----------
    geo, area
        The geography and its study LSOAs.
    features
        (n, 11) columns of `COMMON`.
    traits
        (J, 3) scores of the authorities.
    targets
        The printed coefficients.
    """

    geo: Geography
    area: Area
    features: Floats
    traits: Floats
    targets: Targets

    @property
    def study_features(self) -> Floats:
        """(n_study, 13) x1 and x1:x2, then the columns of `COMMON`."""
        return np.column_stack(
            [self.area.x1, self.area.x1 * self.area.x2, self.features[self.area.keep]]
        )


def calibrate(
    config: SynthConfig, geo: Geography, composition: Composition, report: Published,
    targets: Targets,
) -> Inputs:  # fmt: skip
    """Move the inputs until fits to expected counts meet the printed cells.

    If every age met the middle of its own print, the pooled gradient would miss Table 2's.
    The ages therefore lean towards the lower edge of their print, as far as it takes the
    pooled row into its own and no further than theirs.
    """
    traits = la_traits(geo, composition.minority)
    chain = Chain(geo, lsoas(geo), common_features(geo, traits), traits, targets)
    inputs, lean = _start(config, geo, targets), 0.0

    def settle_las(now: Inputs) -> Inputs:
        return meet_la_effects(config, report, geo, now, traits=traits, features=chain.features)

    aims = [(aim, chain.area) for aim in place_aims(chain, "referral")]
    aims += [(aim, chain.area) for aim in trait_aims(report, chain.area, geo, traits)]
    aims.append((_ethnic_aim(chain, composition, inputs), msoas(geo)))
    for _ in range(config.n_rounds):
        inputs = _meet_rates(inputs, chain)
        inputs = meet_la_effects(
            config, report, geo, inputs, traits=traits, features=chain.features
        )
        inputs, pooled = _meet_slopes(inputs, chain, lean)
        inputs = _meet_common(inputs, chain, aims)
        room = float(np.mean(targets.ages[:, 0] - targets.ages_low[:, 0]))
        lean = float(np.clip(lean + (pooled[0] - targets.pooled_high[0]) / room, 0.0, 1.0))
    inputs, _ = _meet_slopes(settle_las(inputs), chain, lean)
    inputs = _meet_rates(inputs, chain)
    return _meet_thresholds(inputs, chain, config.n_rounds - 1)


def _start(config: SynthConfig, geo: Geography, targets: Targets) -> Inputs:
    steps = np.diff(targets.measures, axis=0)
    rng = config.stream("effects")
    effects = rng.normal(0.0, config.la_effect_sd, geo.la_number.size)
    practice = rng.normal(size=(len(PRACTICE_SD), geo.la_number.size))
    return Inputs(
        intercept=np.repeat(np.log(targets.age_rates)[:, None], 2, axis=1),
        slopes=np.repeat(targets.ages[:, None, :], 2, axis=1),
        context=float(targets.measures[0, 0]) + config.context_gap,
        common=np.zeros(len(COMMON)),
        effects=effects,
        thinning=np.column_stack([np.log(targets.steps), steps[:, 0], steps[:, 1]]),
        place=np.zeros((len(MEASURES) - 1, PLACE.stop - PLACE.start)),
        practice=practice * np.array(PRACTICE_SD)[:, None],
        cap=config.thinning_cap,
        unknown_sex=targets.unknown_sex,
    )


def place_aims(chain: Chain, measure: str) -> list[Aim]:
    """Return what Tables 2, 16 and 17 want of one measure."""
    area, geo, targets = chain.area, chain.geo, chain.targets
    rural = geo.rural[area.keep].astype(np.float64)
    dense = np.log(geo.density[area.keep]) - LOG_DENSITY_CENTRE
    by_rural, by_density = targets.rural[measure], targets.density[measure]
    order = [0, 2, 1]  # b1, b3, then the product of x1 with the place
    main, half = targets.measures[MEASURES.index(measure)], np.full(3, HALF)
    in_density = DENSITY_SLACK * np.array([HALF, HALF, HALF / LOG_DENSITY_STEP])
    rural_design = area.study(rural, area.x1 * rural)
    density_design = area.study(dense, area.x1 * dense)
    return [
        Aim(area.study(), (1, 3), main, np.full(2, HALF_FIRST)),
        Aim(rural_design, (1, 3, 5), by_rural.value[order], half),
        Aim(density_design, (1, 3, 5), by_density.value[order], in_density),
    ]


def _ethnic_aim(chain: Chain, composition: Composition, inputs: Inputs) -> Aim:
    """Return what Table 5's rows imply for all children of an MSOA.

    The groups' own rates and gradients on their own populations add up to counts; the study's
    model fitted to them has the gradient between MSOAs that the groups need.
    """
    targets, area = chain.targets, msoas(chain.geo)
    rates = np.exp(
        np.log(targets.ethnic_rates)[None, :]
        + area.x1[:, None] * targets.ethnic[None, :, 0]
        + (area.x1 * area.x2)[:, None] * targets.ethnic[None, :, 1]
        + (inputs.context * area.x2 + inputs.effects[area.la])[:, None]
    )
    implied = (composition.people[area.keep] * rates).sum(axis=1)
    fit = fit_counts(implied, area.people, area.study(), area.la)
    wanted = np.asarray(fit.params)[[1, 3]]
    place = np.cumsum(area.keep) - 1
    grain: Ints = place[chain.geo.msoa[chain.area.keep]]
    return Aim(area.study(), (1, 3), wanted, np.full(2, HALF_FIRST), grain)


def _meet_rates(inputs: Inputs, chain: Chain) -> Inputs:
    """Scale intercepts by age and sex until both printed margins hold (raking)."""
    geo, targets = chain.geo, chain.targets
    keep = geo.modelled
    cells = expected_referrals(inputs, geo, chain.features)[keep].sum(axis=0)
    people = geo.children[keep].sum(axis=0)
    by_age = targets.age_rates * people.sum(axis=1)
    by_sex = targets.sex_rates * people.sum(axis=0)
    by_sex *= by_age.sum() / by_sex.sum()
    scaled = cells.copy()
    for _ in range(30):
        scaled *= (by_sex / scaled.sum(axis=0))[None, :]
        scaled *= (by_age / scaled.sum(axis=1))[:, None]
    return replace(inputs, intercept=inputs.intercept + np.log(scaled / cells))


def _meet_common(inputs: Inputs, chain: Chain, aims: list[tuple[Aim, Area]]) -> Inputs:
    """Move the common terms, and all slopes together, towards every aim at once."""
    mean = expected_referrals(inputs, chain.geo, chain.features).sum(axis=(1, 2))[chain.area.keep]
    features = chain.study_features
    parts = [aim_part(aim, area, mean, features) for aim, area in aims]
    parts.append(_rural_rate_part(chain, mean, features))
    step = solve_step(parts, np.r_[0.0, 0.0, inputs.common])
    return replace(
        inputs, slopes=inputs.slopes + step[None, None, :2], common=inputs.common + step[2:]
    )


def _rural_rate_part(chain: Chain, mean: Floats, features: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the part of a step that holds rural against urban rates (text, section 3.7)."""
    rural = chain.geo.rural[chain.area.keep]
    people = chain.area.people

    def rate(part: NDArray[np.bool_]) -> float:
        return float(mean[part].sum() / people[part].sum())

    miss = np.log(chain.targets.rural_rates) - np.log(rate(rural) / rate(~rural))
    move = mean[rural] @ features[rural] / mean[rural].sum()
    move = move - mean[~rural] @ features[~rural] / mean[~rural].sum()
    return move[None, :], np.array([miss]), np.array([HALF])


def _meet_slopes(inputs: Inputs, chain: Chain, lean: float) -> tuple[Inputs, Floats]:
    """Move slopes to the ages' and the sexes' prints; also return the pooled fit, (2,)."""
    geo, targets = chain.geo, chain.targets
    keep = chain.area.keep
    events = expected_referrals(inputs, geo, chain.features)[keep]
    people = geo.children[keep].astype(np.float64)
    design = chain.area.study()

    def fit(axes: tuple[int, ...], part: tuple[slice | int, ...]) -> Floats:
        found = fit_counts(
            events[part].sum(axis=axes), people[part].sum(axis=axes), design, chain.area.la
        )
        return np.asarray(found.params)[[1, 3]]

    every = slice(None)
    pooled = fit((1, 2), (every,))
    sexes = np.array([fit((1,), (every, every, s)) for s in range(people.shape[2])])
    ages = np.array([fit((1,), (every, a)) for a in range(people.shape[1])])
    sex_step = targets.sexes - sexes
    sex_step -= sex_step.mean(axis=0)
    age_step = targets.ages + lean * (targets.ages_low - targets.ages) - ages
    slopes = inputs.slopes + age_step[:, None, :] + sex_step[None, :, :]
    return replace(inputs, slopes=slopes), pooled


def _meet_thresholds(inputs: Inputs, chain: Chain, n_rounds: int) -> Inputs:
    """Move each threshold's thinning until its rows are met under the cap."""
    keep = chain.area.keep
    parent = expected_referrals(inputs, chain.geo, chain.features).sum(axis=(1, 2))
    for m in range(len(MEASURES) - 1):
        aims = _threshold_aims(chain, m)
        inputs = _meet_share(inputs, chain, m, parent[keep])
        for _ in range(n_rounds):
            inputs = _meet_threshold(inputs, chain, m, parent[keep], aims)
            inputs = _meet_share(inputs, chain, m, parent[keep])
        parent = parent * step_shares(inputs, chain.geo, chain.features)[m]
    return inputs


def _threshold_aims(chain: Chain, m: int) -> list[Aim]:
    """Return what the tables want of the measure that threshold `m` leads to."""
    measure = MEASURES[m + 1]
    placed = PLACED.get(m + 1)
    if placed is None:
        half = np.full(2, HALF)
        return [Aim(chain.area.study(), (1, 3), chain.targets.measures[m + 1], half)]
    gap = chain.targets.measures[MEASURES.index(placed)] - chain.targets.measures[m + 1]
    first, *others = place_aims(chain, placed)
    shift = np.array([*gap, 0.0])
    own = replace(first, wanted=chain.targets.measures[MEASURES.index(measure)])
    return [own, *(replace(aim, wanted=aim.wanted - shift) for aim in others)]


def _meet_threshold(
    inputs: Inputs, chain: Chain, m: int, parent: Floats, aims: list[Aim]
) -> Inputs:
    area = chain.area
    shares = step_shares(inputs, chain.geo, chain.features)[m][area.keep]
    free = (shares < inputs.cap).astype(np.float64)[:, None]
    features = [area.x1 + area.x2, area.x1 * area.x2]
    columns = np.column_stack(features)
    if len(aims) > 1:
        columns = np.column_stack([columns, chain.features[area.keep][:, PLACE]])
    parts = [aim_part(aim, area, parent * shares, columns * free) for aim in aims]
    n = columns.shape[1]
    step = solve_step(parts, np.r_[0.0, 0.0, inputs.place[m]][:n], np.array(THRESHOLD_SD)[:n])
    thinning, place = inputs.thinning.copy(), inputs.place.copy()
    thinning[m, 1:] += np.clip(step[:2], -0.1, 0.1)  # a cap that binds must not run away
    place[m, : step.size - 2] += step[2:]
    return replace(inputs, thinning=thinning, place=place)


def _meet_share(inputs: Inputs, chain: Chain, m: int, parent: Floats) -> Inputs:
    """Move one threshold's c0 until it keeps the printed share of the one before."""
    wanted = float(chain.targets.steps[m])
    for _ in range(60):
        shares = step_shares(inputs, chain.geo, chain.features)[m][chain.area.keep]
        miss = np.log(wanted / float((parent * shares).sum() / parent.sum()))
        if abs(miss) < 1e-10:
            break
        thinning = inputs.thinning.copy()
        thinning[m, 0] += miss
        inputs = replace(inputs, thinning=thinning)
    return inputs
