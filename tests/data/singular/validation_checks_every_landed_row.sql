-- As many rows come before the rules as landed, per table, year and authority: joins to
-- child, episode and year neither lose nor multiply one.
{% set tables = validated_tables() | reject('equalto', 'returns') | list %}
with landed as (
    {% for table in tables %}
    select
        '{{ table }}' as table_name,
        {{ try_int('landed.census_year') }} as census_year,
        landed.la_number,
        count(*) as n_rows
    from {{ source('census', table) }} as landed
    group by landed.census_year, landed.la_number
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

checked as (
    {% for table in tables %}
    select
        '{{ table }}' as table_name,
        census_year,
        la_number,
        count(*) as n_rows
    from {{ ref('int_validation__' ~ table) }}
    group by census_year, la_number
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    landed.table_name,
    landed.census_year,
    landed.la_number,
    landed.n_rows,
    checked.n_rows as n_checked
from landed
left join checked
    on
        landed.table_name = checked.table_name
        and landed.census_year = checked.census_year
        and landed.la_number = checked.la_number
where landed.n_rows is distinct from checked.n_rows
