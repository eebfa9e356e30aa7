-- Question: how often are children referred in the poorest and in the least poor tenth
-- of neighbourhoods, and in between? (Figure 2 of the report, by decile.)
-- Answer: one row per tenth of LSOAs, from least (1) to most (10) deprived.
-- Against: the marts, in the room.
with lsoas as (
    select
        census_year,
        lsoa_code,
        ntile(10) over (
            partition by census_year order by income, lsoa_code
        ) as income_tenth
    from {{ ref('mdl_lsoa_context') }}
),

referrals as (
    select *
    from {{ ref('fct_rates_lsoa') }}
    where
        measure = 'referral'
        and basis = 'episode'
        and timing = 'incidence'
        and stratum_type = 'all'
)

select
    referrals.census_year,
    lsoas.income_tenth,
    count(*) as n_lsoas,
    sum(referrals.numerator) as n_referrals,
    sum(referrals.denominator) as n_children,
    {{ rate_per_10k('sum(referrals.numerator)', 'sum(referrals.denominator)') }}
        as rate_per_10k
from referrals
inner join lsoas
    on
        referrals.census_year = lsoas.census_year
        and referrals.lsoa_code = lsoas.lsoa_code
group by referrals.census_year, lsoas.income_tenth
order by referrals.census_year, lsoas.income_tenth
