{#- Exact (Garwood) 95 % limits of a Poisson count n: half the chi-square quantile at
    2.5 % with 2n degrees of freedom, and at 97.5 % with 2n + 2. Counts to 100 read the
    seed garwood_limits, joined under `seed` by the caller:

        left join garwood_limits on counts.numerator = garwood_limits.n

    Above, the Cornish-Fisher expansion of the quantile in powers of 1 / sqrt(df), eight
    terms, each the polynomial of Goldberg and Levine at z = 1.959963984540054. Against
    scipy.stats.chi2.ppf for n = 101 … 1,000,000 the largest relative error is 3.9e-11
    (at n = 101). Only arithmetic and sqrt, so engines agree to the last bit. -#}
{% macro garwood_lower(n, seed='garwood_limits') -%}
case
    when {{ n }} > 100 then {{ half_chi_square(2 ~ ' * ' ~ n, -1) }}
    else {{ seed }}.lower_limit
end
{%- endmacro %}

{% macro garwood_upper(n, seed='garwood_limits') -%}
case
    when {{ n }} > 100 then {{ half_chi_square('(2 * ' ~ n ~ ' + 2)', 1) }}
    else {{ seed }}.upper_limit
end
{%- endmacro %}

{#- Half the chi-square quantile at z = sign * 1.96: the odd terms change sign with z. -#}
{% macro half_chi_square(df, sign) -%}
{%- set terms = [
    '2.771807648699356',
    '1.8943058804627506',
    '-0.48638158886288363',
    '-0.27239816966975305',
    '0.19483204522190886',
    '-0.19515259154340814',
    '0.16972613777440532',
] -%}
{%- set root = 'sqrt(cast(' ~ df ~ ' as double))' -%}
{%- set nested = namespace(sql='') -%}
{%- for term in terms | reverse -%}
    {%- set is_odd = loop.revindex is odd -%}
    {%- set value = term -%}
    {%- if is_odd and sign < 0 -%}
        {%- set value = term[1:] if term[0] == '-' else '-' ~ term -%}
    {%- endif -%}
    {%- if nested.sql -%}
        {%- set nested.sql = '(' ~ value ~ 'e0 + ' ~ nested.sql ~ ' / ' ~ root ~ ')' -%}
    {%- else -%}
        {%- set nested.sql = '(' ~ value ~ 'e0)' -%}
    {%- endif -%}
{%- endfor -%}
0.5e0 * cast({{ df }} as double) * (1e0 + {{ nested.sql }} / {{ root }})
{%- endmacro %}

{#- Called at the start of every run: another level needs another seed and another z. -#}
{% macro check_confidence_level() %}
    {% if var('confidence_level') | float != 0.95 %}
        {% do exceptions.raise_compiler_error(
            'var confidence_level is ' ~ var('confidence_level') ~ ': only 0.95 is'
            ~ ' supported (seeds/statistics/garwood_limits.csv and macros/rates hold'
            ~ ' the limits of that level alone)'
        ) %}
    {% endif %}
{% endmacro %}
