-- One row per LSOA and month of spells of one measure: how many were under way when the
-- month of their life began, and how many of these ended in it, with the covariates of
-- the cease-time tables. Ordered by LA.
select
    context.la_code,
    spells.month_no,
    cast(spells.at_risk as double) as at_risk,
    cast(spells.ceased as double) as ceased,
    cast(context.x1 as double) as x1,
    cast(context.x2 as double) as x2
from modelling.mdl_spell_months as spells
-- many months to one LSOA
inner join modelling.mdl_lsoa_context as context
    on
        spells.lsoa_code = context.lsoa_code
        and spells.census_year = context.census_year
where
    spells.census_year = $census_year
    and spells.measure = $measure
    and spells.month_no < $n_months
    and spells.at_risk > 0
    and context.x1 is not null
    and context.x2 is not null
order by context.la_code, context.lsoa_code, spells.month_no
