with landed as (
    select * from {{ ref('int_published__figures') }}
),

embedded as (
    select * from {{ ref('published_facts_2019') }}
),

figures as (
    select distinct
        figure,
        measure,
        timing,
        kind
    from {{ ref('published_figures') }}
),

-- The seed holds a row an area and a column a figure, each cell as published.
unfolded as (
    select
        figures.figure,
        2019 as census_year,
        embedded.geographic_level,
        embedded.area_code,
        embedded.la_number,
        case figures.figure
            {% for name in published_figure_names() -%}
            when '{{ name }}' then embedded.{{ name }}
            {% endfor -%}
        end as cell
    from embedded
    cross join figures
),

-- What a user's own files say comes first, a figure and year at a time.
landed_years as (
    select distinct
        figure,
        census_year
    from landed
),

gathered as (
    select
        figure,
        census_year,
        geographic_level,
        area_code,
        la_number,
        value,
        marker,
        release,
        source_file
    from landed

    union all

    select
        unfolded.figure,
        unfolded.census_year,
        unfolded.geographic_level,
        unfolded.area_code,
        unfolded.la_number,
        {{ try_double('unfolded.cell') }} as value,
        case when {{ try_double('unfolded.cell') }} is null then unfolded.cell end
            as marker,
        'embedded' as release,
        'seeds/public/published_facts_2019.csv' as source_file
    from unfolded
    left join landed_years
        on
            unfolded.figure = landed_years.figure
            and unfolded.census_year = landed_years.census_year
    where unfolded.cell is not null and landed_years.figure is null
),

-- One row a figure: many to one.
final as (
    select
        gathered.figure,
        figures.measure,
        figures.timing,
        figures.kind,
        gathered.census_year,
        gathered.geographic_level,
        gathered.area_code,
        gathered.la_number,
        gathered.value,
        gathered.marker,
        gathered.release,
        gathered.source_file
    from gathered
    inner join figures on gathered.figure = figures.figure
)

select * from final
