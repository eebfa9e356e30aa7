-- One row per straight line through the points of a series.
select
    lines.figure_no,
    lines.measure,
    lines.series,
    lines.n_points,
    lines.x_min,
    lines.x_max,
    lines.intercept,
    lines.slope,
    lines.ci_low,
    lines.ci_high,
    lines.p_value,
    lines.reason
from estimates.figure_lines as lines
where lines.run_id = $run_id
order by lines.figure_no, lines.measure, lines.series
