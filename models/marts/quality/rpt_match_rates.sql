with steps as (
    select * from {{ ref('int_cohort__steps') }}
),

authorities as (
    select * from {{ ref('dim_la') }}
),

-- Children referred in the year at the ages studied, each at its first such referral.
referred as (
    select
        *,
        row_number() over (
            partition by census_year, la_number, person_no
            order by event_date, child_no nulls last, referral_no nulls last
        ) as referral_order
    from steps
    where
        measure = 'referral'
        and timing = 'incidence'
        and last_step_no >= 4
),

children as (
    select
        referred.census_year,
        authorities.la_code,
        referred.sex,
        referred.ethnic_group,
        cast(referred.age as string) as age,
        case when referred.match_method <> 'none' then 1 else 0 end as is_matched
    from referred
    inner join authorities
        on
            referred.census_year = authorities.census_year
            and referred.la_number = authorities.la_number
    where referred.referral_order = 1
),

breakdowns as (
    {% for breakdown, column in [
        ('all', "'all'"), ('la', 'la_code'), ('sex', 'sex'), ('age', 'age'),
        ('ethnic_group', 'ethnic_group'),
    ] %}
    select
        census_year,
        '{{ breakdown }}' as breakdown,
        {{ column }} as category,
        is_matched
    from children
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        census_year,
        breakdown,
        category,
        count(*) as n_children,
        cast(sum(is_matched) as bigint) as n_matched,
        {{ safe_divide('sum(is_matched)', 'count(*)') }} as match_rate
    from breakdowns
    group by census_year, breakdown, category
)

select * from final
