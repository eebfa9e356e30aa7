"""Which marts there are, what a row of each is, and what may rightly differ: all of it data."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from common_py.errors import CinError
from common_py.yaml_text import from_yaml
from validate_py.definitions import Definitions

SETTLED_FILE = Path(__file__).with_name("settled.csv")
MAGNITUDES_FILE = Path(__file__).with_name("magnitudes.csv")
EVERY_COLUMN = "*"
_CHILD_LEVEL = ("restricted", "child-level")
"""How the `sensitivity` of a table with a row per child, or per value of a child, begins."""


@dataclass(frozen=True)
class Mart:
    """A mart as its YAML declares it.

    Attributes
    ----------
    schema, name
        Where it stands and what it is called.
    key
        Columns that tell its rows apart (`grain`); empty where the grain is no list of columns.
    is_of_children
        Whether its values are of single children, and are never shown.
    columns
        All of them.
    """

    schema: str
    name: str
    key: tuple[str, ...]
    is_of_children: bool
    columns: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Schema and name."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Settled:
    """A column (or `*`, all of them) that rightly differs between two builds, and why."""

    mart: str
    column: str
    reason: str


@dataclass(frozen=True)
class Magnitude:
    """Columns (`*_z`, all that end so) whose tolerance is relative to at least so much, and why."""

    mart: str
    column: str
    magnitude: float
    reason: str


def project_marts(project: Path) -> tuple[Mart, ...]:
    """Return every mart of the project, by schema and name.

    Raises
    ------
    CinError
        If a mart has no YAML that declares its grain and sensitivity.
    """
    nodes = Definitions(project).models.values()
    marts = [
        _mart(node.schema, node.path)
        for node in nodes
        if "marts" in node.path.relative_to(project).parts
    ]
    return tuple(sorted(marts, key=lambda mart: (mart.schema, mart.name)))


def _mart(schema: str, query: Path) -> Mart:
    path = query.with_suffix(".yml")
    try:
        content = from_yaml(path.read_text(encoding="utf-8"))
        (model,) = (one for one in content["models"] if one["name"] == query.stem)
        meta: dict[str, Any] = model["config"]["meta"]
        grain, sensitivity = str(meta["grain"]), str(meta["sensitivity"])
        columns = tuple(str(column["name"]) for column in model["columns"])
    except (OSError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise CinError(
            "does not say what a row of the mart is and who may see it",
            file=str(path),
            remedy="declare config.meta.grain and config.meta.sensitivity, and its columns",
        ) from error
    key = tuple(part.strip() for part in grain.split(","))
    return Mart(
        schema,
        query.stem,
        key if set(columns).issuperset(key) else (),
        schema == "restricted" or sensitivity.lower().startswith(_CHILD_LEVEL),
        columns,
    )


def settled_columns(path: Path = SETTLED_FILE) -> tuple[Settled, ...]:
    """Read what rightly differs, a row a column: mart, column, reason.

    Raises
    ------
    CinError
        If the file is absent, has other columns, or a row has no reason.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            found = [Settled(**row) for row in csv.DictReader(handle)]
    except (OSError, TypeError) as error:
        raise CinError(
            "is no list of what rightly differs",
            file=str(path),
            remedy="give a CSV with the columns mart, column and reason",
        ) from error
    for number, row in enumerate(found, start=2):
        if not (row.mart and row.column and row.reason):
            raise CinError(
                "a column that rightly differs needs a reason",
                file=str(path),
                place=f"line {number}",
                remedy="fill mart, column (or *) and reason",
            )
    return tuple(found)


def magnitudes() -> tuple[Magnitude, ...]:
    """Read the columns that are small by what was taken from them."""
    with MAGNITUDES_FILE.open(encoding="utf-8", newline="") as handle:
        return tuple(
            Magnitude(row["mart"], row["column"], float(row["magnitude"]), row["reason"])
            for row in csv.DictReader(handle)
        )
