"""The least numbers of disclosure control: data in `protection.yml`, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from common_py.errors import CinError

PROTECTION_FILE = Path(__file__).with_name("protection.yml")


@dataclass(frozen=True)
class Rules:
    """The least numbers of `protection.yml`, and why."""

    minimum_count: int
    england_rounding: int
    minimum_model_events: int
    minimum_bin_lsoas: int
    minimum_bin_events: int
    minimum_la_events: int
    minimum_la_lsoas: int
    why: tuple[str, ...]


def load_rules(file: Path = PROTECTION_FILE) -> Rules:
    """Read the rules.

    Raises
    ------
    CinError
        If a rule is missing, has no reason or is not a whole number of at least 1.
    """
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    names = [name for name in Rules.__dataclass_fields__ if name != "why"]
    for name in names:
        rule = content.get(name) or {}
        value = rule.get("value")
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise CinError(
                "a protection rule is not a whole number of at least 1",
                file=file.name,
                place=name,
                remedy=f"give {name} a `value` and a `why`",
            )
    return Rules(
        **{name: content[name]["value"] for name in names},
        why=tuple(str(content[name]["why"]) for name in names),
    )
