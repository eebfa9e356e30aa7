-- Question: which middle layer areas of an authority have more referrals than the
-- authority as a whole, beyond chance?
-- Answer: one row per MSOA whose lower limit lies above its authority's rate, with the
-- ratio to it, the five highest of each authority.
-- Against: a release.
with areas as (
    select *
    from published.rates_msoa
    where
        measure = 'referral'
        and stratum_type = 'all'
        and basis = 'episode'
        and timing = 'incidence'
        and not is_suppressed
),

authorities as (
    select *
    from published.rates_la
    where
        measure = 'referral'
        and stratum_type = 'all'
        and basis = 'episode'
        and timing = 'incidence'
),

compared as (
    select
        areas.census_year,
        authorities.area_name as la_name,
        areas.area_code as msoa_code,
        areas.count as n_referrals,
        areas.rate_per_10k,
        areas.ci_low,
        authorities.rate_per_10k as la_rate,
        areas.rate_per_10k / nullif(authorities.rate_per_10k, 0) as ratio_to_la,
        rank() over (
            partition by areas.census_year, areas.parent_code
            order by areas.rate_per_10k desc
        ) as rank_in_la
    from areas
    inner join authorities
        on
            areas.census_year = authorities.census_year
            and areas.parent_code = authorities.area_code
)

select * from compared
where
    ci_low > la_rate
    and rank_in_la <= 5
order by census_year, la_name, rank_in_la, msoa_code
