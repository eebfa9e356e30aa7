{%- set rated = ['referral', 'cin', 'cp_plan'] -%}
with las as (
    select * from {{ ref('dim_la') }}
    where is_study_la
),

indicators as (
    select * from {{ ref('dim_la_indicator') }}
),

rates as (
    select * from {{ ref('fct_rates_la') }}
    where basis = 'episode' and timing = 'incidence' and stratum_type = 'all'
),

match_rates as (
    select * from {{ ref('rpt_match_rates') }}
    where breakdown = 'la'
),

-- Each authority weighs the same (report, section 2.4), whatever its size.
measured as (
    select
        *,
        avg(la_income) over (partition by census_year) as mean_la_income,
        stddev_samp(la_income) over (partition by census_year) as sd_la_income
    from las
),

indicators_wide as (
    select
        {% for name in la_indicator_names() -%}
        max(case when indicator = '{{ name }}' then value end) as {{ name }},
        max(case when indicator = '{{ name }}' then z end) as {{ name }}_z,
        {% endfor -%}
        census_year,
        la_code
    from indicators
    group by census_year, la_code
),

rates_wide as (
    select
        {% for measure in rated -%}
        max(case when measure = '{{ measure }}' then rate_per_10k end)
            as {{ measure }}_rate_per_10k,
        {% endfor -%}
        census_year,
        la_code
    from rates
    group by census_year, la_code
),

-- Every join finds at most one row.
final as (
    select
        measured.census_year,
        measured.la_code,
        measured.la_name,
        measured.region_code,
        measured.la_income,
        measured.mean_la_income,
        10 * (measured.la_income - measured.mean_la_income) as x2,
        {{ safe_divide('measured.la_income - measured.mean_la_income',
                       'measured.sd_la_income') }} as la_income_z,
        measured.n_lsoas,
        measured.population,
        {% for measure in rated -%}
        rates_wide.{{ measure }}_rate_per_10k,
        {% endfor -%}
        {% for name in la_indicator_names() -%}
        indicators_wide.{{ name }},
        indicators_wide.{{ name }}_z,
        {% endfor -%}
        match_rates.match_rate
    from measured
    left join rates_wide
        on
            measured.census_year = rates_wide.census_year
            and measured.la_code = rates_wide.la_code
    left join indicators_wide
        on
            measured.census_year = indicators_wide.census_year
            and measured.la_code = indicators_wide.la_code
    left join match_rates
        on
            measured.census_year = match_rates.census_year
            and measured.la_code = match_rates.category
)

select * from final
