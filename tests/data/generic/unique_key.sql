{#- No two rows share the columns, and none of the columns is NULL. -#}
{% test unique_key(model, columns) %}
select
    {{ columns | join(',\n    ') }},
    count(*) as n_rows
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    or {{ columns | join(' is null or ') }} is null
{% endtest %}
