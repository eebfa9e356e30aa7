-- Question: how much of a release is withheld or rounded, and where?
-- Answer: one row per kind of area, measure and kind of stratum: cells, those withheld,
-- those rounded, and the share withheld. Which of them are small and which would give a
-- small one away is not said: it would tell.
-- Against: a release.
with cells as (
    select * from published.rates_england
    union all
    select * from published.rates_region
    union all
    select * from published.rates_la
    union all
    select * from published.rates_msoa
    union all
    select * from published.rates_decile
),

placed as (
    select
        *,
        case substr(area_code, 1, 3)
            when 'E92' then 'England'
            when 'E12' then 'region'
            when 'E02' then 'MSOA'
            else 'LA'
        end as area_kind
    from cells
)

select
    census_year,
    area_kind,
    measure,
    stratum_type,
    count(*) as n_cells,
    sum(case when is_suppressed then 1 else 0 end) as n_withheld,
    sum(case when reason = 'rounded' then 1 else 0 end) as n_rounded,
    100.0 * avg(case when is_suppressed then 1 else 0 end) as withheld_pct
from placed
group by census_year, area_kind, measure, stratum_type
order by
    census_year asc, withheld_pct desc, area_kind asc, measure asc, stratum_type asc
