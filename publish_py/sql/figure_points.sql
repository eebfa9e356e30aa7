-- One row per point of figures 3 to 8 and of the curves; authorities are named as their
-- counts have them, those of a census or those that DfE published.
select
    points.figure_no,
    points.measure,
    measures.label as measure_label,
    points.series,
    points.place,
    coalesce(las.la_name, published.la_name, points.place) as place_name,
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
left join core.dim_la as las
    on
        points.place = las.la_code
        and runs.census_year = las.census_year
        and runs.dataset <> 'public'
left join modelling.mdl_public_la as published
    on
        points.place = published.la_code
        and runs.census_year = published.census_year
        and runs.dataset = 'public'
where points.run_id = $run_id
order by
    points.figure_no, measures.threshold_no, points.series, points.x, points.place
