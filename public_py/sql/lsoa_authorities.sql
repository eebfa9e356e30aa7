-- One row per English LSOA (2011) and authority that it lies in on some 31 March from
-- 2013 on: the one of April 2019 (Bournemouth, Poole and Dorset by the districts of
-- 2017, which stood apart until then), and those that followed it under another number.
create table lsoa_authorities as
with lsoas as (

    select
        lookup.lsoa11_code,
        any_value(lookup.lad17_code) as lad17_code,
        any_value(districts.lad_code) as lad19_code,
        any_value(tiers.utla_code) as utla19_code
    from ref_oa_lookup as lookup
    inner join ref_lsoa_lad as districts
        on lookup.lsoa11_code = districts.lsoa11_code and districts.lad_year = '2019'
    inner join ref_lad_utla as tiers
        on districts.lad_code = tiers.lad_code and tiers.lookup_year = '2019'
    where lookup.lsoa11_code like 'E%'
    group by lookup.lsoa11_code

),

codes as (

    select lsoa11_code, lad17_code, utla19_code as la_code from lsoas
    union all
    select lsoas.lsoa11_code, lsoas.lad17_code, overrides.la_code
    from lsoas
    inner join lad17_la_overrides as overrides on lsoas.lad17_code = overrides.lad17_code
    union all
    select lsoas.lsoa11_code, lsoas.lad17_code, changes.new_lad_code
    from lsoas
    inner join lad_changes as changes on lsoas.lad19_code = changes.old_lad_code

)

select distinct
    codes.lsoa11_code,
    codes.lad17_code,
    authorities.la_number
from codes
inner join la_authorities as authorities on codes.la_code = authorities.la_code;

-- One row per LSOA: its residents of mid-2019, and those of 65 and over.
create table lsoa_residents as
select
    lsoa_code as lsoa11_code,
    sum(cast(all_ages as double)) as residents,
    sum({% for age in range(65, 91) %}cast(age_{{ age }} as double){{ ' + ' if not loop.last }}{% endfor %}) as aged_65_plus
from ref_lsoa_population
where mid_year = '2019' and sex in ('male', 'female') and lsoa_code like 'E%'
group by lsoa_code;
