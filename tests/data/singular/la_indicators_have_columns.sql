-- Indicators of the seed and columns of mdl_la_context are the same.
with seeded as (
    select * from {{ ref('la_indicators') }}
),

columns as (
    {% for indicator in la_indicator_names() -%}
    select '{{ indicator }}' as indicator{{ ' union all' if not loop.last }}
    {% endfor -%}
)

select
    seeded.indicator as seeded_indicator,
    columns.indicator as column_indicator
from seeded
full outer join columns on seeded.indicator = columns.indicator
where seeded.indicator is null or columns.indicator is null
