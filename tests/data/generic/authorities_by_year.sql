{#- For each year of `vintages`: every authority in force has one code, and there are as
    many as the year is declared to have. -#}
{% test authorities_by_year(model, vintages) %}
select
    vintages.census_year,
    vintages.n_authorities,
    count(*) as n_codes,
    count(distinct authorities.la_number) as n_numbers
from {{ vintages }} as vintages
inner join {{ model }} as authorities
    on vintages.census_year
    between authorities.first_census_year and authorities.last_census_year
group by vintages.census_year, vintages.n_authorities
having
    count(*) <> vintages.n_authorities
    or count(distinct authorities.la_number) <> vintages.n_authorities
{% endtest %}
