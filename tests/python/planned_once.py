"""The plan of the rules, rendered once in a process: its queries are the same for every landing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from validate_py.building import Plan, plan
from validate_py.definitions import Definitions

_ANYWHERE = Path("/any landing")


@cache
def _planned(project: Path, targets: tuple[str, ...]) -> Plan:
    return plan(Definitions(project), targets, _ANYWHERE)


def planned(definitions: Definitions, targets: Sequence[str], landing: Path) -> Plan:
    """Return what `plan` returns."""
    made = _planned(definitions.project, tuple(targets))
    folder, place = _ANYWHERE.as_posix(), landing.as_posix()
    return replace(made, sources=tuple(one.replace(folder, place) for one in made.sources))
