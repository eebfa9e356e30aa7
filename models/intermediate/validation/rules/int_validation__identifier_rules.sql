{#- The alphabet of UPN check letters: no I, O or S. A letter's value is its place. -#}
{% set letters = 'ABCDEFGHJKLMNPQRTUVWXYZ' %}
with children as (
    select * from {{ ref('int_validation__children') }}
),

-- Place x value of characters 2 to 13. A character that is neither digit nor (in place
-- 13) letter of the alphabet has no value, and then there is no sum to check.
weighed as (
    select
        *,
        length(upn) as upn_length,
        case
            when {{ matches('upn', '.[0-9]{11}[0-9' ~ letters ~ ']') }}
                then (
                    {% for place in range(2, 13) -%}
                    {{ place }}
                    * (position(substr(upn, {{ place }}, 1) in '0123456789') - 1)
                    + {% endfor -%}
                    13 * case
                        when {{ matches('substr(upn, 13, 1)', '[0-9]') }}
                            then position(substr(upn, 13, 1) in '0123456789') - 1
                        else position(substr(upn, 13, 1) in '{{ letters }}') - 1
                    end
                ) % 23 + 1
        end as letter_no
    from children
),

{% for column in ['upn', 'la_child_id'] -%}
repeated_{{ column }} as (
    select
        census_year,
        la_number,
        {{ column }}
    from children
    where {{ column }} is not null
    group by census_year, la_number, {{ column }}
    having count(*) > 1
),

{% endfor -%}

final as (
    {{ found('1510', 'children', 'upn') }}
    from weighed
    where substr(upn, 1, 1) <> substr('{{ letters }}', cast(letter_no as integer), 1)

    union all

    {{ found('1520', 'children', 'upn', row='children') }}
    from children
    inner join repeated_upn
        on
            children.census_year = repeated_upn.census_year
            and children.la_number = repeated_upn.la_number
            and children.upn = repeated_upn.upn

    union all

    {{ found('1530', 'children', 'upn', row='weighed') }}
    from weighed
    left join {{ ref('upn_la_codes') }} as la_codes
        on
            substr(weighed.upn, 2, 3) = la_codes.la_code
            and weighed.rule_year >= la_codes.first_year
    where weighed.upn_length = 13 and la_codes.la_code is null

    union all

    {{ found('1540', 'children', 'upn') }}
    from weighed
    where not {{ matches('substr(upn, 5, 8)', '[0-9]{8}') }}

    union all

    {{ found('1550', 'children', 'upn') }}
    from weighed
    where
        upn_length = 13
        and not {{ matches('substr(upn, 13, 1)', '[0-9' ~ letters ~ ']') }}

    union all

    {{ found('1560', 'children', 'former_upn') }}
    from weighed
    where not {{ matches('former_upn', '[A-Za-z][0-9]{12}') }}

    union all

    {{ found('1570', 'children', 'la_child_id') }}
    from weighed
    where length(la_child_id) > 20

    union all

    {{ found('1580', 'children', 'la_child_id') }}
    from weighed
    where not {{ matches('la_child_id', '[A-Za-z0-9]+') }}

    union all

    {{ found('8500', 'children', 'la_child_id') }}
    from weighed
    where la_child_id is null

    union all

    {{ found('8510', 'children', 'la_child_id', row='children') }}
    from children
    inner join repeated_la_child_id
        on
            children.census_year = repeated_la_child_id.census_year
            and children.la_number = repeated_la_child_id.la_number
            and children.la_child_id = repeated_la_child_id.la_child_id
)

select * from final
