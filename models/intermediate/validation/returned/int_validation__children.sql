with returned as (
    select
        {{ returned_columns('children') }}
    from {{ source('census', 'children') }} as landed
    {{ returned_joins('children') }}
),

flags as (
    select
        {{ typed_keys('referrals') }},
        {{ returned_flag(landed('referral_nfa')) }} as is_referral_nfa
    from {{ source('census', 'referrals') }} as landed
),

-- An episode of further action is one flagged false; a missing flag is rule 8568's.
episodes as (
    select
        census_year,
        la_number,
        child_no,
        count(*) as n_episodes,
        count(case when not is_referral_nfa then 1 end) as n_active_episodes
    from flags
    group by census_year, la_number, child_no
),

-- One row per child record: each join finds one row, or at most one.
final as (
    select
        returned.*,
        years.year_start,
        years.year_end,
        coalesce(episodes.n_episodes, 0) as n_episodes,
        coalesce(episodes.n_active_episodes, 0) as n_active_episodes
    from returned
    inner join {{ ref('int_validation__years') }} as years
        on returned.census_year = years.census_year
    left join episodes
        on {{ same_child('returned', 'episodes') }}
)

select * from final
