-- One row per measure and index of inequality.
select
    measures.label as measure_label,
    indices.index_name,
    indices.is_of_the_study,
    indices.n_areas,
    indices.value,
    indices.ci_low,
    indices.ci_high,
    indices.reason
from estimates.indices as indices
inner join core.dim_measure as measures on indices.measure = measures.measure
where indices.run_id = $run_id
order by measures.threshold_no, indices.is_of_the_study desc, indices.index_name
