"""Faults of data quality to plant in a small England, and the gate that must say so of each."""

from __future__ import annotations

from dataclasses import dataclass

NATIONAL = "as if the twelve authorities were the nation"
LAST = "held against a last release"


@dataclass(frozen=True)
class Fault:
    """What is broken, and who must say so."""

    sql: str
    gate: str
    table: str
    words: str
    needs: str = ""


FAULTS = {
    "a return that a threshold stops": Fault(
        "update quality.rpt_validation_decisions set decision = 'stops_release' "
        "where la_number = '801'",
        "validation",
        "quality.rpt_validation_decisions",
        "authority 801, 2019, stops the release",
    ),
    "a return that nothing was decided about": Fault(
        "delete from quality.rpt_validation_decisions where la_number = '802'",
        "validation",
        "quality.rpt_validation_decisions",
        "authority 802, 2019, was never decided about",
    ),
    "no decision at all": Fault(
        "delete from quality.rpt_validation_decisions; delete from quality.rpt_ingest_ledger "
        "where n_rows_staged > 0 and la_number > '801'; "
        "update quality.rpt_ingest_ledger set n_rows_staged = 1",
        "validation",
        "quality.rpt_validation_decisions",
        "never decided about",
    ),
    "a match rate of one in ten": Fault(
        "update quality.rpt_match_rates set match_rate = 0.1 where breakdown = 'all'",
        "expectations",
        "quality.rpt_match_rates",
        "match_rate_overall",
    ),
    "a match rate that is not there": Fault(
        "update quality.rpt_match_rates set match_rate = null where breakdown = 'all'",
        "expectations",
        "quality.rpt_match_rates",
        "match_rate_overall",
    ),
    "authorities whose children are not placed": Fault(
        "update quality.rpt_match_rates set match_rate = 0.05 where breakdown = 'la' "
        "and category <= 'E06000004'",
        "expectations",
        "quality.rpt_match_rates",
        "4 of 12 outside",
    ),
    "one sex that is not placed": Fault(
        "update quality.rpt_match_rates set match_rate = 0.75 where category = 'male'",
        "expectations",
        "quality.rpt_match_rates",
        "match_rate_sex_gap",
        NATIONAL,
    ),
    "an authority that did not return": Fault(
        "delete from quality.rpt_ingest_ledger where la_number = '803'; "
        "delete from quality.rpt_validation_decisions where la_number = '803'",
        "expectations",
        "core.dim_la",
        "study_las",
        NATIONAL,
    ),
    "rates of another unit": Fault(
        "update rates.fct_rates_la set rate_per_10k = rate_per_10k / 1000 "
        "where measure = 'referral'",
        "expectations",
        "rates.fct_rates_la",
        "la_referral_median",
    ),
    "rates of some authorities out of range": Fault(
        "update rates.fct_rates_la set rate_per_10k = 5000 where la_code <= 'E06000004' "
        "and measure = 'referral'",
        "expectations",
        "rates.fct_rates_la",
        "la_referral_rate",
    ),
    "an authority without a referral": Fault(
        "update rates.fct_rates_la set numerator = 0 where la_code = 'E06000007'",
        "expectations",
        "rates.fct_rates_la",
        "la_referral_events",
    ),
    "no rates at all": Fault(
        "delete from rates.fct_rates_la where measure = 'referral'",
        "expectations",
        "rates.fct_rates_la",
        "nothing to judge",
    ),
    "neighbourhoods that lost their children": Fault(
        "update modelling.mdl_lsoa_counts set n_events = 0 "
        "where measure = 'referral' and right(lsoa_code, 2) > '06'",
        "expectations",
        "modelling.mdl_lsoa_counts",
        "lsoa_zero_share",
    ),
    "a higher threshold that more children reach": Fault(
        "update rates.fct_rates_la set numerator = 40 * numerator where measure = 'cp_plan'",
        "expectations",
        "rates.fct_rates_la",
        "s47 before cp_plan",
    ),
    "totals that are not those planted": Fault(
        "insert into modelling.mdl_planted_values values ('2', 'Referral', 'n', 10)",
        "expectations",
        "rates.fct_rates_la",
        "reference_totals",
    ),
    "totals that are not DfE's": Fault(
        "update quality.rpt_reconciliation set is_comparable = true",
        "expectations",
        "quality.rpt_reconciliation",
        "dfe_totals",
        NATIONAL,
    ),
    "rows that were kept out": Fault(
        "update quality.rpt_ingest_ledger set n_rows_quarantined = 200",
        "expectations",
        "quality.rpt_ingest_ledger",
        "quarantined_share",
    ),
    "a stratum that is mostly unknown": Fault(
        "insert into rates.fct_rates_la (census_year, la_code, measure, basis, timing, "
        "stratum_type, stratum, numerator) values (2019, 'E06000001', 'referral', 'episode', "
        "'incidence', 'age', 'unknown', 1000000)",
        "expectations",
        "rates.fct_rates_la",
        "unknown_share",
    ),
    "neighbourhoods without children": Fault(
        "update modelling.mdl_lsoa_context set population = 1 where right(lsoa_code, 2) = '05'",
        "expectations",
        "modelling.mdl_lsoa_context",
        "lsoa_population",
    ),
    "income deprivation that is no share": Fault(
        "update modelling.mdl_lsoa_context set income = 3 where right(lsoa_code, 2) = '05'",
        "expectations",
        "modelling.mdl_lsoa_context",
        "lsoa_income",
    ),
    "a rate that moved since the last release": Fault(
        "update rates.fct_rates_la set numerator = 3 * numerator where measure = 'cin'",
        "expectations",
        "rates.fct_rates_la",
        "release_change_rate",
        LAST,
    ),
    "a match rate that moved since the last release": Fault(
        "update quality.rpt_match_rates set match_rate = 0.62 where breakdown = 'all'",
        "expectations",
        "quality.rpt_match_rates",
        "release_change_match",
        LAST,
    ),
    "an authority that the last release had": Fault(
        "delete from quality.rpt_ingest_ledger where la_number = '812'",
        "expectations",
        "core.dim_la",
        "release_change_las",
        LAST,
    ),
    "authorities whose rate moved since the last release": Fault(
        "update rates.fct_rates_la set rate_per_10k = rate_per_10k / 3.5 "
        "where la_code <= 'E06000003' and measure = 'referral'",
        "expectations",
        "rates.fct_rates_la",
        "release_change_la_rate",
        LAST,
    ),
    "a model of Table 2 that did not converge": Fault(
        "update estimates.fits set converged = false, reason = 'flat' "
        "where table_no = '2' and row_label = 'Referral'",
        "convergence",
        "estimates.fits",
        "Table 2, Referral: the model did not converge (flat)",
    ),
    "many models that did not converge": Fault(
        "update estimates.fits set converged = false where table_no = '18'",
        "convergence",
        "estimates.fits",
        "limit: at least 95 %",
    ),
    "estimates of another build": Fault(
        "update estimates.runs set build_id = 'another'",
        "estimates",
        "estimates.runs",
        "of another build",
    ),
    "estimates of another dataset": Fault(
        "update estimates.runs set dataset = 'real'",
        "estimates",
        "estimates.runs",
        "another dataset or domain",
    ),
    "estimates of another year": Fault(
        "insert into rates.fct_rates_la by name select * replace (2020 as census_year) "
        "from rates.fct_rates_la",
        "estimates",
        "estimates.runs",
        "of 2019, the latest marts of 2020",
    ),
    "no estimates": Fault(
        "drop schema estimates cascade",
        "estimates",
        "estimates.runs",
        "no estimates in the warehouse",
    ),
    "a coefficient without spread": Fault(
        "update estimates.coefficients set std_error = 'nan'::double "
        "where spec_id = 'table_02/referral/all/all'",
        "estimates",
        "estimates.coefficients",
        "no estimate can be that",
    ),
    "a model without its coefficients": Fault(
        "delete from estimates.coefficients where spec_id = 'table_02/cin/all/all'",
        "estimates",
        "estimates.coefficients",
        "without its other half",
    ),
    "a coefficient without its model": Fault(
        "delete from estimates.fits where spec_id = 'table_02/cin/all/all'",
        "estimates",
        "estimates.fits",
        "without its other half",
    ),
    "small counts that nothing flags": Fault(
        "update disclosure.dsc_cells set is_primary = false",
        "disclosure",
        "published.rates_la",
        "shown: rates_la, 2019, E06000001, cp_plan",
    ),
    "ages that are not known to add up": Fault(
        "delete from disclosure.dsc_relations where relation = 'age'",
        "disclosure",
        "published.rates_la",
        "pinned: rates_la, 2019, E06000003, cp_conference",
    ),
    "a cell that nothing says how it was made": Fault(
        "delete from estimates.cell_notes where table_no = '2' and row_label = 'CIN'",
        "estimates",
        "estimates.cells",
        "0 notes",
    ),
}
