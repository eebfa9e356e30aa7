{#- First and last completed year of a published age group, however it is written: 'Age 5
    to 7', 'Aged 5 to 9 years', '5-7', 'Age 15', 'Aged 4 years and under', 'Under 16',
    'Age 85 and over', '90+'. One without a number is everybody, 0 to 120. -#}
{% macro age_band_low(text) -%}
case
    when lower({{ text }}) like '%under%' or {{ band_number(text, 1) }} = '' then 0
    else cast({{ band_number(text, 1) }} as integer)
end
{%- endmacro %}

{% macro age_band_high(text) -%}
case
    when {{ band_number(text, 1) }} = '' then 120
    when {{ band_number(text, 2) }} <> '' then cast({{ band_number(text, 2) }} as integer)
    when lower({{ text }}) like '%over%' or {{ text }} like '%+%' then 120
    when lower({{ text }}) like '%under%' and lower({{ text }}) not like '%and under%'
        then cast({{ band_number(text, 1) }} as integer) - 1
    else cast({{ band_number(text, 1) }} as integer)
end
{%- endmacro %}

{#- The first or second number in a text, at most three digits; '' where there is none. -#}
{% macro band_number(text, place) -%}
{%- set before = '[^0-9]*' if place == 1 else '[^0-9]*[0-9]+[^0-9]+' -%}
regexp_extract({{ text }}, '^{{ before }}([0-9]{1,3})', 1)
{%- endmacro %}
