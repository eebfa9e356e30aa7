"""The pages `docs/data_dictionary.md` and `docs/erd.md`, made from the YAML beside the models.

`python -m tests.python.data_dictionary` writes both anew after a mart has changed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common_py.yaml_text import from_yaml

MADE = (
    "<!-- Made from the YAML of the models by `python -m tests.python.data_dictionary`: change it "
    "there. -->"
)
_DOC = re.compile(r"\{%\s*docs\s+(\w+)\s*%\}(.*?)\{%\s*enddocs\s*%\}", re.DOTALL)
_USED = re.compile(r"\{\{\s*doc\(\s*[\"'](\w+)[\"']\s*\)\s*\}\}")
_REF = re.compile(r"ref\(\s*[\"'](\w+)[\"']\s*\)")
_JOINED_TO = (
    "dim_la", "dim_lsoa", "dim_measure", "dim_stratum", "fct_referrals", "mdl_msoa_context",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column: name, type, whether it is always filled, what it is."""

    name: str
    data_type: str
    is_required: bool
    description: str


@dataclass(frozen=True)
class Table:
    """A model as its YAML describes it.

    Attributes
    ----------
    schema, name, description
        Where it is, what it is called and what a row of it is.
    meta
        grain, population, as_of and sensitivity.
    columns
        In order.
    parents
        Models that a test holds every row to have a parent in, with the columns of the key.
    """

    schema: str
    name: str
    description: str
    meta: dict[str, str]
    columns: tuple[Column, ...]
    parents: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of its grain; none where the grain is said in words."""
        names = {column.name for column in self.columns}
        said = tuple(part.strip() for part in self.meta["grain"].split(","))
        return said if names.issuperset(said) else ()


def doc_blocks(project: Path) -> dict[str, str]:
    """Return the texts that columns share, by name."""
    return {
        name: text
        for path in sorted((project / "models").rglob("*.md"))
        for name, text in _DOC.findall(path.read_text("utf-8"))
    }


def tables(project: Path, layer: str = "marts") -> list[Table]:
    """Return the models of a layer, by schema and name; their schema is their folder."""
    shared = doc_blocks(project)
    found = [
        _table(path.parent.name, model, shared)
        for path in (project / "models" / layer).rglob("*.yml")
        for model in _yaml(path).get("models", [])
    ]
    return sorted(found, key=lambda table: (table.schema, table.name))


def _yaml(path: Path) -> dict[str, Any]:
    found: dict[str, Any] | None = from_yaml(path.read_text("utf-8"))
    return found or {}


def _table(schema: str, model: dict[str, Any], shared: dict[str, str]) -> Table:
    columns = tuple(
        Column(
            one["name"],
            one.get("data_type", ""),
            any(rule["type"] == "not_null" for rule in one.get("constraints", [])),
            _words(one.get("description", ""), shared),
        )
        for one in model.get("columns", [])
    )
    meta = {name: _words(str(said), shared) for name, said in model["config"]["meta"].items()}
    parents = tuple(_parents(model))
    return Table(
        schema, model["name"], _words(model["description"], shared), meta, columns, parents
    )


def _parents(model: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for test in model.get("data_tests", []):
        rule = test.get("has_parent") if isinstance(test, dict) else None
        if rule:
            parent = _REF.search(rule["arguments"]["parent"])
            assert parent is not None, rule
            yield parent[1], tuple(rule["arguments"]["columns"])
    for column in model.get("columns", []):
        for test in column.get("data_tests", []):
            rule = test.get("relationships") if isinstance(test, dict) else None
            if rule:
                parent = _REF.search(rule["arguments"]["to"])
                assert parent is not None, rule
                yield parent[1], (column["name"],)


def _words(text: str, shared: dict[str, str]) -> str:
    filled = _USED.sub(lambda found: shared[found[1]], text)
    return " ".join(filled.split())


def dictionary(project: Path) -> str:
    """Return the page of every mart and its columns."""
    made = tables(project)
    lines = ["# Data dictionary", "", MADE, "", (
        "Every table of the warehouse that analysts query, from the descriptions that the build "
        "also writes into the database (`describe`) and into the site's `docs.html`, where staging "
        "and intermediate stand too. A dot (●) marks a column that is declared never NULL; the "
        "build enforces types on all of them, and dots on tables (not on views)."
    ), ""]  # fmt: skip
    by_schema: dict[str, list[Table]] = defaultdict(list)
    for table in made:
        by_schema[table.schema].append(table)
    for schema, members in by_schema.items():
        names = " · ".join(f"[{one.name}](#{one.name})" for one in members)
        lines += [f"**{schema}**: {names}", ""]
    for schema, members in by_schema.items():
        lines += [f"## Schema {schema}", ""]
        for table in members:
            lines += _section(table)
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(table: Table) -> list[str]:
    facts = (("grain", "grain"), ("population", "population"), ("as_of", "as of"),
             ("sensitivity", "sensitivity"))  # fmt: skip
    said = [f"- {label}: {table.meta[name]}" for name, label in facts]
    lines = [f"### {table.name}", "", table.description, "", *said, ""]
    lines += ["| column | type | ● | what it is |", "|---|---|---|---|"]
    for one in table.columns:
        filled = "●" if one.is_required else ""
        words = one.description.replace("|", "\\|")
        lines.append(f"| `{one.name}` | {one.data_type} | {filled} | {words} |")
    return [*lines, ""]


def diagram(project: Path) -> str:
    """Return the page of how tables hang together, as Mermaid.

    Solid: a test holds that every row has its parent. Dotted: the whole key of a table of `core`
    or of a context is among the columns.
    """
    staged, marts = tables(project, "staging"), tables(project)
    census = [one for one in staged if one.name.startswith("stg_census__")]
    shown = [one for one in marts if one.schema in {"core", "rates", "modelling", "disclosure"}]
    lines = ["# How tables hang together", "", MADE, "", (
        "Solid lines are tests: every row has its parent, through the whole key. Dotted lines are "
        "keys: the table on the right holds the whole key of the one on the left, and they join "
        "many to one. Names on the lines are the columns."
    ), "", "## The census, as it was returned", ""]  # fmt: skip
    lines += _mermaid(census, list(_tested(census)))
    lines += ["", "## Marts", ""]
    lines += _mermaid(shown, [*_tested(shown), *_shared(shown)])
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Line:
    """A line of the diagram, from parent to child."""

    parent: str
    child: str
    columns: tuple[str, ...]
    is_tested: bool


def _tested(members: list[Table]) -> Iterator[Line]:
    names = {one.name for one in members}
    for one in members:
        yield from (Line(up, one.name, key, True) for up, key in one.parents if up in names)


def _shared(members: list[Table]) -> Iterator[Line]:
    """Yield the tables that others join to, each with those that hold its whole key.

    Of two whose keys lie within each other (place and finer place) the finer is drawn.
    """
    keyed = [one for one in members if one.name in _JOINED_TO]
    for parent in keyed:
        for child in members:
            held = {column.name for column in child.columns}
            finer = (one for one in keyed if set(one.key) > set(parent.key))
            if (
                child is not parent
                and held >= set(parent.key)
                and not any(held >= set(one.key) for one in finer)
            ):
                yield Line(parent.name, child.name, parent.key, False)


def _mermaid(members: list[Table], lines: list[Line]) -> list[str]:
    linked = {name for line in lines for name in (line.parent, line.child)}
    made = ["```mermaid", "erDiagram"]
    for one in (one for one in members if one.name in linked):
        made.append(f"    {one.name} {{")
        made += [f"        {c.data_type or 'key'} {c.name} PK" for c in one.columns
                 if c.name in one.key]  # fmt: skip
        made.append("    }")
    for line in sorted(lines, key=lambda line: (line.parent, line.child)):
        arrow = "||--o{" if line.is_tested else "||..o{"
        made.append(f'    {line.parent} {arrow} {line.child} : "{", ".join(line.columns)}"')
    return [*made, "```"]


def pages(project: Path) -> dict[Path, str]:
    """Return what each page should hold."""
    docs = project / "docs"
    return {docs / "data_dictionary.md": dictionary(project), docs / "erd.md": diagram(project)}


def main() -> None:
    """Write both pages."""
    for path, text in pages(Path(__file__).resolve().parents[2]).items():
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
