-- Location files may name the LSOA of either census. One of the other census that lies
-- in a single LSOA of the year is that one; the children of one that has become several
-- are dealt out, whole, in proportion to residents and in the order of the returns
-- (decision 0013). A code that no lookup knows stays as it is.
with matches as (
    select * from {{ ref('int_episodes__location_matches') }}
),

census_year as (
    select * from {{ ref('int_geography__census_year') }}
),

links as (
    select * from {{ ref('int_geography__lsoa_links') }}
    where from_vintage <> to_vintage
),

-- The n children of an LSOA stand at 1/2n, 3/2n, 5/2n ... between 0 and 1.
placed as (
    select
        *,
        (
            row_number() over (
                partition by census_year, lsoa_code
                order by la_number, child_no nulls last
            ) - 0.5e0
        ) / count(*) over (partition by census_year, lsoa_code) as place
    from matches
),

-- At most one link has the place of a child.
final as (
    select
        placed.census_year,
        placed.la_number,
        placed.child_no,
        placed.match_method,
        placed.has_conflicting_lsoas,
        placed.lsoa_code as given_lsoa_code,
        coalesce(links.to_code, placed.lsoa_code) as lsoa_code,
        case
            when links.to_code is null or links.to_code = placed.lsoa_code
                then 'as_given'
            when links.share_of_from = 1 then 'whole'
            else 'dealt_out'
        end as lsoa_basis
    from placed
    inner join census_year
        on placed.census_year = census_year.census_year
    left join links
        on census_year.lsoa_vintage = links.to_vintage
            and placed.lsoa_code = links.from_code
            and placed.place >= links.dealt_from
            and placed.place < links.dealt_to
)

select * from final
