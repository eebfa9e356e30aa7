-- What LSOAs are weighed by where one is shared out over several, or several make one:
-- the residents of the latest estimate there is, else those of the Indices.
with lsoa_population as (
    select * from {{ ref('stg_reference__lsoa_population') }}
    where sex in ('male', 'female')
),

iod_population as (
    select * from {{ ref('stg_reference__lsoa_iod_population') }}
),

counted as (
    select
        lsoa_code,
        lsoa_vintage,
        mid_year,
        sum(
            {% for age in range(91) -%}
            {{ '+ ' if not loop.first }}coalesce(age_{{ age }}, 0)
            {% endfor %}
        ) as residents
    from lsoa_population
    group by lsoa_code, lsoa_vintage, mid_year
),

sources as (
    select
        lsoa_code,
        lsoa_vintage,
        residents,
        1 as source_order,
        mid_year as source_year
    from counted
    union all
    select
        lsoa_code,
        lsoa_vintage,
        total_population as residents,
        2 as source_order,
        {{ try_int('iod_release') }} as source_year
    from iod_population
    where total_population is not null
),

ranked as (
    select
        *,
        row_number() over (
            partition by lsoa_vintage, lsoa_code
            order by source_order asc, source_year desc
        ) as source_no
    from sources
),

final as (
    select
        lsoa_vintage,
        lsoa_code,
        residents
    from ranked
    where source_no = 1
)

select * from final
