{#- For every census year, the census (`from_vintage`) whose LSOAs a published table is
    read in: that of the year's own LSOAs (`to_vintage`) where the table has them, else
    the other. `release` is the column of int_geography__census_year that says which
    release the year takes, `column` the table's own name for it. Needs the CTE
    `census_year`. -#}
{% macro vintage_of_year(relation, release, column=none) -%}
select
        census_year.census_year,
        census_year.{{ release }},
        census_year.lsoa_vintage as to_vintage,
        coalesce(
            max(
                case
                    when found.lsoa_vintage = census_year.lsoa_vintage
                        then found.lsoa_vintage
                end
            ),
            max(found.lsoa_vintage)
        ) as from_vintage
    from census_year
    inner join (
        select distinct
            {{ column or release }},
            lsoa_vintage
        from {{ relation }}
    ) as found
        on census_year.{{ release }} = found.{{ column or release }}
    group by census_year.census_year, census_year.{{ release }}, census_year.lsoa_vintage
{%- endmacro %}
