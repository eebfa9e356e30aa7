with landed as (
    select * from {{ source('census', 'referrals') }}
),

final as (
    select
        {{ typed_keys('referrals') }},
        {{ typed('referrals', 'referral_date') }} as referral_date,
        {{ typed('referrals', 'referral_source') }} as referral_source,
        {{ typed('referrals', 'primary_need_code') }} as primary_need_code,
        {{ typed('referrals', 'closure_date') }} as closure_date,
        {{ typed('referrals', 'reason_for_closure') }} as reason_for_closure,
        {{ typed('referrals', 'initial_cpc_date') }} as initial_cpc_date,
        {{ typed('referrals', 'referral_nfa') }} as is_referral_nfa,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
    {{ code_joins('referrals') }}
)

select * from final
