-- Question: where does each authority stand on each threshold, from referral to plan,
-- and how many of its referrals go on to the next?
-- Answer: one row per authority of residence and measure, with its rank in England.
-- Against: the marts, in the room.
with rates as (
    select *
    from {{ ref('fct_rates_la') }}
    where
        basis = 'episode'
        and timing = 'incidence'
        and stratum_type = 'all'
),

referrals as (
    select
        census_year,
        la_code,
        numerator as n_referrals
    from rates
    where measure = 'referral'
)

select
    rates.census_year,
    authorities.la_name,
    measures.label as threshold,
    rates.numerator as n_events,
    rates.rate_per_10k,
    rates.ci_low,
    rates.ci_high,
    rank() over (
        partition by rates.census_year, rates.measure order by rates.rate_per_10k desc
    ) as rank_in_england,
    {{ safe_divide('100.0 * rates.numerator', 'referrals.n_referrals') }}
        as per_100_referrals
from rates
inner join referrals
    on
        rates.census_year = referrals.census_year
        and rates.la_code = referrals.la_code
inner join {{ ref('dim_la') }} as authorities
    on
        rates.census_year = authorities.census_year
        and rates.la_code = authorities.la_code
inner join {{ ref('dim_measure') }} as measures on rates.measure = measures.measure
order by rates.census_year, measures.threshold_no, rank_in_england, authorities.la_name
