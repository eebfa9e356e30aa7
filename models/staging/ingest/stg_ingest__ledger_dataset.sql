with landed as (
    select * from {{ source('ingest', 'ledger_dataset') }}
),

final as (
    select
        landed.dataset,
        landed.input_sha256,
        landed.seed
    from landed
)

select * from final
