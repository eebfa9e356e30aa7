with returned as (
    select
        {{ returned_columns('cpp_reviews') }}
    from {{ source('census', 'cpp_reviews') }} as landed
),

plans as (
    select * from {{ ref('int_validation__child_protection_plans') }}
),

-- Many to one plan.
final as (
    select
        returned.*,
        plans.start_date as plan_start_date,
        plans.end_date as plan_end_date
    from returned
    left join plans
        on
            {{ same_episode('returned', 'plans') }}
            and returned.cp_plan_no = plans.cp_plan_no
)

select * from final
