{%- set releases = ['2015', '2019', '2025'] -%}
with counted as (
    select distinct
        census_year,
        area_code as la_code,
        la_number,
        area_name as la_name
    from {{ ref('fct_published_rates_la') }}
    where geographic_level = 'la'
),

incomes as (
    select * from {{ ref('la_income_by_release') }}
),

indicators as (
    select * from {{ ref('int_published__la_indicators') }}
),

-- City of London and Isles of Scilly are too small to model (report, section 2.3).
las as (
    select * from counted
    where la_number not in ({{ quoted_list(var('excluded_la_numbers')) }})
),

incomes_wide as (
    select
        {% for release in releases -%}
        max(case when iod_release = '{{ release }}' then income end)
            as income_{{ release }},
        {% endfor -%}
        la_number
    from incomes
    group by la_number
),

measured as (
    select
        las.census_year,
        las.la_code,
        indicators.indicator,
        indicators.value,
        avg(indicators.value)
            over (partition by las.census_year, indicators.indicator) as mean_value,
        stddev_samp(indicators.value)
            over (partition by las.census_year, indicators.indicator) as sd_value
    from las
    inner join indicators
        on
            las.census_year = indicators.census_year
            and las.la_code = indicators.la_code
),

-- Each authority weighs the same, over those that have a value (report, Table 18).
indicators_wide as (
    select
        {% for name in la_indicator_names() -%}
        max(
            case
                when indicator = '{{ name }}'
                    then {{ safe_divide('value - mean_value', 'sd_value') }}
            end
        ) as {{ name }}_z,
        {% endfor -%}
        census_year,
        la_code
    from measured
    group by census_year, la_code
),

-- Many authorities to one row of each.
joined as (
    select
        {% for release in releases -%}
        incomes_wide.income_{{ release }},
        {% endfor -%}
        {% for name in la_indicator_names() -%}
        indicators_wide.{{ name }}_z,
        {% endfor -%}
        las.census_year,
        las.la_code,
        las.la_number,
        las.la_name
    from las
    left join incomes_wide on las.la_number = incomes_wide.la_number
    left join indicators_wide
        on
            las.census_year = indicators_wide.census_year
            and las.la_code = indicators_wide.la_code
),

final as (
    select
        {% for release in releases -%}
        income_{{ release }},
        {{ safe_divide(
            'income_' ~ release ~ ' - avg(income_' ~ release ~ ') over by_year',
            'stddev_samp(income_' ~ release ~ ') over by_year'
        ) }} as la_income_{{ release }}_z,
        {% endfor -%}
        {% for name in la_indicator_names() -%}
        {{ name }}_z,
        {% endfor -%}
        census_year,
        la_code,
        la_number,
        la_name
    from joined
    window by_year as (partition by census_year)
)

select * from final
