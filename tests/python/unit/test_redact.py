"""No value of a database's error message reaches a log, whatever the error and the value."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from pipeline_py import main
from pipeline_py.redact import SHOW_ERRORS, redact, redact_files

CANARY = "CANARYCHILD"
FAILING = [
    f"select cast('{CANARY}' as integer)",
    f"select cast('{CANARY}\"a''b\n{CANARY}' as date)",
    f"select cast('{CANARY}' as decimal(3, 1))",
    f"select strptime('{CANARY} 2010', '%Y')",
    f"select regexp_matches('a', '[{CANARY}')",
    f"select error('{CANARY}')",
    f"select json('{{{CANARY}')",
    f"create table t (a varchar primary key);insert into t values ('{CANARY}'), ('{CANARY}')",  # noqa: S608 - a test's own value
]
WRAPPED = "Runtime Error in model a (models/a.sql)\n  {}\n  compiled code at target/a.sql"


def said(statement: str) -> str:
    """Return what DuckDB says, without the line of the statement, which is a model's text."""
    with duckdb.connect() as connection, pytest.raises(duckdb.Error) as failed:
        connection.execute(statement).fetchall()
    message = str(failed.value).split("\n\nLINE ")[0]
    assert CANARY in message, "DuckDB no longer quotes the value: choose another case"
    return message


@pytest.mark.parametrize("statement", FAILING)
@pytest.mark.parametrize("form", ["{}", WRAPPED])
def test_a_quoted_value_is_left_out(statement: str, form: str) -> None:
    message = redact(form.format(said(statement)))
    assert CANARY not in message
    assert " Error: a value does not fit" in message
    if form != "{}":
        assert message.startswith("Runtime Error in model a")
        assert message.endswith("compiled code at target/a.sql")


def test_what_helps_stays() -> None:
    assert "does not fit INT32" in redact(said(FAILING[0]))
    column = "create table t as select 'CANARYCHILD' as a; select cast(a as integer) from t"
    assert "does not fit INT32" in redact(said(column))
    for message in (
        "Constraint Error: NOT NULL constraint failed: dim_la.la_code",
        'Catalog Error: Table with name "x" does not exist!',
        "Got 3 results, configured to fail if != 0",
    ):
        assert redact(message) == message


def test_numbers_and_dates_are_values_too() -> None:
    with duckdb.connect() as connection:
        for statement in ("select make_date(2010, 13, 45)", "select cast(70123 as smallint)"):
            with pytest.raises(duckdb.Error) as failed:
                connection.execute(statement).fetchall()
            message = redact(str(failed.value).split("\n\nLINE ")[0])
            assert "2010" not in message
            assert "70123" not in message


def test_files_of_a_run_are_redacted_in_place(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    message = said(FAILING[1])
    results = {"results": [{"message": message, "failures": None}], "metadata": {"a": 1}}
    (tmp_path / "run_results.json").write_text(json.dumps(results), "utf-8")
    log = [json.dumps({"info": {"msg": message}}), "plain", json.dumps({"info": {"msg": "ok"}})]
    (tmp_path / "logs" / "dbt.log").write_text("\n".join(log) + "\n", "utf-8")
    redact_files(tmp_path)
    for path in (tmp_path / "run_results.json", tmp_path / "logs" / "dbt.log"):
        text = path.read_text("utf-8")
        assert CANARY not in text
        assert "a value does not fit" in text
    assert json.loads((tmp_path / "run_results.json").read_text("utf-8"))["metadata"] == {"a": 1}
    assert (tmp_path / "logs" / "dbt.log").read_text("utf-8").splitlines()[1:] == log[1:]


def test_an_error_that_nobody_foresaw_says_where_and_not_what(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(main, "app", fail)
    monkeypatch.delenv(SHOW_ERRORS, raising=False)
    with pytest.raises(SystemExit) as ended:
        main.run()
    told = capsys.readouterr().err
    assert ended.value.code == 1
    assert CANARY not in told
    assert "unexpected ValueError at" in told
    assert "test_redact.py:" in told
    assert SHOW_ERRORS in told
    monkeypatch.setenv(SHOW_ERRORS, "1")
    with pytest.raises(ValueError, match=CANARY):
        main.run()


@pytest.mark.parametrize(
    "message",
    [
        f"[CAST_INVALID_INPUT] The value '{CANARY}' of the type \"STRING\" cannot be cast to "
        '"DATE". SQLSTATE: 22018\n== SQL ==\nselect 1',
        "An error occurred while calling o1.sql.\n: org.apache.spark.SparkException: "
        f"Job aborted: {CANARY}\n\tat org.apache.spark.A(B.scala:1)",
        f"java.lang.NumberFormatException: For input string: {CANARY}",
    ],
)
def test_sparks_words_are_left_out_but_for_the_name_of_the_error(
    message: str, tmp_path: Path
) -> None:
    said = redact(WRAPPED.format(message))
    assert CANARY not in said
    assert any(name in said for name in ("CAST_INVALID_INPUT", "SparkException", "NumberFormat"))
    assert said.startswith("Runtime Error in model a")
    log = tmp_path / "logs" / "dbt.log"
    log.parent.mkdir()
    log.write_text(json.dumps({"info": {"msg": message}}) + "\n", "utf-8")
    redact_files(tmp_path)
    assert CANARY not in log.read_text("utf-8")


def test_what_spark_says_of_a_query_stays() -> None:
    message = (
        "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column `la_kode` cannot be resolved. "
        "Did you mean `la_code`? SQLSTATE: 42703; line 3 pos 8;\n'Project ['la_kode]"
    )
    assert "`la_kode` cannot be resolved" in redact(message)
    assert "[WARNING] 3 rows (see the log)" in redact("[WARNING] 3 rows (see the log)")
