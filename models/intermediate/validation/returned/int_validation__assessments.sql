with returned as (
    select
        {{ returned_columns('assessments') }}
    from {{ source('census', 'assessments') }} as landed
    {{ returned_joins('assessments') }}
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
        years.working_days_45_before_end,
        referrals.referral_date,
        referrals.closure_date,
        referrals.closure_date_text,
        referrals.is_referral_nfa,
        referrals.reason_for_closure,
        referrals.n_assessments
    from returned
    inner join {{ ref('int_validation__years') }} as years
        on returned.census_year = years.census_year
    left join referrals
        on {{ same_episode('returned', 'referrals') }}
)

select * from final
