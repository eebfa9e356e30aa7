"""What the planted truth aims at: the printed cells of Tables 2, 3 and 4 as coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_py.config import AGES, MEASURES
from synth_py.facts import Published

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
    steps
        (5,) share of the events of one threshold that reach the next.
    age_rates
        (11,) referrals per child, all sexes.
    sex_rates
        (2,) referrals per child of recorded sex.
    unknown_sex
        Share of referrals without a recorded sex (331 of 300,830).
    """

    measures: Floats
    sexes: Floats
    ages: Floats
    ages_low: Floats
    pooled_high: Floats
    steps: Floats
    age_rates: Floats
    sex_rates: Floats
    unknown_sex: float


def read_targets(report: Published) -> Targets:
    """Read the printed values of Tables 2–4 into what the generator aims at."""
    n_all = report.value("2", "Referral", "n")
    n_sex = np.array([report.value("3", row, "n") for row in SEX_ROWS])
    n_age = np.array([report.value("4", row, "n") for row in AGE_ROWS])
    people_sex = np.array([report.value("3", row, "population") for row in SEX_ROWS])
    people_age = np.array([report.value("4", row, "population") for row in AGE_ROWS])
    n_measure = np.array([report.value("2", row, "n") for row in TABLE_2_ROWS.values()])
    return Targets(
        measures=_rows(report, "2", tuple(TABLE_2_ROWS.values())),
        sexes=_rows(report, "3", SEX_ROWS),
        ages=_rows(report, "4", AGE_ROWS),
        ages_low=_rows(report, "4", AGE_ROWS, edge=-1),
        pooled_high=np.array(row_coefficients(report, "2", "Referral", edge=1)),
        steps=n_measure[1:] / n_measure[:-1],
        age_rates=n_age / people_age,
        sex_rates=n_sex / people_sex,
        unknown_sex=1.0 - float(n_sex.sum()) / n_all,
    )


def _rows(report: Published, table: str, rows: tuple[str, ...], edge: int = 0) -> Floats:
    return np.array([row_coefficients(report, table, row, edge) for row in rows])


def row_coefficients(report: Published, table: str, row: str, edge: int = 0) -> tuple[float, float]:
    """Return the b1 and b3 that a row's four printed ratios allow.

    The four are exp(b1), exp(b1 − b3), exp(b1 + b3) and exp(b3), each printed to two
    decimals. With `edge` 0 the largest miss, in half units of the last printed digit, is
    as small as a grid of 1/100 of a half unit can make it; with −1 or 1 the gradient is
    the lowest or highest at which all four still round to the print.
    """
    printed = np.array([report.value(table, row, name) for name in GRADIENTS])
    half = np.array([report.half_unit(table, row, name) for name in GRADIENTS])
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
