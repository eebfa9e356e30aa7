with populations as (
    select * from {{ ref('stg_reference__ethnic_population') }}
    where area_code like 'E02%' and persons is not null
),

patterns as (
    select * from {{ ref('ethnic_labels') }}
),

labels as (
    select distinct
        source_file,
        census,
        ethnic_label
    from populations
),

-- A label has the group of the first pattern that it is like; totals like none.
grouped as (
    select
        labels.*,
        patterns.census_group,
        patterns.ethnic_group,
        patterns.is_total,
        row_number() over (
            partition by labels.source_file, labels.census, labels.ethnic_label
            order by patterns.match_order
        ) as pattern_no
    from labels
    inner join patterns on labels.ethnic_label like patterns.label_pattern
),

-- The total of a group counts only where its parts are not there.
used as (
    select
        *,
        is_total and not min(is_total) over (
            partition by source_file, census, census_group
        ) as is_repeated
    from grouped
    where pattern_no = 1
),

final as (
    select
        populations.census,
        populations.area_code,
        populations.source_file,
        populations.sex,
        populations.age_low,
        populations.age_high,
        used.ethnic_group,
        sum(populations.persons) as persons
    from populations
    inner join used
        on
            populations.source_file = used.source_file
            and populations.census = used.census
            and populations.ethnic_label = used.ethnic_label
    where not used.is_repeated
    group by
        populations.census,
        populations.area_code,
        populations.source_file,
        populations.sex,
        populations.age_low,
        populations.age_high,
        used.ethnic_group
)

select * from final
