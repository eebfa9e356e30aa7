-- Persons in the rates against children counted another way: the distinct keys
-- of those with a counted event. A key belongs to one authority.
with children as (
    select
        steps.census_year,
        steps.measure,
        steps.timing,
        count(distinct located.child_key) as n_children
    from {{ ref('int_cohort__steps') }} as steps
    inner join {{ ref('int_episodes__children_located') }} as located
        on
            steps.census_year = located.census_year
            and steps.la_number = located.la_number
            and steps.child_no = located.child_no
    where steps.is_counted
    group by steps.census_year, steps.measure, steps.timing
),

rates as (
    select
        census_year,
        measure,
        timing,
        sum(numerator) as n_persons
    from {{ ref('fct_rates_la') }}
    where basis = 'person' and stratum_type = 'all'
    group by census_year, measure, timing
)

select
    rates.census_year,
    rates.measure,
    rates.timing,
    rates.n_persons,
    children.n_children
from rates
left join children
    on
        rates.census_year = children.census_year
        and rates.measure = children.measure
        and rates.timing = children.timing
where rates.n_persons <> coalesce(children.n_children, 0)
