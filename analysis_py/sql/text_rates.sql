-- One row per value of the report's prose that is a count, a rate or a share of children.
with totals as (

    select
        measure,
        basis,
        sum(numerator) as n
    from rates.fct_rates_la
    where
        census_year = $census_year
        and timing = 'incidence'
        and stratum_type = 'all'
        and stratum = 'all'
    group by measure, basis

),

settlements as (

    select
        context.is_rural,
        sum(counts.n_events) as n,
        10000.0 * sum(counts.n_events) / nullif(sum(counts.population), 0) as rate
    from modelling.mdl_lsoa_context as context
    -- one to one
    inner join modelling.mdl_lsoa_counts as counts
        on
            context.lsoa_code = counts.lsoa_code
            and context.census_year = counts.census_year
    where
        context.census_year = $census_year
        and counts.measure = 'referral'
        and counts.stratum_type = 'all'
        and counts.stratum = 'all'
        and context.is_rural is not null
    group by context.is_rural

),

counted as (

    select
        case
            when basis = 'person' then 'children_referred'
            when measure = 'referral' then 'referrals_text'
            when measure = 'cin' then 'cin_episodes_text'
            else 'cp_plans_text'
        end as statistic,
        n as value,
        n as n_events
    from totals
    where
        (basis = 'person' and measure = 'referral')
        or (basis = 'episode' and measure in ('referral', 'cin', 'cp_plan'))
    union all
    select
        case when is_rural then 'referral_rate_rural' else 'referral_rate_urban' end
        as statistic,
        rate as value,
        n as n_events
    from settlements
    union all
    select
        case breakdown when 'all' then 'match_rate_5_15_pct' else 'match_rate_white_pct' end
        as statistic,
        100.0 * match_rate as value,
        n_children as n_events
    from quality.rpt_match_rates
    where
        census_year = $census_year
        and (
            breakdown = 'all'
            or (breakdown = 'ethnic_group' and category = 'white')
        )

)

select
    '' as row_label,
    statistic,
    cast(value as double) as value,
    cast(n_events as bigint) as n_events,
    cast(null as double) as ci_low,
    cast(null as double) as ci_high,
    '' as reason
from counted
