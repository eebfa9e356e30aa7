-- One row: the share of neighbourhoods without a referral, in the authorities with any.
with counts as (

    select
        lsoa_code,
        n_events,
        sum(n_events) over (partition by la_code) as n_events_la
    from modelling.mdl_lsoa_counts
    where
        census_year = $census_year
        and measure = 'referral'
        and stratum_type = 'all'
        and population >= 50

),

final as (

    select
        'England' as label,
        100.0 * avg(case when n_events = 0 then 1.0 else 0.0 end) as zero_pct
    from counts
    where n_events_la > 0

)

select * from final
