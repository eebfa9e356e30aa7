-- One row per rule, column and return with an issue: all that its issues have in common.
-- Errors come before queries.
create table validated.kinds as
with kinds as (
    select distinct
        severity,
        rule_code,
        message,
        table_name,
        column_name,
        census_year,
        la_number,
        source_file
    from validated.compared
),

register as (
    select * from warehouse.staging.validation_rules
),

final as (
    select
        row_number() over (
            order by
                kinds.severity = 'error' desc, kinds.rule_code, kinds.table_name,
                kinds.column_name, kinds.census_year, kinds.la_number, kinds.source_file
        ) as kind_no,
        kinds.severity,
        kinds.rule_code,
        kinds.message,
        register.fields,
        kinds.table_name,
        kinds.column_name,
        kinds.census_year,
        kinds.la_number,
        kinds.source_file as file
    from kinds
    left join register
        on
            kinds.rule_code = register.rule_code
            and least(greatest(kinds.census_year, 2017), 2026)
            between register.first_year and register.last_year
)

select * from final
