-- One row per measure that has a reference: England's events of 2018/19 against what was
-- planted (synthetic; further years of `cin synth` are carried from that one) or printed
-- in Table 2 of the study (real).
with england as (

    select
        measure,
        sum(numerator) as n_events
    from rates.fct_rates_la
    where
        census_year = $census_year
        and basis = 'episode'
        and timing = 'incidence'
        and stratum_type = 'all'
    group by measure

),

reference as (

    select
        'synthetic' as dataset,
        row_label,
        value
    from modelling.mdl_planted_values
    where table_no = '2' and statistic = 'n' and $census_year = 2019
    union all
    select
        'real' as dataset,
        row_label,
        value
    from modelling.mdl_published_values
    where table_no = '2' and statistic = 'n' and $census_year = 2019

),

final as (

    select
        england.measure as label,
        england.n_events / nullif(reference.value, 0) as ratio
    from england
    inner join core.dim_measure as measures on england.measure = measures.measure
    inner join reference on measures.report_label = reference.row_label
    inner join quality.rpt_build as build on reference.dataset = build.dataset
    order by england.measure

)

select * from final
