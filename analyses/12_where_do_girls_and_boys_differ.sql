-- Question: in how many authorities do girls and boys differ on a threshold by more
-- than their intervals allow?
-- Answer: one row per measure: authorities in which both rates are shown, those where
-- girls' is higher and where boys' is, with intervals that do not overlap.
-- Against: a release.
with sexes as (
    select *
    from published.rates_la
    where
        stratum_type = 'sex'
        and basis = 'episode'
        and timing = 'incidence'
        and not is_suppressed
),

pairs as (
    select
        girls.census_year,
        girls.measure,
        girls.area_code,
        girls.ci_low > boys.ci_high as is_higher_for_girls,
        girls.ci_high < boys.ci_low as is_higher_for_boys
    from sexes as girls
    inner join sexes as boys
        on
            girls.census_year = boys.census_year
            and girls.measure = boys.measure
            and girls.area_code = boys.area_code
            and boys.stratum = 'male'
    where girls.stratum = 'female'
)

select
    census_year,
    measure,
    count(*) as n_authorities_shown,
    sum(case when is_higher_for_girls then 1 else 0 end) as n_higher_for_girls,
    sum(case when is_higher_for_boys then 1 else 0 end) as n_higher_for_boys
from pairs
group by census_year, measure
order by census_year, measure
