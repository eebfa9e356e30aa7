-- One row per group of children referred and statistic: how many were found in a
-- location file (report, section 2.2).
with groups as (

    select
        rates.n_children,
        rates.n_matched,
        100.0 * rates.match_rate as match_rate_pct,
        case
            when rates.breakdown = 'all' then 'All children referred'
            when strata.label is not null then strata.label
            when rates.breakdown = 'ethnic_group' then 'Ethnic group not known'
            else 'Sex not known'
        end as row_label
    from quality.rpt_match_rates as rates
    -- one row of `rates` meets at most one stratum
    left join core.dim_stratum as strata
        on
            rates.category = strata.stratum
            and case rates.breakdown when 'ethnic_group' then 'ethnicity' else rates.breakdown end
            = strata.stratum_type
    where
        rates.census_year = $census_year
        and rates.breakdown in ('all', 'sex', 'age', 'ethnic_group')

),

counted as (

    select
        row_label,
        cast(n_children as bigint) as n_events,
        cast(n_children as double) as n_children,
        cast(n_matched as double) as n_matched,
        cast(match_rate_pct as double) as match_rate_pct
    from groups

)

select
    row_label,
    statistic,
    value,
    n_events,
    cast(null as double) as ci_low,
    cast(null as double) as ci_high,
    '' as reason
from counted
unpivot include nulls (value for statistic in (n_children, n_matched, match_rate_pct))
