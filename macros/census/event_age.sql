{#- Age that decides whether an event is counted and in which stratum: at the event, or
    on 31 March when the setting age_basis says so (the report does not say which). -#}
{% macro event_age(birth_date, event_date, reference_date) -%}
{%- if var('age_basis') == '31_march' -%}
{{ age_at(birth_date, reference_date) }}
{%- else -%}
{{ age_at(birth_date, event_date) }}
{%- endif -%}
{%- endmacro %}
