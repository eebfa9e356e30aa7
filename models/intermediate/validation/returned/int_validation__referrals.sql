{% set parts = ['assessments', 'section47', 'cin_plans', 'child_protection_plans'] %}
with returned as (
    select
        {{ returned_columns('referrals') }}
    from {{ source('census', 'referrals') }} as landed
    {{ returned_joins('referrals') }}
),

children as (
    select * from {{ ref('int_validation__children') }}
),

{% for table in parts -%}
{{ table }} as (
    select
        keyed.census_year,
        keyed.la_number,
        keyed.child_no,
        keyed.referral_no,
        count(*) as n_parts
    from (
        select {{ typed_keys(table) }}
        from {{ source('census', table) }} as landed
    ) as keyed
    group by keyed.census_year, keyed.la_number, keyed.child_no, keyed.referral_no
),

{% endfor -%}
-- One row per episode: each join finds one row, or at most one.
final as (
    select
        returned.*,
        years.year_start,
        years.year_end,
        years.working_day_before_start,
        children.upn_unknown,
        children.birth_date,
        children.expected_birth_date,
        children.death_date,
        coalesce(assessments.n_parts, 0) as n_assessments,
        coalesce(section47.n_parts, 0) as n_section47,
        coalesce(cin_plans.n_parts, 0) as n_cin_plans,
        coalesce(child_protection_plans.n_parts, 0) as n_child_protection_plans
    from returned
    inner join {{ ref('int_validation__years') }} as years
        on returned.census_year = years.census_year
    left join children
        on {{ same_child('returned', 'children') }}
    {% for table in parts -%}
    left join {{ table }}
        on {{ same_episode('returned', table) }}
    {% endfor -%}
)

select * from final
