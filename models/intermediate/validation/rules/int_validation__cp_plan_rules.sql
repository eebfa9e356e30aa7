with plans as (
    select
        *,
        -- DfE: one open plan a child, in whatever episodes.
        count(case when end_date_text is null then 1 end) over (
            partition by census_year, la_number, child_no
        ) as n_open
    from {{ ref('int_validation__child_protection_plans') }}
),

-- Conferences of an episode's enquiries, each date once.
conferences as (
    select distinct
        census_year,
        la_number,
        child_no,
        referral_no,
        initial_cpc_date
    from {{ ref('int_validation__section47') }}
    where initial_cpc_date is not null
),

final as (
    {{ found('1105', 'child_protection_plans', 'start_date', ['referral_date']) }}
    from plans
    where start_date < referral_date

    union all

    {{ found('2885', 'child_protection_plans', 'start_date',
             ['plans.referral_initial_cpc_date', 'plans.n_section47'], 'plans') }}
    from plans
    left join conferences
        on
            {{ same_episode('plans', 'conferences') }}
            and plans.start_date = conferences.initial_cpc_date
    where
        plans.start_date between plans.year_start and plans.year_end
        and conferences.initial_cpc_date is null
        and not (
            coalesce(plans.n_section47, 0) = 0
            and coalesce(plans.start_date = plans.referral_initial_cpc_date, false)
        )

    union all

    {{ found('8720', 'child_protection_plans', 'start_date') }}
    from plans
    where coalesce(start_date > year_end, true)

    union all

    {{ found('8730', 'child_protection_plans', 'n_previous_plans') }}
    from plans
    where coalesce(n_previous_plans < 0, true)

    union all

    {{ found('8840', 'child_protection_plans', 'end_date', ['start_date']) }}
    from plans
    where end_date = start_date

    union all

    {{ found('8905', 'child_protection_plans', 'initial_category') }}
    from plans
    where not is_initial_category_listed

    union all

    {{ found('8910', 'child_protection_plans', 'latest_category') }}
    from plans
    where not is_latest_category_listed

    union all

    {{ found('8915', 'child_protection_plans', 'start_date', ['death_date']) }}
    from plans
    where start_date > death_date

    union all

    {{ found('8920', 'child_protection_plans', 'end_date', ['death_date']) }}
    from plans
    where end_date > death_date

    union all

    {{ found('8925', 'child_protection_plans', 'end_date', ['start_date']) }}
    from plans
    where end_date < start_date

    union all

    {{ found('8930', 'child_protection_plans', 'end_date') }}
    from plans
    where
        coalesce(
            end_date not between year_start and year_end, end_date_text is not null
        )

    union all

    {{ found('8935', 'child_protection_plans', 'end_date', ['n_open']) }}
    from plans
    where end_date_text is null and n_open > 1
)

select * from final
