{#- Every label of the column is a row of Table 2 of the report. -#}
{% test covers_report_rows(model, column_name, report) %}
select model.{{ column_name }}
from {{ model }} as model
where model.{{ column_name }} not in (
    select report.row_label
    from {{ report }} as report
    where report.table_no = '2'
)
{% endtest %}
