{#- One hash over the text of every seed and model: a code list or a rule that changed
    is another build, although no setting did. Known only when a run has its graph. -#}
{% macro definitions_md5() %}
    {%- set checksums = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() -%}
            {%- if node.resource_type in ('model', 'seed') -%}
                {%- do checksums.append(node.unique_id ~ node.checksum.checksum) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(local_md5(checksums | sort | join('|'))) -}}
{% endmacro %}
