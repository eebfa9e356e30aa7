{% set assessment -%}
partition by
            returned.census_year,
            returned.la_number,
            returned.child_no,
            returned.referral_no,
            returned.assessment_no
{%- endset -%}
with returned as (
    select
        {{ returned_columns('assessment_factors') }}
    from {{ source('census', 'assessment_factors') }} as landed
    {{ returned_joins('assessment_factors') }}
),

assessments as (
    select * from {{ ref('int_validation__assessments') }}
),

-- Many to one assessment. How often a factor stood before in its assessment is counted
-- within the assessment, because then the rows are put in order once for all three.
final as (
    select
        returned.*,
        assessments.year_start,
        assessments.authorisation_date,
        assessments.authorisation_date_text,
        assessments.reason_for_closure,
        assessments.n_assessments,
        count(case when returned.factor <> '21' then 1 end) over (
            {{ assessment }}
        ) as n_besides_21,
        row_number() over (
            {{ assessment }}
            order by returned.factor nulls last, returned.factor_no nulls last
        ) - rank() over (
            {{ assessment }}
            order by returned.factor nulls last
        ) + 1 as repetition_no
    from returned
    left join assessments
        on
            {{ same_episode('returned', 'assessments') }}
            and returned.assessment_no = assessments.assessment_no
)

select * from final
