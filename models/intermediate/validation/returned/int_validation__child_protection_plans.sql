with returned as (
    select
        {{ returned_columns('child_protection_plans') }}
    from {{ source('census', 'child_protection_plans') }} as landed
    {{ returned_joins('child_protection_plans') }}
),

referrals as (
    select * from {{ ref('int_validation__referrals') }}
),

-- Many to one episode; a part whose episode is missing keeps its own columns.
final as (
    select
        returned.*,
        years.year_start,
        years.year_end,
        referrals.referral_date,
        referrals.closure_date,
        referrals.death_date,
        referrals.is_referral_nfa,
        referrals.initial_cpc_date as referral_initial_cpc_date,
        referrals.n_section47
    from returned
    inner join {{ ref('int_validation__years') }} as years
        on returned.census_year = years.census_year
    left join referrals
        on {{ same_episode('returned', 'referrals') }}
)

select * from final
