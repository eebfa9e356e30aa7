{% set child = 'partition by census_year, la_number, child_no' -%}
{% set in_order = 'disability nulls last, disability_no nulls last' -%}
with returned as (
    select
        {{ returned_columns('disabilities') }}
    from {{ source('census', 'disabilities') }} as landed
    {{ returned_joins('disabilities') }}
),

-- A repetition is counted within the child, so that its rows are put in order once.
final as (
    select
        *,
        count(case when disability <> 'NONE' then 1 end) over ({{ child }})
            as n_besides_none,
        row_number() over ({{ child }} order by {{ in_order }})
        - rank() over ({{ child }} order by disability nulls last) + 1 as repetition_no
    from returned
)

select * from final
