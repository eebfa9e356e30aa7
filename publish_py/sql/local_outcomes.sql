-- One row per census year and outcome of the authority's episodes: the share that had it,
-- the odds ratio for 10 percentage points of neighbourhood income deprivation, and what
-- the report prints of England.
with printed as (
    select
        table_no,
        row_label,
        max(case when statistic = 'pct_yes' then value end) as england_pct,
        max(case when statistic = 'ratio' then value end) as england_ratio,
        max(case when statistic = 'ratio' then ci_low end) as england_low,
        max(case when statistic = 'ratio' then ci_high end) as england_high
    from modelling.mdl_published_values
    group by table_no, row_label
)

select
    runs.census_year,
    cells.table_no,
    cells.row_label,
    notes.n_events,
    notes.n_trials,
    cells.value as pct,
    cells.ci_low as pct_low,
    cells.ci_high as pct_high,
    notes.reason as pct_reason,
    ratios.value as ratio,
    ratios.ci_low as ratio_low,
    ratios.ci_high as ratio_high,
    ratio_notes.reason as ratio_reason,
    printed.england_pct,
    printed.england_ratio,
    printed.england_low,
    printed.england_high
from estimates.runs as runs
inner join estimates.cells as cells
    on
        runs.run_id = cells.run_id
        and cells.statistic = 'pct_yes'
inner join estimates.cell_notes as notes
    on
        cells.run_id = notes.run_id
        and cells.table_no = notes.table_no
        and cells.row_label = notes.row_label
        and cells.statistic = notes.statistic
inner join estimates.cells as ratios
    on
        cells.run_id = ratios.run_id
        and cells.table_no = ratios.table_no
        and cells.row_label = ratios.row_label
        and ratios.statistic = 'ratio'
inner join estimates.cell_notes as ratio_notes
    on
        ratios.run_id = ratio_notes.run_id
        and ratios.table_no = ratio_notes.table_no
        and ratios.row_label = ratio_notes.row_label
        and ratios.statistic = ratio_notes.statistic
left join printed
    on
        cells.table_no = printed.table_no
        and cells.row_label = printed.row_label
order by runs.census_year, cast(cells.table_no as integer), cells.row_label desc
