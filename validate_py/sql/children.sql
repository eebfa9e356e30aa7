-- One row per child with an issue, those with most issues first. A child whose issues are
-- all resolved has none.
create table validated.children as
with counted as (
    select
        census_year,
        la_number,
        source_file,
        child_no,
        max(la_child_id) as la_child_id,
        count(*) filter (where status is distinct from 'resolved') as n_issues
    from validated.compared
    where child_no is not null
    group by census_year, la_number, source_file, child_no
),

-- A file may name several workers for a child, and need not name the authority.
workers as (
    select
        counted.la_number,
        counted.la_child_id,
        string_agg(distinct workers_file.worker, '; ' order by workers_file.worker) as worker,
        string_agg(distinct workers_file.team, '; ' order by workers_file.team) as team
    from counted
    inner join workers_file
        on
            counted.la_child_id = workers_file.la_child_id
            and (workers_file.la_number is null or counted.la_number = workers_file.la_number)
    group by counted.la_number, counted.la_child_id
),

final as (
    select
        row_number() over (
            order by
                counted.n_issues desc, counted.la_number, counted.la_child_id,
                counted.census_year, counted.source_file, counted.child_no
        ) as child_row,
        counted.*,
        workers.worker,
        workers.team
    from counted
    left join workers
        on
            counted.la_number = workers.la_number
            and counted.la_child_id = workers.la_child_id
)

select * from final
