-- The parts of a sum make its total exactly; a part of a bound is at most its total.
with relations as (
    select
        relations.relation,
        relations.kind,
        relations.total_cell_no,
        totals.numerator as total,
        sum(parts.numerator) as parts,
        max(parts.numerator) as largest_part
    from {{ ref('dsc_relations') }} as relations
    inner join {{ ref('dsc_cells') }} as totals
        on relations.total_cell_no = totals.cell_no
    inner join {{ ref('dsc_cells') }} as parts
        on relations.part_cell_no = parts.cell_no
    group by
        relations.relation,
        relations.kind,
        relations.total_cell_no,
        totals.numerator
)

select
    relation,
    kind,
    total_cell_no
from relations
where
    (kind = 'sum' and parts <> total)
    or (kind = 'at_most' and largest_part > total)
