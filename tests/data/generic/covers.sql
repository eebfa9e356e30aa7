{#- Every combination of the columns in another relation is here: rows that meet
    `condition` there (alias `other`) and that this model lacks. -#}
{% test covers(model, other, columns, condition='true') %}
select other.*
from {{ other }} as other
left join {{ model }} as mine
    on {% for column in columns -%}
    other.{{ column }} = mine.{{ column }}
    {{ 'and ' if not loop.last }}
    {%- endfor %}
where ({{ condition }}) and mine.{{ columns[0] }} is null
{% endtest %}
