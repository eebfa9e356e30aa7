{{ config(materialized='view') }}

with rates as (
    select * from {{ ref('fct_rates_lsoa') }}
),

lsoas as (
    select * from {{ ref('dim_lsoa') }}
),

strata as (
    select * from {{ ref('dim_stratum') }}
),

-- One row of `rates` meets one LSOA and one stratum.
final as (
    select
        rates.census_year,
        rates.lsoa_code,
        lsoas.msoa_code,
        rates.la_code,
        rates.measure,
        rates.stratum_type,
        rates.stratum,
        rates.numerator as n_events,
        rates.denominator as population
    from rates
    inner join lsoas
        on
            rates.census_year = lsoas.census_year
            and rates.lsoa_code = lsoas.lsoa_code
    inner join strata
        on
            rates.stratum_type = strata.stratum_type
            and rates.stratum = strata.stratum
    where
        rates.basis = 'episode'
        and rates.timing = 'incidence'
        -- An unknown sex has no population to be offset by.
        and not strata.is_unknown
)

select * from final
