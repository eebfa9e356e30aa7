"""The numbered questions run on the marts and answer with rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from common_py.paths import Paths
from common_py.progress import silent
from pipeline_py.dbt import run_dbt, target_dir
from pipeline_py.steps import next_warehouse

QUESTIONS = sorted((Path(__file__).resolve().parents[3] / "analyses").glob("*.sql"))


def test_there_are_questions() -> None:
    assert len(QUESTIONS) >= 5


@pytest.fixture(scope="module")
def compiled_questions(small_england: Paths) -> Path:
    """Compile the questions, which no build does; the warehouse itself stays open to others."""
    arguments = ["compile", "--select", "path:analyses"]
    run_dbt(small_england, arguments, silent, next_warehouse(small_england))
    return target_dir(small_england) / "compiled"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_has_an_answer(
    small_england: Paths, compiled_questions: Path, question: Path
) -> None:
    """Each is compiled by dbt (`{{ ref() }}`) and executed as an analyst would."""
    compiled = next(compiled_questions.rglob(question.name))
    with duckdb.connect(str(small_england.warehouse), read_only=True) as warehouse:
        rows = warehouse.execute(compiled.read_text("utf-8")).fetchmany(5)
    assert rows
