{%- set cell = ['census_year', 'lsoa_code', 'measure', 'timing'] -%}
with counted as (
    select * from {{ ref('int_cohort__steps') }}
    where is_counted
),

event_strata as (
    select * from {{ ref('int_episodes__event_strata') }}
),

grid as (
    select * from {{ ref('int_counts__grid') }}
    where is_at_lsoa or is_at_msoa or is_at_la
),

-- What an event has from its child, for every stratum type of children.
by_child as (
    {%- for stratum_type, stratum in {
        'all': "'all'", 'sex': 'sex', 'age': 'cast(age as string)',
        'ethnicity': 'ethnic_group',
    }.items() %}
    select
        {{ cell | join(',\n        ') }},
        '{{ stratum_type }}' as stratum_type,
        {{ stratum }} as stratum,
        count(*) as n_episodes,
        count(case when is_first_counted then 1 end) as n_persons
    from counted
    group by {{ cell | join(', ') }}, {{ stratum }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- An event has one stratum of a partition, and any number of factors.
by_record as (
    select
        {% for column in cell %}
        counted.{{ column }},
        {%- endfor %}
        event_strata.stratum_type,
        event_strata.stratum,
        count(*) as n_episodes,
        count(case when counted.is_first_counted then 1 end) as n_persons
    from counted
    inner join event_strata
        on
            counted.census_year = event_strata.census_year
            and counted.la_number = event_strata.la_number
            and counted.child_no = event_strata.child_no
            and counted.referral_no = event_strata.referral_no
            and counted.measure = event_strata.measure
            and counted.event_no = event_strata.event_no
    group by
        {% for column in cell %}
        counted.{{ column }},
        {%- endfor %}
        event_strata.stratum_type,
        event_strata.stratum
),

stratified as (
    select * from by_child
    union all
    select * from by_record
),

-- Each count once for every basis that the grid has for it.
numbered as (
    select
        stratified.census_year,
        stratified.lsoa_code,
        grid.cell_no,
        case grid.basis
            when 'episode' then stratified.n_episodes
            when 'person' then stratified.n_persons
        end as numerator
    from stratified
    inner join grid
        on
            stratified.measure = grid.measure
            and stratified.timing = grid.timing
            and stratified.stratum_type = grid.stratum_type
            and stratified.stratum = grid.stratum
),

final as (
    select * from numbered
    where numerator > 0
)

select * from final
