with found as (
    select * from {{ ref('int_validation__found') }}
),

register as (
    select * from {{ ref('validation_rules') }}
),

-- A rule says so in the years in which it is in force, with that year's code, severity
-- and message: at most one row of the register.
final as (
    select
        register.rule_code,
        found.rule_no,
        register.severity,
        found.census_year,
        found.la_number,
        found.child_no,
        found.referral_no,
        found.record_no,
        found.part_no,
        found.table_name,
        case found.table_name
            {%- for table in validated_tables() %}
            when '{{ table }}' then {{ found_key(table) }}
            {%- endfor %}
        end as row_key,
        found.column_name,
        found.value,
        found.compared_with,
        register.message,
        found.source_file,
        found.source_row
    from found
    inner join register
        on
            found.rule_no = register.rule_no
            and least(greatest(found.census_year, 2017), 2026)
            between register.first_year and register.last_year
)

select * from final
