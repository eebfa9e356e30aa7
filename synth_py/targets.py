"""What the planted truth aims at: the printed cells as coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_py.config import AGES, MEASURES
from synth_py.facts import Published
from synth_py.fitting import LOG_DENSITY_STEP

Floats = NDArray[np.float64]

TABLE_2_ROWS = dict(
    zip(
        MEASURES,
        ("Referral", "Assessment", "CIN", "S47", "CP Conference", "CP Plan"),
        strict=True,
    )
)
SEX_ROWS = ("Males", "Females")
AGE_ROWS = tuple(f"Age {age}" for age in AGES)
WITHIN = 0.95
"""How much of half a printed unit a coefficient at the edge of the print may use."""
GRADIENTS = ("irr", "irr_low_imd_la", "irr_high_imd_la", "interaction")
LEVELS = {"low": -1.0, "mid": 0.0, "high": 1.0}
GEOGRAPHIC = ("rural_lsoas", "ethnic_minority", "population_65_plus")
"""Indicators that follow from the places and people drawn, in the order of their scores."""


@dataclass(frozen=True)
class Wanted:
    """Coefficients and their tolerances.

    Attributes
    ----------
    value, half
        (q,) coefficients, and half a printed unit on the log scale.
    """

    value: Floats
    half: Floats


@dataclass(frozen=True)
class Targets:
    """Printed rates and the coefficients nearest to the printed ratios.

    Attributes
    ----------
    measures
        (6, 2) b1 and b3 of each Table 2 row.
    sexes
        (2, 2) of each Table 3 row.
    ages
        (11, 2) of each Table 4 row.
    ages_low
        (11, 2) the same with the lowest gradients that still round to the print.
    pooled_high
        (2,) the Table 2 referral row with the highest gradient that still does.
    ethnic
        (5, 2) of each Table 5 row.
    rural
        By measure, b1 of urban, rural less urban, and b3 (Table 16).
    density
        By measure, b1 at the middle density, its slope on log density, and b3 (Table 17).
    steps
        (5,) share of the events of one threshold that reach the next.
    age_rates
        (11,) referrals per child, all sexes.
    sex_rates
        (2,) referrals per child of recorded sex.
    unknown_sex
        Share of referrals without a recorded sex (331 of 300,830).
    ethnic_rates
        (5,) referrals per child by ethnic group.
    unknown_ethnicity
        Share of referrals without a known ethnic group (12,274 of 300,830).
    rural_rates
        Referral rate of rural over that of urban neighbourhoods (text, section 3.7).
    """

    measures: Floats
    sexes: Floats
    ages: Floats
    ages_low: Floats
    pooled_high: Floats
    ethnic: Floats
    rural: dict[str, Wanted]
    density: dict[str, Wanted]
    steps: Floats
    age_rates: Floats
    sex_rates: Floats
    unknown_sex: float
    ethnic_rates: Floats
    unknown_ethnicity: float
    rural_rates: float


def read_targets(report: Published) -> Targets:
    """Read the printed values that the chain of thresholds is calibrated to."""
    n_all = report.value("2", "Referral", "n")
    n_sex = _column(report, "3", SEX_ROWS, "n")
    n_age = _column(report, "4", AGE_ROWS, "n")
    ethnic_rows = tuple(report.rows("5"))
    n_ethnic = _column(report, "5", ethnic_rows, "n")
    n_measure = _column(report, "2", tuple(TABLE_2_ROWS.values()), "n")
    return Targets(
        measures=row_table(report, "2", tuple(TABLE_2_ROWS.values())),
        sexes=row_table(report, "3", SEX_ROWS),
        ages=row_table(report, "4", AGE_ROWS),
        ages_low=row_table(report, "4", AGE_ROWS, edge=-1),
        pooled_high=np.array(row_coefficients(report, "2", "Referral", edge=1)),
        ethnic=row_table(report, "5", ethnic_rows),
        rural={m: _rural(report, m) for m in ("referral", "cin", "cp_plan")},
        density={m: _density(report, m) for m in ("referral", "cin", "cp_plan")},
        steps=n_measure[1:] / n_measure[:-1],
        age_rates=n_age / _column(report, "4", AGE_ROWS, "population"),
        sex_rates=n_sex / _column(report, "3", SEX_ROWS, "population"),
        unknown_sex=1.0 - float(n_sex.sum()) / n_all,
        ethnic_rates=n_ethnic / _column(report, "5", ethnic_rows, "population"),
        unknown_ethnicity=1.0 - float(n_ethnic.sum()) / n_all,
        rural_rates=report.value("text", "", "referral_rate_rural")
        / report.value("text", "", "referral_rate_urban"),
    )


def _column(report: Published, table: str, rows: tuple[str, ...], statistic: str) -> Floats:
    return np.array([report.value(table, row, statistic) for row in rows])


def _rural(report: Published, measure: str) -> Wanted:
    cells = [
        (("16", row, f"{measure}_irr_la_{level}"), (1.0, is_rural, x2))
        for row, is_rural in (("Urban", 0.0), ("Rural", 1.0))
        for level, x2 in LEVELS.items()
    ]
    return nearest(report, cells)


def _density(report: Published, measure: str) -> Wanted:
    cells = [
        (("17", f"{row} density", f"{measure}_irr_la_{level}"), (1.0, step, x2))
        for row, step in (("Low", -LOG_DENSITY_STEP), ("Mid", 0.0), ("High", LOG_DENSITY_STEP))
        for level, x2 in LEVELS.items()
    ]
    return nearest(report, cells)


def nearest(
    report: Published, cells: Sequence[tuple[tuple[str, str, str], tuple[float, ...]]]
) -> Wanted:
    """Return the coefficients nearest to printed ratios, in half units of their last digits.

    Each cell is a printed ratio and its logarithm's weights on the coefficients.
    """
    printed = np.array([report.value(*key) for key, _ in cells])
    half = np.array([report.half_unit(*key) for key, _ in cells]) / printed
    weights = np.array([row for _, row in cells])
    scaled = weights / half[:, None]
    value = np.linalg.lstsq(scaled, np.log(printed) / half, rcond=None)[0]
    return Wanted(value, np.sqrt(np.diag(np.linalg.inv(scaled.T @ scaled))))


def row_table(report: Published, table: str, rows: tuple[str, ...], edge: int = 0) -> Floats:
    """Return b1 and b3 of each row, shape (rows, 2)."""
    return np.array([row_coefficients(report, table, row, edge) for row in rows])


def row_coefficients(report: Published, table: str, row: str, edge: int = 0) -> tuple[float, float]:
    """Return the b1 and b3 that a row's four printed ratios allow.

    The four are exp(b1), exp(b1 − b3), exp(b1 + b3) and exp(b3), each printed to two
    decimals. With `edge` 0 the largest miss, in half units of the last printed digit, is
    as small as a grid of 1/100 of a half unit can make it; with −1 or 1 the gradient is
    the lowest or highest at which all four still round to the print.
    """
    names = GRADIENTS
    if "ratio" in report.statistics(table, row):
        names = ("ratio", "ratio_low_imd_la", "ratio_high_imd_la", "interaction")
    printed = np.array([report.value(table, row, name) for name in names])
    half = np.array([report.half_unit(table, row, name) for name in names])
    ratio = printed[0] + half[0] * np.linspace(-1.5, 1.5, 301)[:, None]
    inter = printed[3] + half[3] * np.linspace(-1.5, 1.5, 301)[None, :]
    at = [ratio, ratio / inter, ratio * inter, inter]
    miss = np.zeros((ratio.size, inter.size))
    for value, print_, unit in zip(at, printed, half, strict=True):
        miss = np.maximum(miss, np.abs(value - print_) / unit)
    lines = np.flatnonzero(miss.min(axis=1) <= WITHIN)
    if edge and lines.size:
        i = int(lines[0] if edge < 0 else lines[-1])
    else:
        i = int(np.argmin(miss.min(axis=1)))
    k = int(np.argmin(miss[i]))
    return float(np.log(ratio[i, 0])), float(np.log(inter[0, k]))
