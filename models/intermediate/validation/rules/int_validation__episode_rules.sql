with referrals as (
    select * from {{ ref('int_validation__referrals') }}
),

-- Until when an episode keeps others of its child from starting: its closure; 31 March
-- when it is open and of further action; for ever not, when it is open without.
spans as (
    select
        *,
        case
            when closure_date_text is not null then closure_date
            when not is_referral_nfa then year_end
        end as span_end,
        coalesce(not is_referral_nfa and closure_date_text is null, false)
            as is_open_and_active,
        -- RC9 is a code from 2023 on.
        coalesce(
            reason_for_closure = 'RC8'
            or (reason_for_closure = 'RC9' and rule_year >= 2023),
            false
        ) as is_closed_after_assessment
    from referrals
),

of_child as (
    select
        census_year,
        la_number,
        child_no,
        max(referral_date) as latest_referral_date,
        count(case when is_open_and_active then 1 end) as n_open_and_active
    from spans
    group by census_year, la_number, child_no
    having count(*) > 1
),

-- Many to many among the episodes of a child; each overlapped episode once.
overlapped as (
    select
        later.census_year,
        later.la_number,
        later.child_no,
        later.referral_no,
        min(earlier.referral_no) as other_referral_no
    from spans as later
    inner join spans as earlier
        on
            {{ same_child('later', 'earlier') }}
            and later.referral_no <> earlier.referral_no
            and later.referral_date >= earlier.referral_date
            and later.referral_date < earlier.span_end
    group by
        later.census_year, later.la_number, later.child_no, later.referral_no
),

final as (
    {{ found('2990', 'referrals', 'reason_for_closure',
             ['n_section47', 'n_child_protection_plans', 'n_cin_plans',
              'initial_cpc_date_text']) }}
    from spans
    where
        is_closed_after_assessment
        and (
            n_section47 + n_child_protection_plans + n_cin_plans > 0
            or initial_cpc_date_text is not null
        )

    union all

    {{ found('2991', 'referrals', 'n_assessments', ['n_section47']) }}
    from spans
    where n_section47 > 0 and n_assessments = 0

    union all

    {{ found('8815', 'referrals', 'closure_date', ['of_child.n_open_and_active'],
             'spans') }}
    from spans
    inner join of_child on {{ same_child('spans', 'of_child') }}
    where spans.is_open_and_active and of_child.n_open_and_active > 1

    union all

    {{ found('8816', 'referrals', 'referral_date', ['of_child.latest_referral_date'],
             'spans') }}
    from spans
    inner join of_child on {{ same_child('spans', 'of_child') }}
    where
        spans.is_open_and_active
        and spans.referral_date < of_child.latest_referral_date

    union all

    {{ found('8820', 'referrals', 'referral_date', ['overlapped.other_referral_no'],
             'spans') }}
    from spans
    inner join overlapped on {{ same_episode('spans', 'overlapped') }}

    union all

    {{ found('8825', 'referrals', 'reason_for_closure', ['n_assessments']) }}
    from spans
    where is_closed_after_assessment and n_assessments = 0
)

select * from final
