with rates as (
    select * from {{ ref('fct_published_rates_la') }}
),

england as (
    select * from rates
    where geographic_level = 'england'
),

-- England and regions are rounded to 10; authorities are printed to the unit. A number
-- marked c lies between 1 and 5 (or is 0 to 5 with what it would give away).
authorities as (
    select
        census_year,
        measure,
        timing,
        cast(coalesce(sum(numerator), 0) as bigint) as sum_of_authorities,
        count(*) as n_authorities,
        count(*) filter (where marker = 'c') as n_suppressed,
        count(*) filter (where marker is not null and marker <> 'c') as n_not_published,
        {{ joined_texts(
            "case when marker is not null then la_number || ' ' || marker end",
            ', ', 'la_number'
        ) }} as marked
    from rates
    where geographic_level = 'la'
    group by census_year, measure, timing
),

compared as (
    select
        england.census_year,
        england.measure,
        england.timing,
        england.numerator as england_total,
        authorities.sum_of_authorities,
        england.numerator - authorities.sum_of_authorities as difference,
        authorities.n_authorities,
        authorities.n_suppressed,
        authorities.n_not_published,
        authorities.marked,
        england.release
    from england
    inner join authorities
        on
            england.census_year = authorities.census_year
            and england.measure = authorities.measure
            and england.timing = authorities.timing
),

-- Without a marker the two are equal to rounding. What is suppressed adds 0 to 5 each;
-- what an authority did not publish is in England's total as DfE estimates it.
final as (
    select
        *,
        case
            when abs(difference) <= 5 then 'equal_to_rounding'
            when n_not_published > 0 and difference > 5 then 'authority_not_published'
            when difference between -5 and 5 + 5 * n_suppressed
                then 'suppressed_numbers'
            else 'unexplained'
        end as reason
    from compared
)

select * from final
