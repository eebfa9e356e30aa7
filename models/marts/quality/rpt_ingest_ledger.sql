{% set staged = {
    'returns': 'stg_census__returns',
    'children': 'stg_census__children',
    'disabilities': 'stg_census__disabilities',
    'referrals': 'stg_census__referrals',
    'assessments': 'stg_census__assessments',
    'assessment_factors': 'stg_census__assessment_factors',
    'cin_plans': 'stg_census__cin_plans',
    'section47': 'stg_census__section47',
    'child_protection_plans': 'stg_census__child_protection_plans',
    'cpp_reviews': 'stg_census__cpp_reviews',
    'child_locations': 'stg_locations__child_locations',
} %}
with ledger as (
    select
        table_name,
        census_year,
        la_number,
        count(distinct file) as n_files,
        sum(rows_read) as n_rows_read,
        sum(rows_kept) as n_rows_kept,
        sum(rows_quarantined) as n_rows_quarantined
    from {{ ref('stg_ingest__ledger_files') }}
    where
        verdict = 'read'
        and table_name in ({{ quoted_list(staged) }})
    group by table_name, census_year, la_number
),

quarantine as (
    select
        table_name,
        census_year,
        la_number,
        count(*) as n_quarantine_rows
    from {{ ref('stg_ingest__ledger_quarantine') }}
    where table_name in ({{ quoted_list(staged) }})
    group by table_name, census_year, la_number
),

staging as (
    {% for table_name, model in staged.items() %}
    select
        '{{ table_name }}' as table_name,
        census_year,
        la_number,
        count(*) as n_rows_staged
    from {{ ref(model) }}
    group by census_year, la_number
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

keys as (
    select
        table_name,
        census_year,
        la_number
    from ledger
    union
    select
        table_name,
        census_year,
        la_number
    from quarantine
    union
    select
        table_name,
        census_year,
        la_number
    from staging
),

-- One row per table, year and authority that any of the three knows. Year and authority
-- of a quarantined row may be what was wrong with it, hence the null-safe joins.
final as (
    select
        keys.table_name,
        keys.census_year,
        keys.la_number,
        coalesce(ledger.n_files, 0) as n_files,
        cast(coalesce(ledger.n_rows_read, 0) as bigint) as n_rows_read,
        cast(coalesce(ledger.n_rows_kept, 0) as bigint) as n_rows_kept,
        cast(coalesce(ledger.n_rows_quarantined, 0) as bigint) as n_rows_quarantined,
        coalesce(quarantine.n_quarantine_rows, 0) as n_quarantine_rows,
        coalesce(staging.n_rows_staged, 0) as n_rows_staged
    from keys
    left join ledger
        on
            keys.table_name = ledger.table_name
            and keys.census_year is not distinct from ledger.census_year
            and keys.la_number is not distinct from ledger.la_number
    left join quarantine
        on
            keys.table_name = quarantine.table_name
            and keys.census_year is not distinct from quarantine.census_year
            and keys.la_number is not distinct from quarantine.la_number
    left join staging
        on
            keys.table_name = staging.table_name
            and keys.census_year is not distinct from staging.census_year
            and keys.la_number is not distinct from staging.la_number
)

select * from final
