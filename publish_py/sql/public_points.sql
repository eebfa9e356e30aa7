-- One row per authority and measure of Figure 3 on real public counts.
select
    points.figure_no,
    points.measure,
    measures.label as measure_label,
    points.series,
    points.place,
    coalesce(las.la_name, points.place) as place_name,
    points.x,
    points.y,
    points.ci_low,
    points.ci_high,
    points.n_events,
    points.n_areas,
    points.population,
    points.is_extrapolated
from estimates.figure_points as points
inner join estimates.runs as runs on points.run_id = runs.run_id
inner join core.dim_measure as measures on points.measure = measures.measure
left join modelling.mdl_public_la as las
    on
        points.place = las.la_code
        and runs.census_year = las.census_year
where points.run_id = $run_id
order by measures.threshold_no, points.x, points.place
