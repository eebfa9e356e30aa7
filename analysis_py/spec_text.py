"""Reading checked values out of parsed YAML: each mistake names file, place and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common_py.errors import CinError


@dataclass(frozen=True)
class SpecText:
    """The values of one file."""

    file: str

    def mapping(
        self, content: object, place: str, required: Sequence[str], optional: Sequence[str] = ()
    ) -> Mapping[str, object]:
        """Return keys and values; every required key is there and no unknown one."""
        allowed = ", ".join([*required, *optional])
        if not isinstance(content, Mapping):
            raise self.error("expected keys and values", place, f"give the keys {allowed}")
        for key in required:
            if key not in content:
                raise self.error(f"the key {key!r} is missing", place, f"give the keys {allowed}")
        for key in content:
            if key not in (*required, *optional):
                raise self.error(f"unknown key {key!r}", place, f"allowed keys: {allowed}")
        return content

    def sequence(self, content: object, place: str) -> Sequence[object]:
        """Return a list of at least one item."""
        if not isinstance(content, list) or not content:
            raise self.error("expected a list with at least one item", place, "add an item")
        return content

    def text(self, content: object, place: str) -> str:
        """Return text that is not blank."""
        if not isinstance(content, str) or not content.strip():
            raise self.error(
                f"expected text, found {content!r}",
                place,
                "write it as text, in quotes if a number",
            )
        return content.strip()

    def number(self, content: object, place: str) -> float:
        """Return a number."""
        if isinstance(content, bool) or not isinstance(content, int | float):
            raise self.error(f"expected a number, found {content!r}", place, "write a number")
        return float(content)

    def allowed(self, content: object, allowed: Sequence[str], place: str) -> str:
        """Return one of the allowed values."""
        if content not in allowed:
            raise self.error(
                f"{content!r} is not allowed", place, f"allowed values: {', '.join(allowed)}"
            )
        return str(content)

    def names(self, content: object, place: str) -> tuple[str, ...]:
        """Return a list of texts, nothing where there is none."""
        if content is None:
            return ()
        return tuple(self.text(name, place) for name in self.sequence(content, place))

    def unique(self, names: Sequence[str], what: str, place: str) -> None:
        """Refuse a name that stands twice."""
        for name in names:
            if names.count(name) > 1:
                raise self.error(
                    f"the {what} {name!r} is used twice", place, f"list each {what} once"
                )

    def error(self, problem: str, place: str, remedy: str) -> CinError:
        """Return the error that names this file."""
        return CinError(problem, file=self.file, place=place, remedy=remedy)
