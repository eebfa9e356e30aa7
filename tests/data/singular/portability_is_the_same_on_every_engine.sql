-- What each macro of macros/portability gives, as text, where engines would differ by
-- themselves. A case without a value expects NULL.
with cases as (
    {%- for macro, found, expected in [
        ('days_between', days_between("date '2019-04-01'", "date '2019-03-31'"), '-1'),
        ('add_months', add_months("date '2019-01-31'", 1), '2019-02-28'),
        ('add_months', add_months("date '2019-02-28'", 1), '2019-03-28'),
        ('add_days', add_days("date '2019-03-31'", -31), '2019-02-28'),
        ('make_date', make_date(2019, 3, 31), '2019-03-31'),
        ('completed_years', completed_years("date '2012-02-29'", "date '2019-02-28'"), '6'),
        ('completed_years', completed_years("date '2019-04-01'", "date '2019-03-31'"), none),
        ('is_weekend', is_weekend("date '2019-03-31'"), 'true'),
        ('is_weekend', is_weekend("date '2019-04-01'"), 'false'),
        ('sha256', 'substr(' ~ sha256("'é'") ~ ', 1, 8)', '4a99557e'),
        ('hash_key', 'length(' ~ hash_key(["'a'"], "'secret'") ~ ')', '32'),
        ('hash_key', hash_key(["cast(null as string)"], "'secret'"), none),
        ('matches', matches("'ab' || chr(10)", 'ab'), 'false'),
        ('matches', matches("'a' || chr(10) || 'b'", 'a.b'), 'false'),
        ('matches', matches("'a' || chr(13) || 'b'", 'a.b'), 'true'),
        ('matches', matches("'ax'", 'a|x'), 'false'),
        ('try_date', try_date("'31/03/2019'"), '2019-03-31'),
        ('try_date', try_date("'2019-03-31T00:00:00Z'"), '2019-03-31'),
        ('try_date', try_date("'2019-02-30'"), none),
        ('try_int', try_int("'3.0'"), '3'),
        ('try_int', try_int("'3.5'"), none),
        ('try_int', try_int("'99999999999'"), none),
        ('try_double', try_double("'29,199'") ~ ' = 29199', 'true'),
        ('try_double', try_double("'1e'"), none),
        ('safe_divide', safe_divide(1, 0), none),
        ('safe_divide', safe_divide(1, 2), '0.5'),
        ('rounded', rounded('1.005e0', 2), '1.0'),
        ('rounded', rounded('-2.5e0', 0), '-3.0'),
        ('trimmed', 'length(' ~ trimmed("chr(160) || ' a b ' || chr(160)") ~ ')', '3'),
        ('trimmed', 'length(' ~ trimmed("chr(9) || 'a'") ~ ')', '2'),
        ('text_literal', 'length(' ~ text_literal("it's a \\ or \\n") ~ ')', '14'),
        ('portable_type', 'cast(1 as ' ~ portable_type('varchar') ~ ')', '1'),
    ] %}
    select
        '{{ macro }} {{ loop.index }}' as what,
        cast({{ found }} as string) as found,
        cast({{ "'" ~ expected ~ "'" if expected is not none else 'null' }} as string)
            as expected
    union all
    {%- endfor %}
    select
        'joined_texts' as what,
        {{ joined_texts('word', ', ', 'place') }} as found,
        'a, c' as expected
    from (
        select
            'c' as word,
            3 as place
        union all
        select
            'a' as word,
            1 as place
        union all
        select
            cast(null as string) as word,
            2 as place
    ) as words
),

-- Each value of a column alone, with its year and its column.
alone as (
    {{ values_alone(
        '(select 1 as year, '
        ~ "'x' as a, 'y' as b union all select 1 as year, 'x' as a, 'z' as b) as cells",
        ['year'], ['a', 'b'], {'a': 'text', 'b': 'text'}
    ) }}
),

counted as (
    select
        'values_alone' as what,
        {{ joined_texts(
            'column_name || landed_value', ', ', 'column_name, landed_value'
        ) }} as found,
        'ax, by, bz' as expected
    from alone
    where landed_value <> ''
),

final as (
    select * from cases
    union all
    select * from counted
)

select * from final
where found is distinct from expected
