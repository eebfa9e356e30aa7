with facts as (
    select * from {{ ref('int_published__facts') }}
),

authorities as (
    select * from {{ ref('la_authorities') }}
),

garwood_limits as (
    select * from {{ ref('garwood_limits') }}
),

numbers as (
    select * from facts
    where kind = 'number'
),

rates as (
    select * from facts
    where kind = 'rate'
),

-- Children aged 0 to 17 of the mid-year that lies within the census year.
populations as (
    select * from facts
    where kind = 'population'
),

-- A withheld number has its row, its marker and no value; nothing is filled in. Every
-- join finds at most one row.
counts as (
    select
        numbers.census_year,
        numbers.geographic_level,
        numbers.area_code,
        numbers.la_number,
        numbers.measure,
        numbers.timing,
        cast(round(numbers.value) as bigint) as numerator,
        numbers.marker,
        populations.value as denominator,
        rates.value as published_rate_per_10k,
        rates.marker as published_rate_marker,
        numbers.release,
        numbers.source_file
    from numbers
    left join populations
        on
            numbers.census_year = populations.census_year
            and numbers.geographic_level = populations.geographic_level
            and numbers.area_code = populations.area_code
    left join rates
        on
            numbers.census_year = rates.census_year
            and numbers.geographic_level = rates.geographic_level
            and numbers.area_code = rates.area_code
            and numbers.measure = rates.measure
            and numbers.timing = rates.timing
),

final as (
    select
        counts.census_year,
        counts.geographic_level,
        counts.area_code,
        counts.la_number,
        case counts.geographic_level
            when 'la' then authorities.la_name
            when 'england' then 'England'
            else counts.area_code
        end as area_name,
        counts.measure,
        counts.timing,
        counts.numerator,
        counts.marker,
        counts.denominator,
        {{ rate_per_10k('counts.numerator', 'counts.denominator') }} as rate_per_10k,
        {{ rate_per_10k(garwood_lower('counts.numerator'), 'counts.denominator') }}
            as ci_low,
        {{ rate_per_10k(garwood_upper('counts.numerator'), 'counts.denominator') }}
            as ci_high,
        counts.published_rate_per_10k,
        counts.published_rate_marker,
        counts.release,
        counts.source_file
    from counts
    left join authorities
        on
            counts.geographic_level = 'la'
            and counts.area_code = authorities.la_code
    left join garwood_limits on counts.numerator = garwood_limits.n
)

select * from final
