{#- A child has few plans, so pairs are compared child by child, in whatever episodes.
    Each overlapped value is found once, with the first plan that it meets. -#}
{% set plan_keys = {
    'cin_plans': 'cin_plan_no', 'child_protection_plans': 'cp_plan_no',
} %}
{% set is_other_plan
    = 'mine.referral_no <> other.referral_no or mine.plan_no <> other.plan_no' %}
{% set is_not_its_end
    = 'mine.start_date < other.end_date or other.end_date is null' %}
with cin_plans as (
    select
        *,
        cin_plan_no as plan_no,
        coalesce(end_date, case when end_date_text is null then year_end end)
            as span_end
    from {{ ref('int_validation__cin_plans') }}
),

child_protection_plans as (
    select
        *,
        cp_plan_no as plan_no,
        coalesce(end_date, case when end_date_text is null then year_end end)
            as span_end
    from {{ ref('int_validation__child_protection_plans') }}
),

-- Starts of one kind of plan in the span of another: of the same kind, both ends count;
-- of the other kind, plans may follow one another on a day, but an open one lasts to
-- 31 March.
{% for name, mine, other in [
    ('cin_in_cin', 'cin_plans', 'cin_plans'),
    ('cpp_in_cpp', 'child_protection_plans', 'child_protection_plans'),
    ('cin_in_cpp', 'cin_plans', 'child_protection_plans'),
    ('cpp_in_cin', 'child_protection_plans', 'cin_plans'),
] -%}
{{ name }} as (
    select
        mine.census_year,
        mine.la_number,
        mine.child_no,
        mine.referral_no,
        mine.plan_no as {{ plan_keys[mine] }},
        mine.start_date_text,
        mine.source_file,
        mine.source_row,
        min(other.start_date) as other_start_date
    from {{ mine }} as mine
    inner join {{ other }} as other
        on
            {{ same_child('mine', 'other') }}
            and mine.start_date between other.start_date and other.span_end
    where {{ is_other_plan if mine == other else is_not_its_end }}
    group by
        mine.census_year,
        mine.la_number,
        mine.child_no,
        mine.referral_no,
        mine.plan_no,
        mine.start_date_text,
        mine.source_file,
        mine.source_row
),

{% endfor -%}
final as (
    {{ found('4014', 'cin_plans', 'start_date', ['other_start_date']) }}
    from cin_in_cin

    union all

    {{ found('4016', 'cin_plans', 'start_date', ['other_start_date']) }}
    from cin_in_cpp

    union all

    {{ found('4017', 'child_protection_plans', 'start_date', ['other_start_date']) }}
    from cpp_in_cin

    union all

    {{ found('8940', 'child_protection_plans', 'start_date', ['other_start_date']) }}
    from cpp_in_cpp
)

select * from final
