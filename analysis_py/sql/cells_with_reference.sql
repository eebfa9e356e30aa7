-- One row per printed cell: the estimate with the report's value and the planted truth
-- beside it. Both references hold a (table, row, statistic) at most once; values of the
-- prose have no row.
select
    new_rows.run_id,
    new_rows.table_no,
    new_rows.row_label,
    new_rows.statistic,
    new_rows.value,
    new_rows.ci_low,
    new_rows.ci_high,
    published.value as published_value,
    planted.value as planted_value
from new_rows
inner join estimates.runs as runs on new_rows.run_id = runs.run_id
left join modelling.mdl_published_values as published
    on
        new_rows.table_no = published.table_no
        and new_rows.row_label = coalesce(published.row_label, '')
        and new_rows.statistic = published.statistic
left join modelling.mdl_planted_values as planted
    on
        new_rows.table_no = planted.table_no
        and new_rows.row_label = coalesce(planted.row_label, '')
        and new_rows.statistic = planted.statistic
        -- nothing is planted in real counts, nor in the years that `cin synth` carries from
        -- the one it draws, whose scores may be of another release
        and runs.dataset <> 'public'
        and runs.census_year = 2019
