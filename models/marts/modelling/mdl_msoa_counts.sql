{{ config(materialized='view') }}

with rates as (
    select * from {{ ref('fct_rates_msoa') }}
),

strata as (
    select * from {{ ref('dim_stratum') }}
),

-- One row of `rates` meets one stratum.
final as (
    select
        rates.census_year,
        rates.msoa_code,
        rates.la_code,
        rates.measure,
        rates.stratum_type,
        rates.stratum,
        rates.numerator as n_events,
        rates.denominator as population
    from rates
    inner join strata
        on
            rates.stratum_type = strata.stratum_type
            and rates.stratum = strata.stratum
    where
        rates.basis = 'episode'
        and rates.timing = 'incidence'
        and not strata.is_unknown
)

select * from final
