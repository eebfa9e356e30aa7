"""Every fit behind a planted figure: the rows of Tables 2 to 19, on expected or drawn events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from synth_py.config import MEASURES
from synth_py.ethnic import GROUPS
from synth_py.events import Events
from synth_py.facts import Published
from synth_py.fitting import LOG_DENSITY_CENTRE, LOG_DENSITY_STEP, Area, lsoas, msoas
from synth_py.geography import group_sums
from synth_py.la_effects import LA_INCOME, STATISTICS
from synth_py.outcomes import LEVELS, OUTCOMES
from synth_py.targets import AGE_ROWS, SEX_ROWS, TABLE_2_ROWS
from synth_py.truth import Truth

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Key = tuple[str, str, str]
"""Table, row label and statistic, as in the report's values."""

GRADIENTS = {"irr": (1, 0), "irr_low_imd_la": (1, -1), "irr_high_imd_la": (1, 1),
             "interaction": (0, 1)}  # fmt: skip
ODDS = {"ratio": (1, 0), "ratio_low_imd_la": (1, -1), "ratio_high_imd_la": (1, 1),
        "interaction": (0, 1)}  # fmt: skip
"""Weights of b1 and b3 in the logarithm of each printed ratio (study, section 2.4)."""


@dataclass(frozen=True)
class Ratio:
    """A printed figure `base · exp(weights · coefficients)`."""

    weights: Floats
    base: float = 1.0


@dataclass(frozen=True)
class Row:
    """One fit and the figures that come of it.

    Attributes
    ----------
    events, size
        (n,) counts (expected or drawn), and people at risk or trials.
    design
        (n, p) columns of the model.
    la
        (n,) authority.
    ratios
        Figures made of coefficients.
    sizes
        Figures made of counts.
    is_outcome
        Whether the model is binomial.
    predicted
        Covariates (p,) at which a percentage is predicted, by figure.
    """

    events: Floats
    size: Floats
    design: Floats
    la: Ints
    ratios: Mapping[Key, Ratio]
    sizes: Mapping[Key, float] = field(default_factory=dict)
    is_outcome: bool = False
    predicted: Mapping[Key, Floats] = field(default_factory=dict)


@dataclass(frozen=True)
class Tables:
    """What the rows of an England are made from."""

    truth: Truth
    events: Events
    report: Published
    lsoas: Area
    msoas: Area

    @classmethod
    def of(cls, truth: Truth, events: Events, report: Published) -> Tables:
        """Return the tables of one England's expected or drawn events."""
        geo = truth.geography
        return cls(truth, events, report, lsoas(geo), msoas(geo))


def rows(tables: Tables) -> Iterator[Row]:
    """Yield every fit, table by table."""
    yield from thresholds(tables)
    yield from ethnic_rows(tables)
    yield from stratum_rows(tables)
    yield from outcome_rows(tables)
    yield from place_rows(tables)
    yield from indicator_rows(tables)


def _gradient_row(
    area: Area, key: tuple[str, str], events: Floats, people: Floats, *,
    base: float, everybody: float,
) -> Row:  # fmt: skip
    """Return a row (table, label) of the study's model; `base` is what its percentage is of."""
    n, size = float(events.sum()), float(people.sum())
    sizes = {
        "n": n, "n_pct": 100.0 * n / base, "rate_per_10k": 1e4 * n / size,
        "population": size, "population_pct": 100.0 * size / everybody,
    }  # fmt: skip
    return Row(
        events, people, area.study(), area.la,
        ratios={(*key, name): Ratio(np.array([0.0, w1, 0.0, w3]))
                for name, (w1, w3) in GRADIENTS.items()},
        sizes={(*key, name): value for name, value in sizes.items()},
    )  # fmt: skip


def thresholds(tables: Tables) -> Iterator[Row]:
    """Yield Tables 2, 3 and 4."""
    area, keep = tables.lsoas, tables.lsoas.keep
    children = tables.truth.geography.children[keep].astype(np.float64)
    total = float(tables.events.total("referral")[keep].sum())
    everybody = float(area.people.sum())

    def row(table: str, label: str, events: Floats, people: Floats) -> Row:
        return _gradient_row(area, (table, label), events, people, base=total, everybody=everybody)

    for measure in MEASURES:
        yield row("2", TABLE_2_ROWS[measure], tables.events.total(measure)[keep], area.people)
    referrals = tables.events.measures["referral"][keep].astype(np.float64)
    for s, label in enumerate(SEX_ROWS):
        yield row("3", label, referrals[:, :, s].sum(axis=1), children[:, :, s].sum(axis=1))
    for a, label in enumerate(AGE_ROWS):
        yield row("4", label, referrals[:, a].sum(axis=1), children[:, a].sum(axis=1))


def ethnic_rows(tables: Tables) -> Iterator[Row]:
    """Yield Table 5 over MSOAs, and what the text says of groups' other thresholds."""
    area = tables.msoas
    people = tables.truth.composition.people[area.keep]
    everybody = float(people.sum())
    counts = {m: events[area.keep] for m, events in tables.events.ethnic.items()}
    total = float(counts["referral"].sum())
    for e, label in enumerate(GROUPS):
        row = _gradient_row(
            area,
            ("5", label),
            counts["referral"][:, e],
            people[:, e],
            base=total,
            everybody=everybody,
        )
        rates = {
            ("text", label, f"{measure}_rate_per_10k"):
                1e4 * float(counts[measure][:, e].sum() / people[:, e].sum())
            for measure in ("cin", "cp_plan")
        }  # fmt: skip
        yield Row(row.events, row.size, row.design, row.la, row.ratios, {**row.sizes, **rates})
    white = GROUPS.index("White")
    for measure in ("cin", "cp_plan"):
        yield Row(
            counts[measure][:, white], people[:, white], area.study(), area.la,
            {("text", "White", f"{measure}_irr"): Ratio(np.array([0.0, 1.0, 0.0, 0.0]))},
        )  # fmt: skip


