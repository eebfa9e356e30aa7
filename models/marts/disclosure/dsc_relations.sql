{% set same_area = ['census_year', 'grain', 'area_code'] -%}
{%- set same_event = ['measure', 'basis', 'timing'] -%}
{%- set same_stratum = ['stratum_type', 'stratum'] -%}
{%- set crossed = 'income_decile_rural_urban' %}
-- What a reader can hold against each other, of cells that may be published: sums
-- (the parts make the total) and bounds (the part is at most the total).
with cells as (
    select
        cell_no,
        {{ (same_area + same_event + same_stratum) | join(',\n        ') }},
        parent_code,
        is_partition,
        case when stratum_type = '{{ crossed }}' then split_part(stratum, ' ', 1) end
            as decile,
        case when stratum_type = '{{ crossed }}' then split_part(stratum, ' ', 2) end
            as rural_urban
    from {{ ref('dsc_cells') }}
),

-- name, kind, the columns in which part and total are the same, and what else holds.
final as (
    {%- for relation, kind, same, condition in [
        ("'areas'", 'sum', ['census_year'] + same_event + same_stratum,
            'parts.parent_code = totals.area_code'),
        ('parts.stratum_type', 'sum', same_area + same_event,
            "totals.stratum_type = 'all' and parts.stratum_type not in ('all', '"
            ~ crossed ~ "') and parts.is_partition"),
        ("'" ~ crossed ~ "'", 'sum', same_area + same_event,
            "totals.stratum_type = 'income_decile' and parts.decile = totals.stratum"),
        ("'" ~ crossed ~ "'", 'sum', same_area + same_event,
            "totals.stratum_type = 'rural_urban' and parts.rural_urban = totals.stratum"),
        ("'persons'", 'at_most', same_area + ['measure', 'timing'] + same_stratum,
            "totals.basis = 'episode' and parts.basis = 'person'"),
        ("'needs'", 'at_most', same_area + ['basis', 'timing'] + same_stratum,
            "totals.measure = 'referral' and parts.measure = 'cin'"
            ~ " and (parts.basis = 'episode' or parts.stratum_type <> 'age')"),
        ("'any factor'", 'at_most', same_area + same_event + ['stratum_type'],
            "totals.stratum_type = 'factor' and totals.stratum = 'any'"
            ~ " and parts.stratum <> 'any'"),
        ("'factors'", 'at_most', same_area + same_event,
            "totals.stratum_type = 'all' and parts.stratum_type = 'factor'"
            ~ " and parts.stratum = 'any'"),
    ] %}
    select
        parts.census_year,
        {{ relation }} as relation,
        '{{ kind }}' as kind,
        totals.cell_no as total_cell_no,
        parts.cell_no as part_cell_no
    from cells as parts
    inner join cells as totals
        on
            {%- for column in same %}
            parts.{{ column }} = totals.{{ column }} and
            {%- endfor %}
            {{ condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final
