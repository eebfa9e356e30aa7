"""The project's own definitions: where each model, seed, source and macro stands, and its schema.

Only what rendering one chain of models needs is read. Schemas come from `dbt_project.yml`, types
of seeds and places of landed files from the YAML beside them: nothing is said a second time here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from common_py.errors import CinError
from common_py.yaml_text import from_yaml

_HOLDS = {kind: re.compile(rf"^{kind}:", re.MULTILINE) for kind in ("seeds", "sources")}


@dataclass(frozen=True)
class Node:
    """A model or a seed.

    Attributes
    ----------
    name, schema, path
        What it is called, the schema it is built in, and its SQL or CSV file.
    column_types
        Of a seed: the type of each column that declares one; empty for a model.
    """

    name: str
    schema: str
    path: Path
    column_types: Mapping[str, str]

    @property
    def is_seed(self) -> bool:
        """Whether it is a CSV file and not a query."""
        return self.path.suffix == ".csv"


class Definitions:
    """Everything that can be referred to, by name.

    Parameters
    ----------
    project
        The folder of `dbt_project.yml`.

    Raises
    ------
    CinError
        If `dbt_project.yml` cannot be read.
    """

    def __init__(self, project: Path) -> None:
        self.project = project
        path = project / "dbt_project.yml"
        if not path.is_file():
            raise CinError(
                "there is no dbt_project.yml",
                file=str(project),
                remedy="set CIN_PROJECT_DIR to the project folder, or install the project again",
            )
        self._settings: dict[str, Any] = _yaml(path)

    @property
    def name(self) -> str:
        """The project's name."""
        return str(self._settings["name"])

    @property
    def version(self) -> str:
        """The project's version."""
        return str(self._settings.get("version", ""))

    @property
    def variables(self) -> Mapping[str, Any]:
        """The settings that change what a number means."""
        variables: dict[str, Any] = self._settings.get("vars", {})
        return variables

    @cached_property
    def macro_files(self) -> tuple[Path, ...]:
        """Every file of macros, in a fixed order; how dbt makes tables is its own concern."""
        files = self._files("macro-paths", "*.sql")
        return tuple(path for path in files if path.parent.name != "materializations")

    @cached_property
    def models(self) -> Mapping[str, Node]:
        """Every model, by name."""
        return {
            path.stem: Node(path.stem, self._schema("models", root, path), path, {})
            for root, path in self._rooted("model-paths", "*.sql")
        }

    @cached_property
    def seeds(self) -> Mapping[str, Node]:
        """Every seed, by name."""
        types = {
            str(seed["name"]): seed.get("config", {}).get("column_types", {})
            for path in self._files("seed-paths", "*.yml")
            for seed in _yaml(path, "seeds").get("seeds", ())
        }
        return {
            path.stem: Node(
                path.stem, self._schema("seeds", root, path), path, types.get(path.stem, {})
            )
            for root, path in self._rooted("seed-paths", "*.csv")
        }

    @cached_property
    def tests(self) -> Mapping[str, Node]:
        """Every singular data test, by name."""
        return {
            path.stem: Node(path.stem, "", path, {})
            for path in self._files("test-paths", "singular/*.sql")
        }

    @cached_property
    def test_words(self) -> Mapping[str, Mapping[str, str]]:
        """What each singular data test guards, and the remedy where it fails, by name."""
        return {
            str(test["name"]): {
                "description": " ".join(str(test.get("description", "")).split()),
                "remedy": " ".join(
                    str(test.get("config", {}).get("meta", {}).get("remedy", "")).split()
                ),
            }
            for path in self._files("test-paths", "singular/*.yml")
            for test in _yaml(path).get("data_tests", ())
        }

    @cached_property
    def nodes(self) -> Mapping[str, Mapping[str, Any]]:
        """Kind and checksum of every model and seed, by the identifier that dbt gives it."""
        return {
            f"{kind}.{self.name}.{node.name}": {
                "resource_type": kind,
                "unique_id": f"{kind}.{self.name}.{node.name}",
                "checksum": {"checksum": _checksum(node.path)},
            }
            for kind, found in (("model", self.models), ("seed", self.seeds))
            for node in found.values()
        }

    @cached_property
    def sources(self) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        """Every source table, by source and table, with the attributes that dbt gives it."""
        return {
            (str(source["name"]), str(table["name"])): {
                "schema": source.get("schema", source["name"]),
                "identifier": table.get("identifier", table["name"]),
                "config": {"meta": table.get("config", {}).get("meta", {})},
            }
            for path in self._files("model-paths", "*.yml")
            for source in _yaml(path, "sources").get("sources", ())
            for table in source.get("tables", ())
        }

    def _files(self, setting: str, pattern: str) -> list[Path]:
        return [path for _, path in self._rooted(setting, pattern)]

    def _rooted(self, setting: str, pattern: str) -> list[tuple[Path, Path]]:
        roots = [self.project / folder for folder in self._settings[setting]]
        return [(root, path) for root in roots for path in sorted(root.rglob(pattern))]

    def _schema(self, kind: str, root: Path, path: Path) -> str:
        """Return the schema that the deepest folder with a setting gives."""
        level = self._settings.get(kind, {}).get(self.name, {})
        schema = str(level.get("+schema", "main"))
        for folder in path.relative_to(root).parts[:-1]:
            level = level.get(folder, {})
            schema = str(level.get("+schema", schema))
        return schema


def _checksum(path: Path) -> str:
    """Return the SHA-256 of a file's text without blanks at its ends, as dbt makes it."""
    return hashlib.sha256(path.read_text(encoding="utf-8").strip().encode()).hexdigest()


def _yaml(path: Path, holding: str | None = None) -> dict[str, Any]:
    """Read a YAML file; with `holding`, only one that has this key at its top."""
    text = path.read_text(encoding="utf-8")
    if holding is not None and not _HOLDS[holding].search(text):
        return {}
    try:
        content = from_yaml(text)
    except yaml.YAMLError as error:
        raise CinError(
            "cannot be read as YAML", file=str(path), remedy="mend it, or install the project again"
        ) from error
    return content if isinstance(content, dict) else {}
