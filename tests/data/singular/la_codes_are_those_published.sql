-- Pairs of DfE number and ONS code in the published list that the seed of authorities
-- does not know: codes that changed (Gateshead, Northumberland, Buckinghamshire ...).
select
    published.la_number,
    published.la_code
from {{ ref('stg_reference__la_code') }} as published
left join {{ ref('la_authorities') }} as authorities
    on
        published.la_number = authorities.la_number
        and published.la_code = authorities.la_code
where authorities.la_code is null
