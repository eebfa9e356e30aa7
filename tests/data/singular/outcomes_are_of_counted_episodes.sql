-- Every counted referral is tried for re-referral, every cessation for its length, and
-- no plan that did not start; no more succeed than are tried.
with outcomes as (
    select
        outcome,
        census_year,
        sum(trials) as trials,
        max(case when successes > trials then 1 else 0 end) as has_too_many
    from {{ ref('mdl_episode_outcomes') }}
    group by outcome, census_year
),

flow as (
    select
        case
            when measure = 'referral' then 'rereferral_12m'
            when timing = 'incidence' then 'prior_cp_plan'
            when measure = 'cin' then 'cin_ceased_3m'
            else 'cp_plan_ceased_6m'
        end as outcome,
        census_year,
        n_events
    from {{ ref('rpt_cohort_flow') }}
    where
        step = 'counted'
        and (
            (measure in ('referral', 'cp_plan') and timing = 'incidence')
            or timing = 'cessation'
        )
)

select
    flow.outcome,
    flow.census_year,
    flow.n_events,
    outcomes.trials
from flow
left join outcomes
    on
        flow.outcome = outcomes.outcome
        and flow.census_year = outcomes.census_year
where
    outcomes.has_too_many = 1
    or coalesce(outcomes.trials, 0) > flow.n_events
    or (
        flow.outcome = 'rereferral_12m'
        and coalesce(outcomes.trials, 0) < flow.n_events
    )
