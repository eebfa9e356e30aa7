{#- Whole days from one date to another, negative when `until` comes first. -#}
{% macro days_between(since, until) %}
    {{- return(adapter.dispatch('days_between', 'cin_warehouse')(since, until)) -}}
{% endmacro %}

{% macro default__days_between(since, until) -%}
cast(datediff({{ until }}, {{ since }}) as bigint)
{%- endmacro %}

{% macro duckdb__days_between(since, until) -%}
date_diff('day', {{ since }}, {{ until }})
{%- endmacro %}

{#- A date some calendar months later; a day that the month lacks becomes its last. -#}
{% macro add_months(date, months) %}
    {{- return(adapter.dispatch('add_months', 'cin_warehouse')(date, months)) -}}
{% endmacro %}

{% macro default__add_months(date, months) -%}
add_months({{ date }}, {{ months }})
{%- endmacro %}

{% macro duckdb__add_months(date, months) -%}
cast({{ date }} + to_months({{ months }}) as date)
{%- endmacro %}

{#- A date from year, month and day. -#}
{% macro make_date(year, month, day) %}
    {{- return(adapter.dispatch('make_date', 'cin_warehouse')(year, month, day)) -}}
{% endmacro %}

{% macro default__make_date(year, month, day) -%}
make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{#- Birthdays passed: NULL before birth or without either date. Somebody born on
    29 February has the birthday on 1 March in other years. -#}
{% macro completed_years(born, at) %}
    {{- return(adapter.dispatch('completed_years', 'cin_warehouse')(born, at)) -}}
{% endmacro %}

{% macro default__completed_years(born, at) -%}
case
    when {{ at }} >= {{ born }}
        then cast(extract(year from {{ at }}) - extract(year from {{ born }}) as integer)
            - case
                when extract(month from {{ at }}) * 100 + extract(day from {{ at }})
                    < extract(month from {{ born }}) * 100 + extract(day from {{ born }})
                    then 1
                else 0
            end
end
{%- endmacro %}

{#- A date some days later (earlier when negative). -#}
{% macro add_days(date, days) %}
    {{- return(adapter.dispatch('add_days', 'cin_warehouse')(date, days)) -}}
{% endmacro %}

{% macro default__add_days(date, days) -%}
date_add({{ date }}, {{ days }})
{%- endmacro %}

{% macro duckdb__add_days(date, days) -%}
({{ date }} + cast({{ days }} as integer))
{%- endmacro %}

{#- Whether a date is a Saturday or a Sunday: engines number weekdays differently, so
    days are counted from Monday 1 January 1900. -#}
{% macro is_weekend(date) -%}
{{ days_between(make_date(1900, 1, 1), date) }} % 7 >= 5
{%- endmacro %}
