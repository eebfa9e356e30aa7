{% set key = 'census_year, la_number' %}
with returns as (
    select * from {{ ref('int_validation__returns') }}
),

plans as (
    select
        {{ key }},
        count(*) as n_plans
    from {{ ref('int_validation__child_protection_plans') }}
    where start_date between year_start and year_end
    group by {{ key }}
),

held as (
    select {{ key }}
    from {{ ref('int_validation__section47') }}
    where initial_cpc_date between year_start and year_end
    union all
    select {{ key }}
    from {{ ref('int_validation__referrals') }}
    where initial_cpc_date between year_start and year_end
),

conferences as (
    select
        {{ key }},
        count(*) as n_conferences
    from held
    group by {{ key }}
),

unknown_sex as (
    select
        {{ key }},
        count(*) as n_unknown_sex
    from {{ ref('int_validation__children') }}
    where
        coalesce(sex = case when rule_year >= 2025 then 'U' else '0' end, true)
        and expected_birth_date_text is null
    group by {{ key }}
),

codes as (
    select distinct
        {{ key }},
        child_no,
        disability
    from {{ ref('int_validation__disabilities') }}
    where disability <> 'NONE'
),

numbered as (
    select
        *,
        count(*) over (partition by {{ key }}, child_no) as n_of_child
    from codes
),

disabilities as (
    select
        {{ key }},
        count(distinct disability) as n_codes,
        max(n_of_child) as max_codes
    from numbered
    group by {{ key }}
),

-- What each rule on whole returns counts.
counted as (
    select
        returns.*,
        coalesce(plans.n_plans, 0) as n_plans,
        coalesce(conferences.n_conferences, 0) as n_conferences,
        coalesce(unknown_sex.n_unknown_sex, 0) as n_unknown_sex,
        coalesce(disabilities.n_codes, 0) as n_codes,
        coalesce(disabilities.max_codes, 0) as max_codes
    from returns
    {% for part in ['plans', 'conferences', 'unknown_sex', 'disabilities'] -%}
    left join {{ part }}
        on
            returns.census_year = {{ part }}.census_year
            and returns.la_number = {{ part }}.la_number
    {% endfor -%}
),

final as (
    {{ found('100', 'returns', 'reference_date', ['year_end']) }}
    from counted
    where has_header and coalesce(reference_date <> year_end, true)

    union all

    {{ found('2883', 'returns', 'n_plans', ['n_conferences']) }}
    from counted
    where n_plans > n_conferences

    union all

    -- The share is over all child records of the return, unborn children too.
    {{ found('2886', 'returns', 'n_unknown_sex', ['n_child_records']) }}
    from counted
    where n_unknown_sex > 0.02 * n_child_records

    union all

    {{ found('2887', 'returns', 'n_codes') }}
    from counted
    where n_codes <= 7

    union all

    {{ found('2888', 'returns', 'max_codes') }}
    from counted
    where max_codes <= 1
)

select * from final
