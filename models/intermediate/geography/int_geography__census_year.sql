-- Which release of each reference file a census year is read with: one row of
-- seeds/geography/year_vintages.csv for every year that is counted. Years that are only
-- looked back to need no reference files.
with arrived as (
    select * from {{ ref('int_geography__arrived_year') }}
),

vintages as (
    select * from {{ ref('year_vintages') }}
),

final as (
    select
        arrived.census_year,
        arrived.reference_date,
        arrived.year_start,
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
    where arrived.is_counted
)

select * from final
