-- One row per relation and part: number of the relation, kind, total and part.
select
    dense_rank() over (order by kind, relation, total_cell_no) - 1 as relation_no,
    kind,
    total_cell_no,
    part_cell_no
from disclosure.dsc_relations
order by relation_no, part_cell_no
