with reviews as (
    select * from {{ ref('int_validation__cpp_reviews') }}
),

cin_plans as (
    select * from {{ ref('int_validation__cin_plans') }}
),

-- Many reviews to many CIN plans of the child, in whatever episodes; each review once.
in_cin_plan as (
    select
        reviews.census_year,
        reviews.la_number,
        reviews.child_no,
        reviews.referral_no,
        reviews.cp_plan_no,
        reviews.review_no,
        reviews.review_date_text,
        reviews.source_file,
        reviews.source_row,
        min(cin_plans.start_date) as cin_plan_start_date
    from reviews
    inner join cin_plans
        on
            {{ same_child('reviews', 'cin_plans') }}
            and reviews.review_date >= cin_plans.start_date
            and reviews.review_date < cin_plans.end_date
    where reviews.review_date is distinct from reviews.plan_end_date
    group by
        reviews.census_year,
        reviews.la_number,
        reviews.child_no,
        reviews.referral_no,
        reviews.cp_plan_no,
        reviews.review_no,
        reviews.review_date_text,
        reviews.source_file,
        reviews.source_row
),

final as (
    {{ found('4003', 'cpp_reviews', 'review_date', ['cin_plan_start_date']) }}
    from in_cin_plan

    union all

    {{ found('8841', 'cpp_reviews', 'review_date', ['plan_start_date']) }}
    from reviews
    where review_date <= plan_start_date

    union all

    {{ found('8842', 'cpp_reviews', 'review_date') }}
    from reviews
    where review_date is null
)

select * from final
