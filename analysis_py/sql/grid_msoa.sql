-- One row per MSOA of the year, ordered by LA: as grid_lsoa.sql.
select
    context.la_code,
    context.msoa_code,
    cast(context.income as double) as income,
    cast(context.la_income as double) as la_income,
    cast(context.x1 as double) as x1,
    cast(context.x2 as double) as x2,
    cast(context.is_rural as double) as rural,
    cast(las.match_rate as double) as match_rate,
    columns('_z$')
from modelling.mdl_msoa_context as context
-- many MSOAs to one LA
left join modelling.mdl_la_context as las
    on
        context.la_code = las.la_code
        and context.census_year = las.census_year
where context.census_year = $census_year
order by context.la_code, context.msoa_code
