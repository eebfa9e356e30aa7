{#- Every combination of the columns in another relation is here: rows that meet
    `condition` there (alias `other`), of census years that stand in `years` where that is
    given, and that this model lacks. -#}
{% test covers(model, other, columns, condition='true', years=none) %}
select other.*
from {{ other }} as other
{%- if years %}
inner join {{ years }} as years on other.census_year = years.census_year
{%- endif %}
left join {{ model }} as mine
    on {% for column in columns -%}
    other.{{ column }} = mine.{{ column }}
    {{ 'and ' if not loop.last }}
    {%- endfor %}
where ({{ condition }}) and mine.{{ columns[0] }} is null
{% endtest %}
