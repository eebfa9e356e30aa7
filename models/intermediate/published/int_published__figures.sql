with figures as (
    select * from {{ ref('stg_published__figure') }}
),

wanted as (
    select * from {{ ref('published_figures') }}
),

authorities as (
    select * from {{ ref('la_authorities') }}
),

-- A financial year (201819) is the census year that it ends in. A collection or a year
-- that lies within the census year is moved to it by the seed.
named as (
    select
        wanted.figure,
        wanted.kind,
        wanted.year_shift + case
            when length(figures.time_period) = 4
                then {{ try_int('figures.time_period') }}
            when length(figures.time_period) = 6
                then {{ try_int('substr(figures.time_period, 1, 4)') }} + 1
        end as census_year,
        case
            when figures.geographic_level = 'National' then 'england'
            when figures.geographic_level = 'Regional' then 'region'
            else 'la'
        end as geographic_level,
        figures.area_code,
        figures.la_number,
        figures.value,
        figures.marker,
        figures.release,
        figures.table_name,
        figures.source_file
    from figures
    inner join wanted
        on
            figures.publication = wanted.publication
            and figures.table_name = wanted.table_name
            and figures.measure = wanted.published_measure
            and (wanted.topic is null or figures.topic = wanted.topic)
            and (
                wanted.breakdown is null
                or figures.breakdown like '%' || wanted.breakdown
            )
),

-- DfE's number stays when a code changes, and releases carry codes back to years before
-- them: the code is the one in force. Authorities not in force on that 31 March are not
-- of the year. At most one row of the seed.
placed as (
    select
        named.*,
        case
            when named.geographic_level = 'la' then authorities.la_code
            else named.area_code
        end as place_code
    from named
    left join authorities
        on
            named.geographic_level = 'la'
            and named.la_number = authorities.la_number
            and named.census_year
            between authorities.first_census_year and authorities.last_census_year
),

-- The latest release speaks: a figure that it withholds stays withheld, whatever an
-- earlier one printed. Populations are no figures about children in need: where a later
-- release leaves an authority out, the last estimate that was made of it stands.
ranked as (
    select
        *,
        row_number() over (
            partition by figure, census_year, geographic_level, place_code
            order by
                case when kind = 'population' and value is null then 1 else 0 end,
                release desc,
                table_name asc
        ) as place_in_order
    from placed
    where place_code is not null and census_year is not null
),

final as (
    select
        figure,
        census_year,
        geographic_level,
        place_code as area_code,
        case when geographic_level = 'la' then la_number end as la_number,
        value,
        marker,
        release,
        table_name,
        source_file
    from ranked
    where place_in_order = 1
)

select * from final
