"""The suites: which frame each check looks at, and what Great Expectations is asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One claim about a release.

    Attributes
    ----------
    name
        Key of its limits in `settings.yml`.
    title
        What it says, for readers.
    frame
        The frame that it looks at, with a column `label` naming each row's place.
    kind
        'values' (every row inside the limits), 'median' (of the column), or 'ordered'
        (`column` at least `second_column` in every row).
    column, second_column
        What is judged.
    unit
        Written after limits and observed values.
    is_open
        Whether single observed values may be shown: England's, never one authority's.
    when_empty
        Why there is nothing to judge when the frame has no rows; '' makes that a failure.
    """

    name: str
    title: str
    frame: str
    kind: str
    column: str
    second_column: str = ""
    unit: str = ""
    is_open: bool = True
    when_empty: str = ""


CHECKS: tuple[Check, ...] = (
    Check("study_las", "Authorities missing from the study", "size", "values", "n_missing"),
    Check(
        "match_rate_overall",
        "Match rate of referred children",
        "match_overall",
        "values",
        "match_pct",
        unit=" %",
    ),
    Check(
        "match_rate_la",
        "Match rate of each authority",
        "match_by_la",
        "values",
        "match_pct",
        unit=" %",
        is_open=False,
        when_empty="no authority has 30 referred children",
    ),
    Check(
        "match_rate_sex_gap",
        "Match rate of boys against girls",
        "match_sex_gap",
        "values",
        "gap_points",
        unit=" points",
    ),
    Check(
        "la_referral_median",
        "Referral rate of the middle authority",
        "la_referrals",
        "median",
        "rate_per_10k",
        unit=" per 10,000",
    ),
    Check(
        "la_referral_rate",
        "Referral rate of each authority",
        "la_referrals",
        "values",
        "rate_per_10k",
        unit=" per 10,000",
        is_open=False,
    ),
    Check(
        "la_referral_events",
        "Referrals of each authority that returned a census",
        "la_referrals",
        "values",
        "n_events",
        is_open=False,
    ),
    Check(
        "lsoa_zero_share",
        "Neighbourhoods without a referral",
        "lsoa_zeros",
        "values",
        "zero_pct",
        unit=" %",
    ),
    Check(
        "threshold_order",
        "Rates fall from threshold to threshold",
        "thresholds",
        "ordered",
        "lower_rate",
        "higher_rate",
    ),
    Check(
        "validation_stops",
        "Returns that stop the release",
        "validation_stops",
        "values",
        "n_stopping",
    ),
    Check(
        "reference_totals",
        "England's events against the reference",
        "reference_totals",
        "values",
        "ratio",
        when_empty="no planted or printed totals hold for this dataset and year",
    ),
    Check(
        "dfe_totals",
        "England's events against DfE's publication",
        "dfe_totals",
        "values",
        "ratio",
        when_empty="only a complete real census is held against DfE's totals",
    ),
    Check(
        "dfe_la_totals",
        "Events of each authority against DfE's publication",
        "dfe_la_totals",
        "values",
        "n_outside",
        is_open=False,
        when_empty="only real returns are held against DfE's numbers of authorities",
    ),
    Check(
        "release_change_rate",
        "England's rates against the last release",
        "release_change",
        "values",
        "rate_ratio",
        when_empty="there is no earlier release of this dataset, size and year",
    ),
    Check(
        "release_change_match",
        "Match rate against the last release",
        "release_match_change",
        "values",
        "change_points",
        unit=" points",
        when_empty="there is no earlier release of this dataset, size and year",
    ),
)
