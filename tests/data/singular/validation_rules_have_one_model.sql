-- Every rule of the register is written in exactly one model, and no model writes a
-- rule that the register lacks: a rule that nothing runs cannot count as passed.
with register as (
    select distinct rule_no from {{ ref('validation_rules') }}
),

written as (
    {% for model, number in written_rules() %}
    select
        '{{ model }}' as model_name,
        '{{ number }}' as rule_no
    union all
    {%- endfor %}
    select
        cast(null as string) as model_name,
        cast(null as string) as rule_no
),

counted as (
    select
        coalesce(register.rule_no, written.rule_no) as rule_no,
        count(written.model_name) as n_models,
        count(register.rule_no) as n_in_register
    from register
    full outer join written on register.rule_no = written.rule_no
    group by coalesce(register.rule_no, written.rule_no)
)

select *
from counted
where rule_no is not null and (n_models <> 1 or n_in_register <> 1)
