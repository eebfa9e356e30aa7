"""`docs/claims.md` is complete: every test it names exists, every test there is stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from common_py.yaml_text import from_yaml

TOKEN = re.compile(r"\b(dbt|pytest):([\w./]+)")


def named(project: Path, kind: str) -> list[str]:
    text = (project / "docs" / "claims.md").read_text("utf-8")
    return [name for found, name in TOKEN.findall(text) if found == kind]


def dbt_tests(project: Path) -> Iterator[str]:
    """Unit tests by name, singular tests by file."""
    for path in (project / "models").rglob("*.yml"):
        content = from_yaml(path.read_text("utf-8")) or {}
        yield from (test["name"] for test in content.get("unit_tests", []))
    for path in (project / "tests" / "data" / "singular").glob("*.sql"):
        yield path.stem


def modules(project: Path) -> set[str]:
    folder = project / "tests" / "python"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("test_*.py")}


def test_every_dbt_rule_stands_in_the_map_once(project: Path) -> None:
    present = sorted(dbt_tests(project))
    assert present, "no dbt tests were found: the search is broken"
    assert sorted(named(project, "dbt")) == present


def test_every_module_stands_in_the_map(project: Path) -> None:
    assert set(named(project, "pytest")) == modules(project)
