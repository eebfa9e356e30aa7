with datasets as (
    select * from {{ ref('stg_ingest__ledger_dataset') }}
),

-- As text: a setting is part of the identifier as it was written.
settings as (
    select
        '{{ project_version() }}' as project_version,
        '{{ definitions_md5() }}' as definitions_md5,
        '{{ var('age_min') }}' as age_min,
        '{{ var('age_max') }}' as age_max,
        '{{ var('age_basis') }}' as age_basis,
        '{{ var('excluded_la_numbers') | sort | join(',') }}' as excluded_la_numbers,
        '{{ var('iod_release') }}' as iod_release,
        '{{ var('deprivation_domain') }}' as deprivation_domain,
        '{{ var('la_average_weighting') }}' as la_average_weighting,
        '{{ var('cp_category') }}' as cp_category,
        '{{ var('confidence_level') }}' as confidence_level
),

-- Whatever changes a number is here.
named as (
    select
        *,
        '|project_version=' || project_version
        || '|definitions_md5=' || definitions_md5
        || '|age_min=' || age_min
        || '|age_max=' || age_max
        || '|age_basis=' || age_basis
        || '|excluded_la_numbers=' || excluded_la_numbers
        || '|iod_release=' || iod_release
        || '|deprivation_domain=' || deprivation_domain
        || '|la_average_weighting=' || la_average_weighting
        || '|cp_category=' || cp_category
        || '|confidence_level=' || confidence_level as all_settings
    from settings
),

final as (
    select
        {{ sha256(
            "datasets.dataset || '|' || datasets.input_sha256 || named.all_settings"
        ) }} as build_id,
        datasets.dataset,
        datasets.input_sha256,
        named.project_version,
        named.definitions_md5,
        cast(named.age_min as integer) as age_min,
        cast(named.age_max as integer) as age_max,
        named.age_basis,
        named.excluded_la_numbers,
        named.iod_release,
        named.deprivation_domain,
        named.la_average_weighting,
        named.cp_category,
        cast(named.confidence_level as double) as confidence_level
    from datasets
    cross join named
)

select * from final
