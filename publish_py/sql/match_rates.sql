-- One row per group of referred children: how many have a neighbourhood.
select
    rates.breakdown,
    case
        when rates.breakdown = 'all' then 'All children referred'
        when rates.breakdown = 'la' then las.la_name
        when strata.label is not null then strata.label
        when rates.breakdown = 'ethnic_group' then 'Ethnic group not known'
        else upper(left(rates.category, 1)) || substr(rates.category, 2)
    end as category,
    rates.category as category_code,
    rates.n_children,
    rates.n_matched,
    100.0 * rates.match_rate as match_pct
from quality.rpt_match_rates as rates
left join core.dim_stratum as strata
    on
        rates.category = strata.stratum
        and case rates.breakdown
            when 'ethnic_group' then 'ethnicity' else rates.breakdown
        end = strata.stratum_type
left join core.dim_la as las
    on
        rates.breakdown = 'la'
        and rates.census_year = las.census_year
        and rates.category = las.la_code
where rates.census_year = $census_year
order by rates.breakdown, strata.sort_order, category
