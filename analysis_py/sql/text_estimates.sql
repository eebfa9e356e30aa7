-- One row per value of the report's prose that this run has estimated elsewhere: cells of
-- other tables under the prose's name, and ranges over LAs, indicators and domains.
with named_elsewhere (row_label, statistic, table_no, row_there, statistic_there) as (

    values
    ('Mixed', 'cin_rate_per_10k', '5-cin', 'Mixed', 'rate_per_10k'),
    ('Mixed', 'cp_plan_rate_per_10k', '5-cp_plan', 'Mixed', 'rate_per_10k'),
    ('Asian', 'cin_rate_per_10k', '5-cin', 'Asian', 'rate_per_10k'),
    ('Asian', 'cp_plan_rate_per_10k', '5-cp_plan', 'Asian', 'rate_per_10k'),
    ('White', 'cin_irr', '5-cin', 'White', 'irr'),
    ('White', 'cp_plan_irr', '5-cp_plan', 'White', 'irr'),
    ('White', 'population_pct_text', '5', 'White', 'population_pct'),
    ('LA and housing serv.', 'irr_text_conflicts_with_table8', '8', 'LA and housing serv.', 'irr'),
    ('CIN ceased within 3 months', 'pct_yes_text', '12', 'CIN ceased within 3 months', 'pct_yes'),
    (
        'Summary 3.9 (labelled referral; are CP plan values)',
        'irr_low_imd_la', '2', 'CP Plan', 'irr_low_imd_la'
    ),
    (
        'Summary 3.9 (labelled referral; are CP plan values)',
        'irr_high_imd_la', '2', 'CP Plan', 'irr_high_imd_la'
    )

),

ranges as (

    select
        'per_la_gradient_range_' || measure as statistic,
        min(irr) as ci_low,
        max(irr) as ci_high
    from estimates.la_gradients
    where run_id = $run_id and irr is not null
    group by measure
    union all
    select
        'predicted_referral_rate_range_over_lsoa_income' as statistic,
        rate_at_min as ci_low,
        rate_at_max as ci_high
    from estimates.figure_02_lines
    where run_id = $run_id and measure = 'referral'
    union all
    select
        'table19_adjusted_change_pct_range' as statistic,
        100.0 * (min(value) - 1.0) as ci_low,
        100.0 * (max(value) - 1.0) as ci_high
    from estimates.cells
    where run_id = $run_id and table_no = '19' and statistic = 'rr_adjusted_for_la_imd'
    union all
    select
        'table19_la_imd_adjusted_range' as statistic,
        min(value) as ci_low,
        max(value) as ci_high
    from estimates.cells
    where
        run_id = $run_id
        and table_no = '19'
        and statistic = 'rr_la_imd_adjusted_for_indicator'

),

singles as (

    select
        'per_la_gradient_mean_' || measure as statistic,
        mean_irr as value
    from estimates.la_gradient_lines
    where run_id = $run_id
    union all
    select
        'predicted_referral_rate_at_lsoa_income_lt1pct' as statistic,
        rate_at_min as value
    from estimates.figure_02_lines
    where run_id = $run_id and measure = 'referral'
    union all
    select
        'predicted_referral_rate_at_lsoa_income_64pct' as statistic,
        rate_at_max as value
    from estimates.figure_02_lines
    where run_id = $run_id and measure = 'referral'
    union all
    -- the largest among the indicators that are tabulated
    select
        'la_indicator_abs_correlation_with_income_less_than' as statistic,
        max(abs(correlation)) as value
    from estimates.correlations
    where run_id = $run_id and subject = 'indicators' and abs(correlation) < 0.7
    union all
    -- the closest that another domain comes to income
    select
        'iod_domain_correlation_greater_than' as statistic,
        max(correlation) as value
    from estimates.correlations
    where
        run_id = $run_id
        and subject = 'domains'
        and 'income' in (variable_a, variable_b)

)

select
    there.row_label,
    there.statistic,
    cells.value,
    notes.n_events,
    cells.ci_low,
    cells.ci_high,
    notes.reason
from named_elsewhere as there
inner join estimates.cells as cells
    on
        cells.run_id = $run_id
        and there.table_no = cells.table_no
        and there.row_there = cells.row_label
        and there.statistic_there = cells.statistic
inner join estimates.cell_notes as notes
    on
        cells.run_id = notes.run_id
        and cells.table_no = notes.table_no
        and cells.row_label = notes.row_label
        and cells.statistic = notes.statistic
union all
select
    row_label,
    'interaction_p_text' as statistic,
    p_value as value,
    n_events,
    null as ci_low,
    null as ci_high,
    reason
from estimates.cell_notes
where run_id = $run_id and table_no in ('12', '13') and statistic = 'interaction'
union all
select
    '' as row_label,
    statistic,
    null as value,
    null as n_events,
    ci_low,
    ci_high,
    'the range, not an interval' as reason
from ranges
union all
select
    '' as row_label,
    statistic,
    value,
    null as n_events,
    null as ci_low,
    null as ci_high,
    '' as reason
from singles
