with referrals as (
    select * from {{ ref('int_validation__referrals') }}
),

final as (
    {{ found('8555', 'referrals', 'referral_date', ['death_date']) }}
    from referrals
    where referral_date > death_date

    union all

    {{ found('8568', 'referrals', 'referral_nfa') }}
    from referrals
    where is_referral_nfa is null

    union all

    {{ found('8569', 'referrals', 'referral_nfa', ['referral_date']) }}
    from referrals
    where referral_date < working_day_before_start and is_referral_nfa

    union all

    -- No valid date of death.
    {{ found('8585', 'referrals', 'reason_for_closure') }}
    from referrals
    where reason_for_closure = 'RC2' and death_date is null

    union all

    {{ found('8600', 'referrals', 'referral_date') }}
    from referrals
    where coalesce(referral_date > year_end, true)

    union all

    -- 40 weeks.
    {{ found('8606', 'referrals', 'referral_date',
             ['birth_date', 'expected_birth_date']) }}
    from referrals
    where
        referral_date < {{ add_days('birth_date', -280) }}
        or referral_date < {{ add_days('expected_birth_date', -280) }}

    union all

    {{ found('8610', 'referrals', 'primary_need_code', ['referral_nfa']) }}
    from referrals
    where not is_referral_nfa and primary_need_code is null

    union all

    {{ found('8620', 'referrals', 'closure_date') }}
    from referrals
    where
        coalesce(
            closure_date not between year_start and year_end,
            closure_date_text is not null
        )

    union all

    {{ found('8630', 'referrals', 'closure_date', ['referral_date']) }}
    from referrals
    where closure_date < referral_date

    union all

    {{ found('8640', 'referrals', 'reason_for_closure') }}
    from referrals
    where reason_for_closure is not null and not is_reason_for_closure_listed

    union all

    {{ found('8650', 'referrals', 'primary_need_code') }}
    from referrals
    where primary_need_code is not null and not is_primary_need_code_listed

    union all

    {{ found('8772', 'referrals', 'referral_nfa', ['upn_unknown']) }}
    from referrals
    where upn_unknown = 'UN7' and is_referral_nfa is distinct from true

    union all

    {{ found('8805', 'referrals', 'reason_for_closure', ['closure_date_text']) }}
    from referrals
    where closure_date_text is not null and reason_for_closure is null

    union all

    {{ found('8810', 'referrals', 'closure_date', ['reason_for_closure']) }}
    from referrals
    where reason_for_closure is not null and closure_date_text is null

    union all

    -- Sources were not collected for earlier referrals.
    {{ found('8866', 'referrals', 'referral_source', ['referral_date']) }}
    from referrals
    where
        referral_date >= {{ make_date(2013, 4, 1) }}
        and not is_referral_source_listed
)

select * from final