def stratum_rows(tables: Tables) -> Iterator[Row]:
    """Yield Tables 6, 7 and 8; Table 6's percentages are of assessments with a factor."""
    area, events = tables.lsoas, tables.events
    bases = {
        "6": (events.factors, float(events.factors[area.keep, -1].sum())),
        "7": (events.categories, float(events.total("cp_plan")[area.keep].sum())),
        "8": (events.sources, float(events.total("referral")[area.keep].sum())),
    }
    everybody = float(area.people.sum())
    for table, (counts, base) in bases.items():
        for g, label in enumerate(tables.report.rows(table)):
            column = counts[area.keep, g]
            yield _gradient_row(
                area, (table, label), column, area.people, base=base, everybody=everybody
            )


def outcome_rows(tables: Tables) -> Iterator[Row]:
    """Yield Tables 9, 12 and 13 with the grids 10, 11, 14 and 15.

    A grid's figure is the overall percentage times odds ratios, as the report reckons; the
    percentage that the model predicts has `_predicted` after its name.
    """
    area = tables.lsoas
    for name, (table, grid, label) in OUTCOMES.items():
        yes, trials = (values[area.keep] for values in tables.events.outcomes[name])
        n_yes, n = float(yes.sum()), float(trials.sum())
        percent = 100.0 * n_yes / n
        ratios: dict[Key, Ratio] = {
            (table, label, statistic): Ratio(np.array([0.0, w1, 0.0, w3]))
            for statistic, (w1, w3) in ODDS.items()
        }
        predicted: dict[Key, Floats] = {}
        for la, x2 in LEVELS.items():
            for lsoa, x1 in LEVELS.items():
                at = np.array([1.0, x1, x2, x1 * x2])
                statistic = f"pct_la_{la}_lsoa_{lsoa}"
                ratios[grid, label, statistic] = Ratio(at * [0, 1, 1, 1], percent)
                predicted[grid, label, f"{statistic}_predicted"] = at
        sizes = {"n_yes": n_yes, "n_no": n - n_yes, "pct_yes": percent, "pct_no": 100.0 - percent,
                 "ratio_reference": 1.0}  # fmt: skip
        yield Row(
            yes, trials, area.study(), area.la, ratios,
            {(table, label, statistic): value for statistic, value in sizes.items()},
            is_outcome=True, predicted=predicted,
        )  # fmt: skip


def place_rows(tables: Tables) -> Iterator[Row]:
    """Yield Tables 16 and 17: a fit a measure."""
    area, geo = tables.lsoas, tables.truth.geography
    rural = geo.rural[area.keep].astype(np.float64)
    dense = np.log(geo.density[area.keep]) - LOG_DENSITY_CENTRE
    places = {
        "16": (rural, {"Rural": 1.0, "Urban": 0.0}),
        "17": (dense, {"Low density": -LOG_DENSITY_STEP, "Mid density": 0.0,
                       "High density": LOG_DENSITY_STEP}),
    }  # fmt: skip
    for table, (place, labels) in places.items():
        for measure in ("referral", "cin", "cp_plan"):
            events = tables.events.total(measure)[area.keep].astype(np.float64)
            ratios = {
                (table, label, f"{measure}_irr_la_{level}"): Ratio(
                    np.array([0.0, 1.0, 0.0, x2, 0.0, value])
                )
                for label, value in labels.items()
                for level, x2 in LEVELS.items()
            }
            design = area.study(place, area.x1 * place)
            yield Row(events, area.people, design, area.la, ratios)


def indicator_rows(tables: Tables) -> Iterator[Row]:
    """Yield Tables 18 and 19: two fits an indicator and table, over authorities with a value.

    Table 18's covariates are constant in an authority, so its rows are authorities' totals.
    """
    geo = tables.truth.geography
    scores = tables.truth.indicators.scores(geo)
    income = geo.la_income_z
    study = np.where(geo.la_modelled, income, np.nan)
    yield from _both_tables(tables, LA_INCOME, (study,), {0: 0, 2: 0})
    for row, score in zip(tables.truth.indicators.rows, scores, strict=True):
        yield from _both_tables(tables, row, (score,), {0: 0})
        yield from _both_tables(tables, row, (score, income), {1: 0, 2: 1})


def _both_tables(
    tables: Tables, label: str, scores: tuple[Floats, ...], at: dict[int, int]
) -> Iterator[Row]:
    """Yield the fits on authorities' scores (J,); `at` says which score each statistic is of."""
    area = tables.lsoas
    events = tables.events.total("referral")[area.keep].astype(np.float64)
    known = np.isfinite(scores[0])
    las = np.flatnonzero(known)
    n_las = known.size
    totals = group_sums(events, area.la, n_las)[las]
    people = group_sums(area.people, area.la, n_las)[las]
    k = len(scores)
    yield Row(
        totals, people, np.column_stack([np.ones(las.size), *(s[las] for s in scores)]), las,
        {("18", label, STATISTICS[s]): Ratio(np.eye(1 + k)[1 + which]) for s, which in at.items()},
    )  # fmt: skip
    here = known[area.la]
    part = Area(here, area.la[here], area.people[here], area.x1[here], area.x2[here])
    design = part.interacted(*(s[part.la] for s in scores))
    yield Row(
        events[here], part.people, design, part.la,
        {("19", label, STATISTICS[s]): Ratio(np.eye(2 + 2 * k)[3 + 2 * which])
         for s, which in at.items()},
    )  # fmt: skip
