{#- Every label of the column, in rows that meet `condition`, is a row of that table of
    the report. -#}
{% test covers_report_rows(
    model, column_name, report, table_no='2', condition='true'
) %}
select model.{{ column_name }}
from {{ model }} as model
where
    ({{ condition }})
    and model.{{ column_name }} not in (
        select report.row_label
        from {{ report }} as report
        where report.table_no = '{{ table_no }}'
    )
{% endtest %}
