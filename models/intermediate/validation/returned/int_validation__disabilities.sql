with returned as (
    select
        {{ returned_columns('disabilities') }}
    from {{ source('census', 'disabilities') }} as landed
    {{ returned_joins('disabilities') }}
),

final as (
    select
        *,
        count(case when disability <> 'NONE' then 1 end) over (
            partition by census_year, la_number, child_no
        ) as n_besides_none,
        row_number() over (
            partition by census_year, la_number, child_no, disability
            order by disability_no
        ) as repetition_no
    from returned
)

select * from final
