-- One row per group of referred children: how many have a neighbourhood.
select
    rates.breakdown,
    coalesce(
        strata.label,
        las.la_name,
        upper(left(rates.category, 1)) || substr(rates.category, 2)
    ) as category,
    rates.category as category_code,
    rates.n_children,
    rates.n_matched,
    100.0 * rates.match_rate as match_pct
from quality.rpt_match_rates as rates
left join core.dim_stratum as strata
    on
        rates.breakdown = strata.stratum_type
        and rates.category = strata.stratum
left join core.dim_la as las
    on
        rates.breakdown = 'la'
        and rates.census_year = las.census_year
        and rates.category = las.la_code
where rates.census_year = $census_year
order by rates.breakdown, strata.sort_order, category
