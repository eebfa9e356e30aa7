"""The numbered questions run on the marts and answer with rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from common_py.paths import Paths

QUESTIONS = sorted((Path(__file__).resolve().parents[3] / "analyses").glob("*.sql"))


def test_there_are_questions() -> None:
    assert len(QUESTIONS) >= 5


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_has_an_answer(small_england: Paths, question: Path) -> None:
    """Each is compiled by dbt (`{{ ref() }}`) and executed as an analyst would."""
    compiled = next((small_england.build / "dbt" / "compiled").rglob(question.name))
    with duckdb.connect(str(small_england.warehouse), read_only=True) as warehouse:
        rows = warehouse.execute(compiled.read_text("utf-8")).fetchmany(5)
    assert rows
