-- One row per authority and year of which anything arrived: an extract may come without
-- a header, and the rules on whole returns hold for it all the same.
with headers as (
    select
        {{ returned_columns('returns') }}
    from {{ source('census', 'returns') }} as landed
),

children as (
    select
        {{ typed_keys('children') }},
        landed.source_file
    from {{ source('census', 'children') }} as landed
),

arrived as (
    select
        census_year,
        la_number
    from headers
    union
    select
        census_year,
        la_number
    from children
),

counted as (
    select
        census_year,
        la_number,
        count(*) as n_child_records,
        min(source_file) as source_file
    from children
    group by census_year, la_number
),

final as (
    select
        arrived.census_year,
        arrived.la_number,
        years.rule_year,
        years.year_start,
        years.year_end,
        headers.la_number is not null as has_header,
        headers.reference_date,
        headers.reference_date_text,
        coalesce(counted.n_child_records, 0) as n_child_records,
        coalesce(headers.source_file, counted.source_file) as source_file,
        headers.source_row
    from arrived
    inner join {{ ref('int_validation__years') }} as years
        on arrived.census_year = years.census_year
    left join headers
        on
            arrived.census_year = headers.census_year
            and arrived.la_number = headers.la_number
    left join counted
        on
            arrived.census_year = counted.census_year
            and arrived.la_number = counted.la_number
)

select * from final
