with children as (
    select * from {{ ref('int_validation__children') }}
),

referrals as (
    select * from {{ ref('int_validation__referrals') }}
),

-- The last closure of a child's episodes; an episode without one has no end.
closures as (
    select
        census_year,
        la_number,
        child_no,
        max(closure_date) as last_closure_date,
        count(case when closure_date_text is null then 1 end) as n_open
    from referrals
    where birth_date < {{ make_date('census_year - 25', 3, 31) }}
    group by census_year, la_number, child_no
),

final as (
    {{ found('4180', 'children', 'sex') }}
    from children
    where not is_sex_listed

    union all

    {{ found('4220', 'children', 'ethnicity') }}
    from children
    where not is_ethnicity_listed

    union all

    {{ found('8520', 'children', 'birth_date', ['year_end']) }}
    from children
    where birth_date > year_end

    union all

    {{ found('8525', 'children', 'birth_date', ['expected_birth_date_text']) }}
    from children
    where (birth_date_text is null) = (expected_birth_date_text is null)

    union all

    {{ found('8530', 'children', 'expected_birth_date') }}
    from children
    where
        coalesce(
            expected_birth_date
            not between {{ add_days('year_end', -30) }}
            and {{ add_months('year_end', 9) }},
            expected_birth_date_text is not null
        )

    union all

    {{ found('8535', 'children', 'death_date', ['birth_date']) }}
    from children
    where death_date < birth_date

    union all

    {{ found('8545', 'children', 'death_date') }}
    from children
    where
        coalesce(
            death_date not between year_start and year_end, death_date_text is not null
        )

    union all

    {{ found('8590', 'children', 'la_child_id') }}
    from children
    where n_episodes = 0

    union all

    {{ found('8750', 'children', 'sex', ['expected_birth_date']) }}
    from children
    where
        expected_birth_date_text is not null
        and birth_date_text is null
        and sex is distinct from case when rule_year >= 2025 then 'U' else '0' end

    union all

    -- UN1 (not of school age) is no reason at this age.
    {{ found('8770', 'children', 'upn_unknown', ['birth_date']) }}
    from children
    where
        n_active_episodes > 0
        and upn is null
        and coalesce(upn_unknown = 'UN1' or not is_upn_unknown_listed, true)
        and birth_date <= case
            when rule_year >= 2025 then {{ make_date('census_year - 6', 8, 31) }}
            else {{ make_date('census_year - 6', 3, 31) }}
        end

    union all

    {{ found('8775', 'children', 'birth_date', ['closures.last_closure_date'],
             'children') }}
    from children
    inner join closures on {{ same_child('children', 'closures') }}
    where
        closures.n_open > 0
        or closures.last_closure_date > {{ add_months('children.birth_date', 300) }}
)

select * from final
