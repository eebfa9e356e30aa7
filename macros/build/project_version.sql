{#- The version in dbt_project.yml. -#}
{% macro project_version() %}
    {{- return(adapter.config.version | string) -}}
{% endmacro %}
