-- One row per authority that returned a census: its referrals and their rate.
with returned as (

    select distinct la_number
    from quality.rpt_ingest_ledger
    where
        census_year = $census_year
        and table_name = 'children'
        and n_rows_staged > 0

),

final as (

    select
        rates.la_code as label,
        rates.numerator as n_events,
        rates.rate_per_10k
    from rates.fct_rates_la as rates
    inner join core.dim_la as las
        on
            rates.census_year = las.census_year
            and rates.la_code = las.la_code
    inner join returned on las.la_number = returned.la_number
    where
        rates.census_year = $census_year
        and rates.measure = 'referral'
        and rates.basis = 'episode'
        and rates.timing = 'incidence'
        and rates.stratum_type = 'all'
    order by rates.la_code

)

select * from final
