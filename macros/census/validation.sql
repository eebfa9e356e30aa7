{#- What the validation rules are written with: landed values as DfE's rules see them,
    and the columns of a row that breaks one. -#}

{#- Every column of a landed census table (alias `landed`): its keys; dates and counts
    as values, with the text beside them in <column>_text; flags as text, with the value
    in is_<column>; all else as text. Unlike staging, a date is any date: that a date is
    implausible is what many rules are about. -#}
{% macro returned_columns(table) -%}
{{ typed_keys(table) }},
    {{ code_list_year() }} as rule_year
    {%- for column, type in landing_columns(table)['columns'].items() -%}
    {%- if type == 'date' %},
    {{ try_date(landed(column)) }} as {{ column }},
    {{ landed(column) }} as {{ column }}_text
    {%- elif type == 'count' %},
    {{ try_int(landed(column)) }} as {{ column }},
    {{ landed(column) }} as {{ column }}_text
    {%- elif type == 'flag' %},
    {{ landed(column) }} as {{ column }},
    {{ returned_flag(landed(column)) }} as is_{{ column }}
    {%- elif type.startswith('code:') %},
    {{ landed(column) }} as {{ column }},
    {{ column }}_codes.code is not null as is_{{ column }}_listed
    {%- else %},
    {{ landed(column) }} as {{ column }}
    {%- endif -%}
    {%- endfor -%},
    landed.source_file,
    cast(landed.source_row as bigint) as source_row
{%- endmacro %}

{#- A flag in either spelling of the census; anything else is none. -#}
{% macro returned_flag(text) -%}
case
        when lower({{ text }}) in ('1', 'true') then true
        when lower({{ text }}) in ('0', 'false') then false
    end
{%- endmacro %}

{#- The joins that `returned_columns` needs: at most one row of the seed. Codes are
    compared as they are written, because the schema of the census is. -#}
{% macro returned_joins(table) -%}
{%- for column, type in landing_columns(table)['columns'].items() if type.startswith('code:') %}
left join {{ ref('code_sets') }} as {{ column }}_codes
    on {{ column }}_codes.codeset = '{{ type[5:] }}'
    and {{ column }}_codes.code = {{ landed(column) }}
    and {{ code_list_year() }}
        between {{ column }}_codes.first_year and {{ column }}_codes.last_year
{%- endfor %}
{%- endmacro %}

{#- The select list of rows that break a rule: one row an offending value, which is
    `column` of `table`. `row` is the alias of that table where a query has several,
    `compared` lists what the value is compared with; `value` is given where the fault is
    that the table has no such value. A rule on whole returns names its count. A test reads the rule's number from here: it must be written out. -#}
{% macro found(rule_no, table, column, compared=[], row='', value='') -%}
{%- set spec = landing_columns(table) -%}
{%- set at = row ~ '.' if row else '' -%}
{%- set keys = spec['keys'] | reject('in', ['child_no', 'referral_no']) | list -%}
{%- set type = spec['columns'].get(column, 'text') -%}
{%- set text = at ~ column ~ ('_text' if type in ('date', 'count') else '') -%}
select
    '{{ rule_no }}' as rule_no,
    {{ at }}census_year,
    {{ at }}la_number,
    {{ key_or_null('child_no', spec['keys'], at) }} as child_no,
    {{ key_or_null('referral_no', spec['keys'], at) }} as referral_no,
    {{ key_or_null(keys[0], keys, at) }} as record_no,
    {{ key_or_null(keys[1], keys, at) }} as part_no,
    '{{ table }}' as table_name,
    '{{ column }}' as column_name,
    cast({{ value or text }} as string) as value,
    {% if compared -%}
    {% for other in compared -%}
    '{{ ', ' if not loop.first }}{{ other.split('.')[-1] }}='
    || coalesce(cast({{ other }} as string), '')
    {%- if not loop.last %} || {% endif -%}
    {%- endfor %} as compared_with,
    {% else -%}
    cast(null as string) as compared_with,
    {% endif -%}
    {{ at }}source_file,
    {{ at }}source_row
{%- endmacro %}

{% macro key_or_null(key, keys, at) -%}
{{ at ~ key if key and key in keys else 'cast(null as integer)' }}
{%- endmacro %}

{#- The whole key of a child and of an episode, to join two aliases by. -#}
{% macro same_child(one, other) -%}
{{ one }}.census_year = {{ other }}.census_year
and {{ one }}.la_number = {{ other }}.la_number
and {{ one }}.child_no = {{ other }}.child_no
{%- endmacro %}

{% macro same_episode(one, other) -%}
{{ same_child(one, other) }}
and {{ one }}.referral_no = {{ other }}.referral_no
{%- endmacro %}

{#- The tables whose rows a rule can name. -#}
{% macro validated_tables() %}
    {% do return([
        'returns', 'children', 'disabilities', 'referrals', 'assessments',
        'assessment_factors', 'cin_plans', 'section47', 'child_protection_plans',
        'cpp_reviews',
    ]) %}
{% endmacro %}

{#- The key of a found row in words, as `row_key` writes that of a landed one. -#}
{% macro found_key(table) -%}
{%- set all_keys = landing_columns(table)['keys'] -%}
{%- set own = all_keys | reject('in', ['child_no', 'referral_no']) | list -%}
{%- for key in all_keys -%}
'{{ ', ' if not loop.first }}{{ key }}=' || found.
{%- if key in own -%}
    {{ ['record_no', 'part_no'][own.index(key)] }}
{%- else -%}
    {{ key }}
{%- endif -%}
{%- if not loop.last %} || {% endif -%}
{%- else -%}
''
{%- endfor -%}
{%- endmacro %}

{#- What the text of the models says: pairs of model and number, one for each rule that a
    model calls `found` for. Known only when a run has its graph. -#}
{% macro written_rules() %}
    {% set pattern = "found\\(\\s*'(\\d+)'" %}
    {% set written = [] %}
    {% if execute %}
        {% for node in graph.nodes.values() if node.resource_type == 'model' %}
            {% for number in modules.re.findall(pattern, node.raw_code) | unique %}
                {% do written.append([node.name, number]) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
    {% do return(written) %}
{% endmacro %}
