{#- When a year's lookups hold all of England (`country_size` LSOAs), the number of rows
    that meet `condition` is the declared one. A smaller England, made for tests, is not
    judged: its authorities are a subset by design. -#}
{% test whole_country_count(
    model, lsoas, vintages, condition='true', fewer=0, country_size=32844
) %}
with complete_years as (
    select lsoas.census_year
    from {{ lsoas }} as lsoas
    group by lsoas.census_year
    having count(*) >= {{ country_size }}
),

counted as (
    select
        model.census_year,
        count(*) as n_found
    from {{ model }} as model
    where {{ condition }}
    group by model.census_year
)

select
    vintages.census_year,
    vintages.n_authorities - {{ fewer }} as n_expected,
    counted.n_found
from complete_years
inner join {{ vintages }} as vintages
    on complete_years.census_year = vintages.census_year
left join counted
    on complete_years.census_year = counted.census_year
where coalesce(counted.n_found, 0) <> vintages.n_authorities - {{ fewer }}
{% endtest %}
