"""The data dictionary and the diagram are those of the YAML, and name what there is."""

from __future__ import annotations

import re
from pathlib import Path

from tests.python.data_dictionary import diagram, dictionary, pages, tables

REMEDY = "run `python -m tests.python.data_dictionary`"
LINE = re.compile(r'^    (\w+) \|\|(?:--|\.\.)o\{ (\w+) : "(.+)"$', re.MULTILINE)


def test_the_pages_are_current(project: Path) -> None:
    for path, text in pages(project).items():
        assert path.read_text("utf-8") == text, f"{path.name} is not current: {REMEDY}"


def test_every_mart_and_column_is_described(project: Path) -> None:
    marts = tables(project)
    models = {path.stem for path in (project / "models" / "marts").rglob("*.sql")}
    assert {table.name for table in marts} == models
    page = dictionary(project)
    for table in marts:
        assert f"### {table.name}\n\n{table.description}" in page
        assert all(one.description and one.data_type for one in table.columns), table.name
        assert set(table.meta) >= {"grain", "population", "as_of", "sensitivity"}, table.name
    assert "{{" not in page


def test_lines_of_the_diagram_join_through_columns_that_both_have(project: Path) -> None:
    known = {one.name: one for layer in ("staging", "marts") for one in tables(project, layer)}
    lines = LINE.findall(diagram(project))
    assert len(lines) >= 30
    for parent, child, said in lines:
        columns = said.split(", ")
        assert set(columns) <= {one.name for one in known[parent].columns}, (parent, child)
        assert set(columns) <= {one.name for one in known[child].columns}, (parent, child)
    tested = {(up, one.name) for one in known.values() for up, _ in one.parents}
    drawn = {(parent, child) for parent, child, _ in lines}
    assert {pair for pair in tested if pair[1].startswith("stg_census__")} <= drawn
