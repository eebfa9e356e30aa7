with factors as (
    select * from {{ ref('int_validation__assessment_factors') }}
    where factor is not null
),

assessments as (
    select * from {{ ref('int_validation__assessments') }}
),

disabled as (
    select distinct
        census_year,
        la_number,
        child_no
    from {{ ref('int_validation__disabilities') }}
    where disability <> 'NONE'
),

of_assessment as (
    select
        census_year,
        la_number,
        child_no,
        referral_no,
        assessment_no,
        count(case when factor in ('5A', '6A') then 1 end) as n_disability_factors
    from factors
    group by census_year, la_number, child_no, referral_no, assessment_no
),

authorised as (
    select
        assessments.*,
        of_assessment.child_no is not null as has_factors,
        coalesce(of_assessment.n_disability_factors, 0) > 0 as has_disability_factor
    from assessments
    left join of_assessment
        on
            {{ same_episode('assessments', 'of_assessment') }}
            and assessments.assessment_no = of_assessment.assessment_no
    where assessments.authorisation_date >= assessments.year_start
),

final as (
    {{ found('8614', 'assessment_factors', 'factor') }}
    from factors
    where authorisation_date_text is null

    union all

    {{ found('8617', 'assessment_factors', 'factor') }}
    from factors
    where factor = '8A'

    union all

    {{ found('8869', 'assessment_factors', 'factor', ['n_besides_21']) }}
    from factors
    where factor = '21' and n_besides_21 > 0

    union all

    -- An open episode has no reason yet, and is asked too. RC9 is a code from 2023 on.
    {{ found('8873', 'assessment_factors', 'factor', ['reason_for_closure']) }}
    from factors
    where
        factor = '21'
        and repetition_no = 1
        and n_assessments = 1
        and not coalesce(
            reason_for_closure = 'RC8'
            or (reason_for_closure = 'RC9' and rule_year >= 2023),
            false
        )

    union all

    {{ found('8897', 'assessments', 'factor', ['authorisation_date'], value='null') }}
    from authorised
    where not has_factors

    union all

    {{ found('8897', 'assessment_factors', 'factor', ['authorisation_date']) }}
    from factors
    where authorisation_date >= year_start and not is_factor_listed

    union all

    {{ found('8898', 'assessment_factors', 'factor') }}
    from factors
    where repetition_no > 1

    union all

    {{ found('8899', 'assessments', 'factor', row='authorised', value='null') }}
    from authorised
    inner join disabled on {{ same_child('authorised', 'disabled') }}
    where not authorised.has_disability_factor

    union all

    {{ found('8945', 'assessment_factors', 'factor') }}
    from factors
    where factor = '18A'

    union all

    {{ found('8950', 'assessment_factors', 'factor') }}
    from factors
    where factor = '19A'
)

select * from final
