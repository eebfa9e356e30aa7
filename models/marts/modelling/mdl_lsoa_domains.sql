-- Any domain can take the place of income: all are in units of their own spread, so
-- that gradients can be put side by side.
with lsoas as (
    select * from {{ ref('dim_lsoa') }}
    where is_study_la
),

years as (
    select * from {{ ref('int_geography__census_year') }}
),

links as (
    select * from {{ ref('int_geography__lsoa_links') }}
),

deprivation as (
    select * from {{ ref('stg_reference__lsoa_deprivation') }}
    where score is not null
),

-- Scores of the LSOAs of another census are means over residents, as those of the one
-- domain that the models read are.
linked as (
    select
        lsoas.census_year,
        lsoas.lsoa_code,
        lsoas.la_code,
        deprivation.domain,
        case
            when links.from_vintage = lsoas.geography_vintage then 0 else 1
        end as vintage_order,
        {{ weighted_mean('deprivation.score', 'links.share_of_to') }} as raw_score
    from lsoas
    inner join years on lsoas.census_year = years.census_year
    inner join links
        on
            lsoas.lsoa_code = links.to_code
            and lsoas.geography_vintage = links.to_vintage
    inner join deprivation
        on
            links.from_code = deprivation.lsoa_code
            and links.from_vintage = deprivation.lsoa_vintage
            and years.iod_release = deprivation.iod_release
    group by
        lsoas.census_year,
        lsoas.lsoa_code,
        lsoas.la_code,
        lsoas.geography_vintage,
        links.from_vintage,
        deprivation.domain
),

-- Where a domain has the LSOAs of the year, those are read.
ranked as (
    select
        *,
        min(vintage_order) over (partition by census_year, domain) as first_order
    from linked
),

scored as (
    select * from ranked
    where vintage_order = first_order
),

measured as (
    select
        *,
        avg(raw_score) over (partition by census_year, domain) as mean_score,
        stddev_samp(raw_score) over (partition by census_year, domain) as sd_score
    from scored
),

standardised as (
    select
        *,
        {{ safe_divide('raw_score - mean_score', 'sd_score') }} as score
    from measured
),

-- Each authority weighs the same.
las as (
    select
        census_year,
        domain,
        la_code,
        avg(score) as la_score
    from standardised
    group by census_year, domain, la_code
),

centred as (
    select
        *,
        la_score - avg(la_score) over (partition by census_year, domain) as x2
    from las
),

final as (
    select
        standardised.census_year,
        standardised.lsoa_code,
        standardised.la_code,
        standardised.domain,
        standardised.raw_score,
        standardised.score,
        standardised.score - centred.la_score as x1,
        centred.x2
    from standardised
    inner join centred
        on
            standardised.census_year = centred.census_year
            and standardised.domain = centred.domain
            and standardised.la_code = centred.la_code
)

select * from final
