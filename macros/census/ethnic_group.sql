{#- The five groups of the report's Table 5 (statistics: section 1); refused, not yet
    obtained and missing are unknown. -#}
{% macro ethnic_group(ethnicity) -%}
case
    when {{ ethnicity }} in ('AIND', 'APKN', 'ABAN', 'AOTH') then 'asian'
    when {{ ethnicity }} in ('BCRB', 'BAFR', 'BOTH') then 'black'
    when {{ ethnicity }} in ('MWBC', 'MWBA', 'MWAS', 'MOTH') then 'mixed'
    when {{ ethnicity }} in ('CHNE', 'OOTH') then 'other'
    when {{ ethnicity }} in ('WBRI', 'WIRI', 'WIRT', 'WOTH', 'WROM') then 'white'
    else 'unknown'
end
{%- endmacro %}
