-- There is no mid-year population by ethnic group below authorities: the census says
-- how the children of an MSOA divide, by age and sex (report, Table 5).
with bands as (
    select * from {{ ref('int_counts__ethnic_bands') }}
),

strata as (
    select * from {{ ref('strata') }}
),

ethnic_groups as (
    select stratum as ethnic_group
    from strata
    where stratum_type = 'ethnicity' and not is_unknown
),

cells as (
    select
        sexes.stratum as sex,
        {{ try_int('ages.stratum') }} as age
    from strata as sexes
    cross join strata as ages
    where
        sexes.stratum_type = 'sex'
        and not sexes.is_unknown
        and ages.stratum_type = 'age'
        and {{ try_int('ages.stratum') }}
        between {{ var('age_min') }} and {{ var('age_max') }}
),

-- The last resort: all the people of the area, where its children are too few to say.
all_bands as (
    select * from bands
    union all
    select
        census,
        area_code,
        '' as source_file,
        'persons' as sex,
        0 as age_low,
        999 as age_high,
        ethnic_group,
        sum(persons) as persons
    from bands
    group by census, area_code, ethnic_group
),

totals as (
    select
        census,
        area_code,
        source_file,
        sex,
        age_low,
        age_high,
        sum(persons) as persons
    from all_bands
    group by census, area_code, source_file, sex, age_low, age_high
),

-- The narrowest age group with anybody in it, and of two the one of the child's sex.
ranked as (
    select
        totals.*,
        cells.sex as cell_sex,
        cells.age,
        row_number() over (
            partition by totals.census, totals.area_code, cells.sex, cells.age
            order by
                totals.age_high - totals.age_low,
                case when totals.sex = cells.sex then 0 else 1 end,
                totals.age_low,
                totals.source_file
        ) as band_no
    from totals
    inner join cells
        on
            cells.age between totals.age_low and totals.age_high
            and totals.sex in (cells.sex, 'persons')
    where totals.persons > 0
),

final as (
    select
        ranked.census,
        ranked.area_code as msoa_code,
        ranked.cell_sex as sex,
        ranked.age,
        ethnic_groups.ethnic_group,
        {{ safe_divide('coalesce(all_bands.persons, 0)', 'ranked.persons') }} as share
    from ranked
    cross join ethnic_groups
    left join all_bands
        on
            ranked.census = all_bands.census
            and ranked.area_code = all_bands.area_code
            and ranked.source_file = all_bands.source_file
            and ranked.sex = all_bands.sex
            and ranked.age_low = all_bands.age_low
            and ranked.age_high = all_bands.age_high
            and ethnic_groups.ethnic_group = all_bands.ethnic_group
    where ranked.band_no = 1
)

select * from final
