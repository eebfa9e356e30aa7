with section47 as (
    select
        *,
        -- No conference held, and not said that none is required.
        (
            initial_cpc_date_text is null
            and not coalesce(is_icpc_not_required, false)
        ) as is_open,
        -- No conference held, and said that one is required.
        coalesce(initial_cpc_date_text is null and not is_icpc_not_required, false)
            as is_conference_due
    from {{ ref('int_validation__section47') }}
),

of_episode as (
    select
        *,
        coalesce(initial_cpc_date, case when is_open then year_end end) as span_end,
        count(*) over (
            partition by census_year, la_number, child_no, referral_no
        ) as n_enquiries,
        count(case when is_open then 1 end) over (
            partition by census_year, la_number, child_no, referral_no
        ) as n_open
    from section47
),

-- Many to many among the enquiries of an episode; each overlapped one once.
overlapped as (
    select
        later.census_year,
        later.la_number,
        later.child_no,
        later.referral_no,
        later.section47_no,
        min(other.section47_no) as other_section47_no
    from of_episode as later
    inner join of_episode as other
        on
            {{ same_episode('later', 'other') }}
            and later.section47_no <> other.section47_no
            and later.start_date between other.start_date and other.span_end
    where later.n_enquiries > 1
    group by
        later.census_year,
        later.la_number,
        later.child_no,
        later.referral_no,
        later.section47_no
),

final as (
    {{ found('2889', 'section47', 'start_date', ['referral_date']) }}
    from section47
    where start_date < referral_date

    union all

    {{ found('8675', 'section47', 'start_date', ['working_days_15_before_end']) }}
    from section47
    where is_conference_due and start_date < working_days_15_before_end

    union all

    {{ found('8740', 'section47', 'start_date') }}
    from section47
    where
        is_conference_due
        and coalesce(
            start_date not between year_start and year_end, start_date_text is not null
        )

    union all

    {{ found('8839', 'section47', 'initial_cpc_date', ['n_open']) }}
    from of_episode
    where is_open and n_open > 1

    union all

    {{ found('8890', 'section47', 'start_date', ['overlapped.other_section47_no'],
             'section47') }}
    from section47
    inner join overlapped
        on
            {{ same_episode('section47', 'overlapped') }}
            and section47.section47_no = overlapped.section47_no
)

select * from final
