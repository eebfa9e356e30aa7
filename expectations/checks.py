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
    table
        The table of the warehouse that the frame is read from.
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
    remedy
        What to do when it fails, as an instruction.
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
    table: str = ""
    remedy: str = ""


CHECKS: tuple[Check, ...] = (
    Check(
        "study_las",
        "Authorities missing from the study",
        "size",
        "values",
        "n_missing",
        table="core.dim_la",
        remedy="bring in the missing returns, or find out why they were kept out: `cin doctor`",
    ),
    Check(
        "match_rate_overall",
        "Match rate of referred children",
        "match_overall",
        "values",
        "match_pct",
        unit=" %",
        table="quality.rpt_match_rates",
        remedy="look at the location file of the year: its identifiers, and children without one",
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
        table="quality.rpt_match_rates",
        remedy="look at the location rows of the authorities named",
    ),
    Check(
        "match_rate_sex_gap",
        "Match rate of boys against girls",
        "match_sex_gap",
        "values",
        "gap_points",
        unit=" points",
        table="quality.rpt_match_rates",
        remedy="look at the identifiers of one sex in returns and locations",
    ),
    Check(
        "la_referral_median",
        "Referral rate of the middle authority",
        "la_referrals",
        "median",
        "rate_per_10k",
        unit=" per 10,000",
        table="rates.fct_rates_la",
        remedy="look for part returns, and for populations of other ages or areas",
    ),
    Check(
        "la_referral_rate",
        "Referral rate of each authority",
        "la_referrals",
        "values",
        "rate_per_10k",
        unit=" per 10,000",
        is_open=False,
        table="rates.fct_rates_la",
        remedy="look at the returns and populations of the authorities named",
    ),
    Check(
        "la_referral_events",
        "Referrals of each authority that returned a census",
        "la_referrals",
        "values",
        "n_events",
        is_open=False,
        table="rates.fct_rates_la",
        remedy="look at the returns of the authorities named: rows of another year, or not located",
    ),
    Check(
        "lsoa_zero_share",
        "Neighbourhoods without a referral",
        "lsoa_zeros",
        "values",
        "zero_pct",
        unit=" %",
        table="modelling.mdl_lsoa_counts",
        remedy="look for children whose location is lost, in quality.rpt_cohort_flow",
    ),
    Check(
        "threshold_order",
        "Rates fall from threshold to threshold",
        "thresholds",
        "ordered",
        "lower_rate",
        "higher_rate",
        table="rates.fct_rates_la",
        remedy="look at the measures named: dates or flags of one of them may not have come in",
    ),
    Check(
        "validation_stops",
        "Returns that stop the release",
        "validation_stops",
        "values",
        "n_stopping",
        table="quality.rpt_validation_decisions",
        remedy="mend the returns, which `cin validate` lists issue by issue, and ingest them again",
    ),
    Check(
        "reference_totals",
        "England's events against the reference",
        "reference_totals",
        "values",
        "ratio",
        when_empty="no planted or printed totals hold for this dataset and year",
        table="rates.fct_rates_la",
        remedy="look for rows lost or doubled on the way, in quality.rpt_cohort_flow",
    ),
    Check(
        "dfe_totals",
        "England's events against DfE's publication",
        "dfe_totals",
        "values",
        "ratio",
        when_empty="only a complete real census is held against DfE's totals",
        table="quality.rpt_reconciliation",
        remedy="look for returns that were superseded, or that are not whole",
    ),
    Check(
        "dfe_la_totals",
        "Events of each authority against DfE's publication",
        "dfe_la_totals",
        "values",
        "n_outside",
        is_open=False,
        when_empty="only real returns are held against DfE's numbers of authorities",
        table="quality.rpt_reconciliation_la",
        remedy="look at the returns of the authorities named: superseded, or not whole",
    ),
    Check(
        "release_change_rate",
        "England's rates against the last release",
        "release_change",
        "values",
        "rate_ratio",
        when_empty="there is no earlier release of this dataset, size and year",
        table="rates.fct_rates_la",
        remedy="find what moved the rate between the two releases: returns, settings, definitions",
    ),
    Check(
        "release_change_match",
        "Match rate against the last release",
        "release_match_change",
        "values",
        "change_points",
        unit=" points",
        when_empty="there is no earlier release of this dataset, size and year",
        table="quality.rpt_match_rates",
        remedy="find what changed in the location file since the last release",
    ),
    Check(
        "quarantined_share",
        "Rows kept out of each census table",
        "quarantined",
        "values",
        "quarantined_pct",
        unit=" %",
        table="quality.rpt_ingest_ledger",
        remedy="mend the rows that the quarantine ledger names, and ingest again",
    ),
    Check(
        "unknown_share",
        "Events of a stratum that is not known",
        "unknown_strata",
        "values",
        "unknown_pct",
        unit=" %",
        when_empty="no strata with an unknown part are counted",
        table="rates.fct_rates_la",
        remedy="look at how the field of the stratum named came in: its header, its codes",
    ),
    Check(
        "lsoa_population",
        "Children of each neighbourhood",
        "lsoa_context",
        "values",
        "population",
        is_open=False,
        table="modelling.mdl_lsoa_context",
        remedy="look at the population estimates that were read: their ages and their year",
    ),
    Check(
        "lsoa_income",
        "Income deprivation of each neighbourhood",
        "lsoa_context",
        "values",
        "income_pct",
        unit=" %",
        is_open=False,
        table="modelling.mdl_lsoa_context",
        remedy="look at the release of the Indices of Deprivation that was read",
    ),
    Check(
        "release_change_las",
        "Authorities against the last release",
        "release_las",
        "values",
        "n_fewer",
        when_empty="there is no earlier release of this dataset, size and year",
        table="core.dim_la",
        remedy="bring in the returns that the last release had and this one lacks",
    ),
    Check(
        "release_change_la_rate",
        "Authorities' rates against the last release",
        "release_la_change",
        "values",
        "rate_ratio",
        is_open=False,
        when_empty="there is no earlier release with rates of authorities",
        table="rates.fct_rates_la",
        remedy="look at the returns of the authorities named, now and at the last release",
    ),
)
