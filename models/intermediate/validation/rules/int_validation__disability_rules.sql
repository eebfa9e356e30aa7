with children as (
    select * from {{ ref('int_validation__children') }}
),

disabilities as (
    select * from {{ ref('int_validation__disabilities') }}
),

with_disability as (
    select distinct
        census_year,
        la_number,
        child_no
    from disabilities
    where disability is not null
),

final as (
    -- None at all: the place where one is missing is the child.
    {{ found('8540', 'children', 'disability', row='children', value='null') }}
    from children
    left join with_disability on {{ same_child('children', 'with_disability') }}
    where
        children.birth_date is not null
        and children.n_active_episodes > 0
        and with_disability.child_no is null

    union all

    {{ found('8540', 'disabilities', 'disability', row='disabilities') }}
    from disabilities
    inner join children on {{ same_child('disabilities', 'children') }}
    where
        children.birth_date is not null
        and children.n_active_episodes > 0
        and not disabilities.is_disability_listed

    union all

    {{ found('8790', 'disabilities', 'disability', ['n_besides_none']) }}
    from disabilities
    where disability = 'NONE' and n_besides_none > 0

    union all

    {{ found('8794', 'disabilities', 'disability') }}
    from disabilities
    where disability is not null and repetition_no > 1
)

select * from final
