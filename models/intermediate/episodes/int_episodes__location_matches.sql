with children as (
    select * from {{ ref('stg_census__children') }}
),

locations as (
    -- A row without a code places nobody: it must not hide one that does.
    select *
    from {{ ref('stg_locations__child_locations') }}
    where lsoa_code is not null
),

-- Many to many: a child may stand in several rows, under several identifiers. A UPN or
-- PMR is national, so another authority's file may hold the child; a research extract
-- carries the PMR where a return has the UPN.
candidates as (
    {% for method, join_keys in [
        ('la_child_id', [('la_number', 'la_number'), ('child_key', 'child_key')]),
        ('upn', [('upn_key', 'upn_key')]),
        ('pmr', [('upn_key', 'pmr_key')]),
    ] %}
    select
        children.census_year,
        children.la_number,
        children.child_no,
        {{ loop.index }} as method_order,
        '{{ method }}' as match_method,
        case
            when children.la_number = locations.la_number then 0 else 1
        end as other_la_order,
        locations.source_file,
        locations.source_row,
        locations.lsoa_code
    from children
    inner join locations
        on
            children.census_year = locations.census_year
            {%- for child_column, location_column in join_keys %}
            and children.{{ child_column }} = locations.{{ location_column }}
            {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

ranked as (
    select
        *,
        row_number() over (
            partition by census_year, la_number, child_no
            order by method_order, other_la_order, source_file, source_row
        ) as candidate_no,
        min(lsoa_code) over (
            partition by census_year, la_number, child_no
        ) <> max(lsoa_code) over (
            partition by census_year, la_number, child_no
        ) as has_conflicting_lsoas
    from candidates
),

final as (
    select
        census_year,
        la_number,
        child_no,
        match_method,
        lsoa_code,
        has_conflicting_lsoas,
        source_file,
        source_row
    from ranked
    where candidate_no = 1
)

select * from final
