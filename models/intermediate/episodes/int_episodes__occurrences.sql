{% set record = 'census_year, la_number, child_no, referral_no' %}
with spells as (
    select * from {{ ref('int_episodes__spells') }}
),

years as (
    select * from {{ ref('int_geography__census_year') }}
),

-- What starts in a year, or should have: a missing date is dropped later, with its
-- reason.
incidence as (
    select
        {{ record }},
        'referral' as measure,
        0 as event_no,
        referral_date as event_date
    from {{ ref('stg_census__referrals') }}

    union all

    -- DfE counts an assessment when it is authorised: until then there is none.
    select
        {{ record }},
        'assessment' as measure,
        assessment_no as event_no,
        authorisation_date as event_date
    from {{ ref('stg_census__assessments') }}
    where authorisation_date is not null

    union all

    select
        {{ record }},
        's47' as measure,
        section47_no as event_no,
        start_date as event_date
    from {{ ref('stg_census__section47') }}

    union all

    select
        {{ record }},
        'cp_conference' as measure,
        section47_no as event_no,
        conference_date as event_date
    from {{ ref('int_episodes__conferences') }}

    union all

    select
        {{ record }},
        measure,
        event_no,
        start_date as event_date
    from spells
),

final as (
    select
        {{ record }},
        measure,
        'incidence' as timing,
        event_no,
        event_date
    from incidence

    union all

    -- Open on 31 March: dated that day, so that age and year follow.
    select
        spells.census_year,
        spells.la_number,
        spells.child_no,
        spells.referral_no,
        spells.measure,
        'prevalence' as timing,
        spells.event_no,
        years.reference_date as event_date
    from spells
    inner join years on spells.census_year = years.census_year
    where spells.is_open_on_31_march

    union all

    select
        {{ record }},
        measure,
        'cessation' as timing,
        event_no,
        end_date as event_date
    from spells
    where end_date is not null
)

select * from final
