"""Where the study disagrees with itself: a list in a file, its printed values looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common_py.errors import CinError
from common_py.yaml_text import from_yaml
from publish_py.tables import interval, number

FILE = Path(__file__).with_name("inconsistencies.yml")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Inconsistency:
    """One disagreement: where it is, what the study says, and what this site does about it."""

    title: str
    where: str
    says: str
    here: str


def load_inconsistencies(published: Sequence[Row], file: Path = FILE) -> tuple[Inconsistency, ...]:
    """Read the list, with each quoted value as the report prints it.

    Parameters
    ----------
    published
        Rows of `modelling.mdl_published_values`.
    file
        The list.

    Raises
    ------
    CinError
        If a quote names a value that the report does not print, or a text a quote that
        is not there.
    """
    cells = {(row["table_no"], row["row_label"] or "", row["statistic"]): row for row in published}
    return tuple(
        _entry(entry, cells, file.name) for entry in from_yaml(file.read_text(encoding="utf-8"))
    )


def _entry(
    entry: Mapping[str, Any], cells: Mapping[tuple[str, str, str], Row], file: str
) -> Inconsistency:
    words = {
        name: _quoted(quote, cells, file, f"{entry['title']}: {name}")
        for name, quote in entry["quotes"].items()
    }
    try:
        says, here = entry["says"].format(**words), entry["here"].format(**words)
    except KeyError as error:
        raise CinError(
            f"the text names a quote that is not there: {error}",
            file=file,
            place=entry["title"],
            remedy="add it to `quotes`, as table, row and statistic",
        ) from error
    return Inconsistency(entry["title"], entry["where"], says, here)


def _quoted(
    quote: Mapping[str, Any],
    cells: Mapping[tuple[str, str, str], Row],
    file: str,
    place: str,
) -> str:
    kind = quote["kind"]
    if "total" in quote:
        parts = [
            row["value"]
            for (table, _, statistic), row in cells.items()
            if (table, statistic) == (quote["table"], quote["total"])
        ]
        if parts:
            return number(sum(parts), kind)
    else:
        row = cells.get((quote["table"], quote["row"], quote["statistic"]))
        if row is not None:
            if quote.get("part") == "interval":
                return interval(row["ci_low"], row["ci_high"], kind)
            return number(row["value"], kind)
    raise CinError(
        "the report prints no such value",
        file=file,
        place=place,
        remedy="name a row of seeds/published/report_values.csv by table, row and statistic",
    )
