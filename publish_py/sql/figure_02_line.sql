-- One row: the line of Figure 2 and its slope, the absolute gradient.
select *
from estimates.figure_02_lines
where run_id = $run_id
