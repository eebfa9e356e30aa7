-- One row per cell that may be published, in the order in which dsc_relations numbers them.
select
    cell_no,
    census_year,
    grain,
    area_code,
    area_name,
    parent_code,
    measure,
    basis,
    timing,
    stratum_type,
    stratum,
    is_partition,
    is_rounded,
    numerator,
    denominator,
    is_primary,
    primary_reason
from disclosure.dsc_cells
order by cell_no
