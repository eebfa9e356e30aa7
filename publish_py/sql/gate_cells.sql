-- One row per cell of a run that is counted twice, or has no note on how it was made.
select
    cells.table_no || ', ' || cells.row_label || ', ' || cells.statistic as place,
    count(notes.run_id) as n_notes
from estimates.cells as cells
left join estimates.cell_notes as notes
    on
        cells.run_id = notes.run_id
        and cells.table_no = notes.table_no
        and cells.row_label = notes.row_label
        and cells.statistic = notes.statistic
where cells.run_id = $run_id
group by cells.table_no, cells.row_label, cells.statistic
having count(notes.run_id) <> 1
order by place
