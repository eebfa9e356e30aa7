"""One authority's outcomes: share, odds ratio, and why there is none."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from analysis_py.local import MINIMUM_OUTCOME_EVENTS, local_spec, outcome_cells, wilson
from publish_py.rules import load_rules

SPEC = local_spec()


def test_wilson_limits_are_those_of_another_implementation() -> None:
    from statsmodels.stats.proportion import (  # noqa: PLC0415 (a second to import)
        proportion_confint,
    )

    for n_events, n_trials in ((0, 7), (3, 10), (90, 100), (12, 12)):
        low, high = proportion_confint(n_events, n_trials, 0.05, method="wilson")
        share, own_low, own_high = wilson(n_events, n_trials, 0.05)
        assert share == pytest.approx(n_events / n_trials)
        assert (own_low, own_high) == pytest.approx((low, high), abs=1e-12)
    assert wilson(0, 0, 0.05) == (None, None, None)


def test_the_odds_ratio_of_two_neighbourhoods_is_that_of_their_counts() -> None:
    found = {
        "successes": np.array([20.0, 60.0]),
        "trials": np.array([120.0, 160.0]),
        "x1": np.array([-0.5, 0.5]),
    }
    (share, share_note), (ratio, ratio_note) = outcome_cells(SPEC.outcomes[0], found, 0.05)
    assert share.value == pytest.approx(100 * 80 / 280)
    assert (share_note.n_events, share_note.n_trials) == (80, 280)
    assert ratio.value == pytest.approx((60 / 100) / (20 / 100))
    half = 1.959964 * np.sqrt(1 / 60 + 1 / 100 + 1 / 20 + 1 / 100)
    assert ratio.ci_low == pytest.approx(3 * np.exp(-half), rel=1e-5)
    assert ratio_note.reason == ""


@pytest.mark.parametrize(
    ("successes", "trials", "x1", "told"),
    [
        ([4.0, 5.0], [100.0, 100.0], [0.0, 1.0], "fewer than 10"),
        ([100.0, 95.0], [100.0, 100.0], [0.0, 1.0], "fewer than 10"),
        ([30.0, 40.0], [100.0, 100.0], [1.0, 1.0], "same deprivation"),
        ([], [], [], "fewer than 10"),
    ],
)
def test_what_cannot_be_fitted_says_why(
    successes: list[float], trials: list[float], x1: list[float], told: str
) -> None:
    found = {"successes": np.array(successes), "trials": np.array(trials), "x1": np.array(x1)}
    _, (ratio, note) = outcome_cells(SPEC.outcomes[0], found, 0.05)
    assert ratio.value is None
    assert told in note.reason


def test_the_specification_names_printed_rows_and_the_least_number_of_the_rules(
    project: Path,
) -> None:
    seed = project / "seeds" / "published" / "report_values.csv"
    with seed.open(encoding="utf-8", newline="") as stream:
        printed = {(r["table_no"], r["row_label"], r["statistic"]) for r in csv.DictReader(stream)}
    for one in SPEC.outcomes:
        for statistic in ("pct_yes", "ratio"):
            assert (one.table_no, one.row_label, statistic) in printed
    assert load_rules().minimum_model_events == MINIMUM_OUTCOME_EVENTS
    assert all(one.reason for one in SPEC.not_fitted)
