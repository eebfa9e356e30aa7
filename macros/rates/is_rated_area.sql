{#- Whether an LSOA lies in an authority that has rates: one of the study, and of those
    that the setting only_la_numbers names, where it names any. The other authorities are
    still what this one is held against: scores, deciles and averages are over England. -#}
{% macro is_rated_area() -%}
is_study_la
{%- if var('only_la_numbers') %}
        and la_code in (
            select la_code
            from {{ ref('la_authorities') }}
            where la_number in ({{ quoted_list(var('only_la_numbers')) }})
        )
{%- endif -%}
{%- endmacro %}
