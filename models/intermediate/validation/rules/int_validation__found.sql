{#- Every model of rules. -#}
{% set groups = [
    'return', 'identifier', 'child', 'disability', 'referral', 'episode', 'closure',
    'assessment', 'factor', 'section47', 'conference', 'cin_plan', 'cp_plan', 'review',
    'plan_overlap',
] %}
with found as (
    {% for group in groups -%}
    select * from {{ ref('int_validation__' ~ group ~ '_rules') }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
)

select
    rule_no,
    census_year,
    la_number,
    child_no,
    referral_no,
    record_no,
    part_no,
    table_name,
    column_name,
    value,
    compared_with,
    source_file,
    source_row
from found
