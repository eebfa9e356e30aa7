"""A stand-in for each macro that a model calls, with the shape of what the real one renders.

The linter's templater cannot dispatch as dbt does (`.sqlfluff`), and would compile macros anew for
every file that it reads: functions it only calls.
"""


def typed(table, column):
    return column


def typed_keys(table):
    return "landed.census_year"


def code_joins(table):
    return ""


def landed(column):
    return f"landed.{column}"


def typed_tables():
    return {"first": "a", "second": "b"}


def failing_values(table, relation):
    return f"select {relation}.a from {relation}"


def untyped_rows(table, relation, failing):
    return f"select {failing}.a from {failing}"


def untyped_values(table, relation):
    return "select untyped.a from untyped"


def unpivot_ages(relation, keep, first, last):
    return f"select {relation}.a from {relation}"


def hash_key(parts, secret):
    return f"sha256({secret})"


def sha256(text):
    return f"sha256({text})"


def try_date(text):
    return f"try_date({text})"


def try_int(text):
    return f"try_int({text})"


def try_double(text):
    return f"try_double({text})"


def make_date(year, month, day):
    return f"make_date({year}, {month}, {day})"


def days_between(since, until):
    return f"days_between({since}, {until})"


def add_months(date, months):
    return f"add_months({date}, {months})"


def completed_years(born, at):
    return f"age({born}, {at})"


def add_days(date, days):
    return f"add_days({date}, {days})"


def is_weekend(date):
    return f"is_weekend({date})"


def matches(text, pattern):
    return f"matches({text}, '{pattern}')"


def returned_columns(table):
    return "landed.a"


def returned_joins(table):
    return ""


def returned_flag(text):
    return f"flag({text})"


def written_rules():
    return [("a", "1"), ("b", "2")]


def validated_tables():
    return ["first", "second"]


def found(rule_no, table, column, compared=(), row="", value=""):
    return f"select '{rule_no}' as rule_no"


def found_key(table):
    return "found.child_no"


def same_child(one, other):
    return f"{one}.child_no = {other}.child_no"


def is_rated_area():
    return "is_study_la"


def same_episode(one, other):
    return f"{one}.referral_no = {other}.referral_no"


def age_at(born, at):
    return f"age({born}, {at})"


def event_age(born, at, end):
    return f"age({born}, {at}, {end})"


def age_band_low(text):
    return f"age_band_low({text})"


def age_band_high(text):
    return f"age_band_high({text})"


def published_figure_names():
    return ["first", "second"]


def la_indicator_names():
    return ["first", "second"]


def ethnic_group(code):
    return f"ethnic_group({code})"


def safe_divide(numerator, denominator):
    return f"({numerator} / {denominator})"


def weighted_mean(value, weight):
    return f"sum({value} * {weight})"


def share_of(value, window):
    return f"sum({value}) over ({window})"


def vintage_of_year(relation, release, column=None):
    return f"select {relation}.a from {relation} cross join census_year"


def trimmed(text):
    return f"trim({text})"


def text_literal(text):
    return "'text'"


def portable_type(type):
    return type


def values_alone(relation, keep, columns, types):
    return "select cells.column_name, cells.landed_value from cells"


def rounded(value, digits):
    return f"round({value}, {digits})"


def joined_texts(text, separator, order_by):
    return f"string_agg({text}, '{separator}')"


def quoted_list(texts):
    return "'item'"


def rate_per_10k(numerator, denominator):
    return f"rate({numerator}, {denominator})"


def garwood_lower(n, seed=""):
    return f"lower_limit({n})"


def garwood_upper(n, seed=""):
    return f"upper_limit({n})"


def rates_of_areas(area_key):
    joined = " cross join ".join(["areas", "grid", "counts", "populations", "garwood_limits"])
    return f"final as (select areas.a from {joined})"


def project_version():
    return "0.0.0"


def definitions_md5():
    return "0"


def half_chi_square(df, sign):
    return f"half_chi_square({df})"
