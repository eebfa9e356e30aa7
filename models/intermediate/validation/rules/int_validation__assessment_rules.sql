with assessments as (
    select
        *,
        coalesce(authorisation_date, case
            when authorisation_date_text is null then year_end
        end) as span_end,
        count(case when authorisation_date_text is null then 1 end) over (
            partition by census_year, la_number, child_no, referral_no
        ) as n_open
    from {{ ref('int_validation__assessments') }}
),

-- Many to many among the assessments of an episode; each overlapped one once.
overlapped as (
    select
        later.census_year,
        later.la_number,
        later.child_no,
        later.referral_no,
        later.assessment_no,
        min(other.assessment_no) as other_assessment_no
    from assessments as later
    inner join assessments as other
        on
            {{ same_episode('later', 'other') }}
            and later.assessment_no <> other.assessment_no
            and later.start_date between other.start_date and other.span_end
    where later.n_assessments > 1
    group by
        later.census_year,
        later.la_number,
        later.child_no,
        later.referral_no,
        later.assessment_no
),

final as (
    {{ found('1103', 'assessments', 'start_date', ['referral_date']) }}
    from assessments
    where start_date < referral_date

    union all

    {{ found('8608', 'assessments', 'start_date', ['authorisation_date']) }}
    from assessments
    where start_date > authorisation_date

    union all

    {{ found('8670', 'assessments', 'start_date', ['working_days_45_before_end']) }}
    from assessments
    where authorisation_date_text is null and start_date < working_days_45_before_end

    union all

    {{ found('8696', 'assessments', 'authorisation_date') }}
    from assessments
    where
        coalesce(
            authorisation_date not between year_start and year_end,
            authorisation_date_text is not null
        )

    union all

    {{ found('8736', 'assessments', 'start_date') }}
    from assessments
    where
        authorisation_date_text is null
        and coalesce(
            start_date not between year_start and year_end, start_date_text is not null
        )

    union all

    {{ found('8863', 'assessments', 'start_date', ['overlapped.other_assessment_no'],
             'assessments') }}
    from assessments
    inner join overlapped
        on
            {{ same_episode('assessments', 'overlapped') }}
            and assessments.assessment_no = overlapped.assessment_no

    union all

    {{ found('8896', 'assessments', 'authorisation_date', ['n_open']) }}
    from assessments
    where authorisation_date_text is null and n_open > 1
)

select * from final
