-- One row per pair of thresholds, the lower first: England's rates at both.
with england as (

    select
        measure,
        10000.0 * sum(numerator) / nullif(sum(denominator), 0) as rate_per_10k
    from rates.fct_rates_la
    where
        census_year = $census_year
        and basis = 'episode'
        and timing = 'incidence'
        and stratum_type = 'all'
    group by measure

),

pairs as (

    select
        'referral' as lower_measure,
        'cin' as higher_measure
    union all
    select
        'cin' as lower_measure,
        's47' as higher_measure
    union all
    select
        's47' as lower_measure,
        'cp_plan' as higher_measure

),

final as (

    select
        pairs.lower_measure || ' before ' || pairs.higher_measure as label,
        reached.rate_per_10k as lower_rate,
        next_one.rate_per_10k as higher_rate
    from pairs
    left join england as reached on pairs.lower_measure = reached.measure
    left join england as next_one on pairs.higher_measure = next_one.measure

)

select * from final
