-- Which release of each reference file a census year is read with: one row of
-- seeds/geography/year_vintages.csv for every year that has arrived.
with children as (
    select * from {{ ref('stg_census__children') }}
),

returns as (
    select * from {{ ref('stg_census__returns') }}
),

vintages as (
    select * from {{ ref('year_vintages') }}
),

arrived as (
    select children.census_year from children
    union
    select returns.census_year from returns
),

final as (
    select
        arrived.census_year,
        {{ make_date('arrived.census_year', 3, 31) }} as reference_date,
        {{ make_date('arrived.census_year - 1', 4, 1) }} as year_start,
        vintages.lsoa_vintage,
        {% if var('iod_release') -%}
        '{{ var('iod_release') }}' as iod_release,
        {%- else -%}
        vintages.iod_release,
        {%- endif %}
        vintages.population_mid_year,
        vintages.ruc_release,
        vintages.density_mid_year,
        vintages.lad_utla_year
    from arrived
    left join vintages
        on arrived.census_year = vintages.census_year
    where arrived.census_year is not null
)

select * from final
