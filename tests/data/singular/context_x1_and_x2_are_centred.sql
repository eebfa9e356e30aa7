-- x2 is centred on the authorities studied, each with the same weight. x1 is centred on
-- its authority by the weights of the authority's average; LSOAs have nearly the same
-- number of residents, so their plain mean is near 0 and not at it. More than 2
-- percentage points away, the average belongs to another authority or to another
-- release.
{% set weight = 'population' if var('la_average_weighting') == 'children' else '1' %}
with las as (
    select
        census_year,
        cast(null as string) as la_code,
        'x2 is not centred' as problem,
        avg(x2) as value,
        1e-9 as tolerance
    from {{ ref('mdl_la_context') }}
    group by census_year
),

lsoas as (
    select
        census_year,
        la_code,
        'x1 is not centred on its authority' as problem,
        sum(x1 * {{ weight }}) / nullif(sum({{ weight }}), 0) as value,
        0.2 as tolerance
    from {{ ref('mdl_lsoa_context') }}
    group by census_year, la_code
),

checked as (
    select * from las
    union all
    select * from lsoas
)

select *
from checked
where abs(value) > tolerance
