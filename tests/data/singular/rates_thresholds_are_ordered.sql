-- In every cell: no more persons than episodes, no more episodes of need than
-- referrals, limits on either side of the rate, nothing negative.
with rates as (
    select * from {{ ref('fct_rates_la') }}
),

wrong_limits as (
    select
        'limits' as problem,
        census_year,
        la_code,
        measure
    from rates
    where
        numerator < 0
        or denominator < 0
        or ci_low > rate_per_10k
        or ci_high < rate_per_10k
        or (denominator > 0 and (ci_low is null or ci_high is null))
),

more_persons as (
    select
        'more persons than episodes' as problem,
        episodes.census_year,
        episodes.la_code,
        episodes.measure
    from rates as episodes
    inner join rates as persons
        on
            episodes.census_year = persons.census_year
            and episodes.la_code = persons.la_code
            and episodes.measure = persons.measure
            and episodes.timing = persons.timing
            and episodes.stratum_type = persons.stratum_type
            and episodes.stratum = persons.stratum
    where
        episodes.basis = 'episode'
        and persons.basis = 'person'
        and persons.numerator > episodes.numerator
),

more_need as (
    select
        'more episodes of need than referrals' as problem,
        referrals.census_year,
        referrals.la_code,
        referrals.measure
    from rates as referrals
    inner join rates as needs
        on
            referrals.census_year = needs.census_year
            and referrals.la_code = needs.la_code
            and referrals.basis = needs.basis
            and referrals.timing = needs.timing
            and referrals.stratum_type = needs.stratum_type
            and referrals.stratum = needs.stratum
    where
        referrals.basis = 'episode'
        and referrals.measure = 'referral'
        and needs.measure = 'cin'
        and needs.numerator > referrals.numerator
)

select * from wrong_limits
union all
select * from more_persons
union all
select * from more_need
