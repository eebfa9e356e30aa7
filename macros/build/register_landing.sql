{#- One view in the schema `landing` for every source table, over the Parquet that
    `cin ingest` wrote. The source's config.meta.landing_files is the file pattern
    below the landing folder; config.meta.is_partitioned says whether census_year and
    la_number come from folder names, which are read as text. Nothing happens at parse.

    The key is not called external_location because dbt-duckdb acts on that name: it
    replaces the source by the file pattern, and then a unit test cannot stand in for
    it. -#}
{% macro register_landing() %}
{% if execute %}
    {% set folder = landing_folder() %}
    {% set tables = landing_tables() %}
    {% set present = landed_folders(folder) %}
    {% set missing = [] %}
    {% for table in tables if table.identifier not in present %}
        {% do missing.append(table.identifier) %}
    {% endfor %}
    {% if missing | length > 0 %}
        {% do exceptions.raise_compiler_error(landing_problem(folder, missing, tables)) %}
    {% endif %}
    {% for schema in tables | map(attribute='schema') | unique %}
        {% do run_query('create schema if not exists ' ~ schema) %}
    {% endfor %}
    {% for table in tables %}
        {% do run_query(landing_view(folder, table)) %}
    {% endfor %}
{% endif %}
{% endmacro %}

{% macro landing_tables() %}
    {% set tables = [] %}
    {% for source in graph.sources.values() %}
        {% if source.package_name == project_name and source.config.meta.landing_files %}
            {% do tables.append(source) %}
        {% endif %}
    {% endfor %}
    {% do return(tables | sort(attribute='unique_id')) %}
{% endmacro %}

{#- The landing folder, absolute when it can be told: CIN_LANDING_DIR, else `landing`
    below CIN_BUILD_DIR, else build/landing of the project. A cluster reads the same files
    under a name of its own, CIN_SPARK_LANDING. -#}
{% macro landing_folder() %}
    {% if target.type == 'spark' and env_var('CIN_SPARK_LANDING', '') %}
        {% do return(env_var('CIN_SPARK_LANDING')) %}
    {% endif %}
    {% set build = env_var('CIN_BUILD_DIR', 'build') %}
    {% set folder = env_var('CIN_LANDING_DIR', build ~ '/landing') | replace('\\', '/') %}
    {% set project = env_var('CIN_PROJECT_DIR', flags.PROJECT_DIR | string) %}
    {% set project = project | replace('\\', '/') %}
    {% if modules.re.match('^(/|[A-Za-z]:/)', folder) is none and project != '.' %}
        {% set folder = project ~ '/' ~ folder %}
    {% endif %}
    {% do return(folder) %}
{% endmacro %}

{% macro landed_folders(folder) %}
    {{- return(adapter.dispatch('landed_folders', 'cin_warehouse')(folder)) -}}
{% endmacro %}

{#- Spark lists no files in SQL, and says itself which path is not there; `cin build` looks
    before it starts. -#}
{% macro default__landed_folders(folder) %}
    {% do return(landing_tables() | map(attribute='identifier') | list) %}
{% endmacro %}

{% macro duckdb__landed_folders(folder) %}
    {% set query %}
        select distinct
            split_part(substr(replace(file, '\', '/'), {{ folder | length + 2 }}), '/', 1)
        from glob('{{ folder | replace("'", "''") }}/**/*.parquet')
    {% endset %}
    {% do return(run_query(query).columns[0].values() | list) %}
{% endmacro %}

{% macro landing_problem(folder, missing, tables) %}
    {% if missing | length == tables | length %}
        {% set what = 'the landing folder ' ~ folder ~ ' is empty or missing' %}
    {% else %}
        {% set what = 'the landing folder ' ~ folder ~ ' lacks ' ~ missing | join(', ') %}
    {% endif %}
    {% do return(
        what ~ '.\n  remedy: run `cin ingest`, or set CIN_LANDING_DIR to the folder'
        ~ ' that it wrote'
    ) %}
{% endmacro %}

{% macro landing_view(folder, table) %}
    {{- return(adapter.dispatch('landing_view', 'cin_warehouse')(folder, table)) -}}
{% endmacro %}

{#- The folder of the table: Spark finds the partitions below it. -#}
{% macro default__landing_view(folder, table) %}
    {% set below = table.config.meta.landing_files.split('/*')[0] %}
    {% do return(
        'create or replace view ' ~ table.schema ~ '.' ~ table.identifier
        ~ ' as select * from parquet.`' ~ folder ~ '/' ~ below ~ '`'
    ) %}
{% endmacro %}

{% macro duckdb__landing_view(folder, table) %}
    {% set files = (folder ~ '/' ~ table.config.meta.landing_files) | replace("'", "''") %}
    {% set options = '' %}
    {% if table.config.meta.is_partitioned %}
        {% set options %}
            , hive_partitioning = true
            , hive_types = {'census_year': varchar, 'la_number': varchar}
        {% endset %}
    {% else %}
        {% set options = ', hive_partitioning = false' %}
    {% endif %}
    {% do return(
        'create or replace view ' ~ table.schema ~ '.' ~ table.identifier
        ~ ' as select * from read_parquet(\'' ~ files ~ '\'' ~ options ~ ')'
    ) %}
{% endmacro %}
