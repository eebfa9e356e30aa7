with section47 as (
    select * from {{ ref('int_validation__section47') }}
),

-- Conferences recorded with an episode, each date of a child once.
conferences as (
    select
        census_year,
        la_number,
        child_no,
        initial_cpc_date,
        min(referral_no) as referral_no
    from {{ ref('int_validation__referrals') }}
    where initial_cpc_date is not null
    group by census_year, la_number, child_no, initial_cpc_date
),

final as (
    {{ found('1104', 'section47', 'initial_cpc_date', ['referral_date']) }}
    from section47
    where initial_cpc_date < referral_date

    union all

    {{ found('2884', 'section47', 'initial_cpc_date', ['conferences.referral_no'],
             'section47') }}
    from section47
    inner join conferences
        on
            {{ same_child('section47', 'conferences') }}
            and section47.initial_cpc_date = conferences.initial_cpc_date

    union all

    {{ found('8615', 'section47', 'start_date', ['initial_cpc_date_text']) }}
    from section47
    where
        initial_cpc_date_text is not null
        and coalesce(start_date > initial_cpc_date, start_date is null)

    union all

    {{ found('8715', 'section47', 'initial_cpc_date') }}
    from section47
    where
        coalesce(
            initial_cpc_date not between year_start and year_end,
            initial_cpc_date_text is not null
        )

    union all

    {{ found('8870', 'section47', 'initial_cpc_target_date') }}
    from section47
    where {{ is_weekend('initial_cpc_target_date') }}

    union all

    {{ found('8875', 'section47', 'initial_cpc_date') }}
    from section47
    where {{ is_weekend('initial_cpc_date') }}
)

select * from final
