"""Table specifications: YAML data, checked once, frozen from then on.

A spec is a file `specs/table_NN.yml`. It says what a table's rows count, which terms its
models have, which statistics its columns print and how. Adding a table adds a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from common_py.errors import CinError

SPEC_FOLDER = Path(__file__).parent / "specs"
COVARIATES = ("x1", "x2")
FAMILIES = ("poisson",)
KINDS = ("count", "percent", "rate", "ratio")
TOTALS = ("n", "n_pct", "population", "population_pct", "rate_per_10k")

_TABLE_KEYS = ("table_no", "title", "note", "family", "terms", "percent_of", "columns", "rows")
_CELL_KEYS = ("measure", "stratum_type", "stratum")


@dataclass(frozen=True)
class Cohort:
    """What one grid of counts holds: a measure in one stratum."""

    measure: str
    stratum_type: str
    stratum: str


@dataclass(frozen=True)
class ColumnSpec:
    """One printed statistic; `contrast` holds (term, weight) pairs where it is a ratio."""

    statistic: str
    heading: str
    kind: str
    contrast: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class RowSpec:
    """One row of a table: its label as the report prints it, and what it counts."""

    label: str
    cohort: Cohort


@dataclass(frozen=True)
class TableSpec:
    """One table: a model a row, the same terms and columns for all of them."""

    table_no: str
    title: str
    note: str
    family: str
    terms: tuple[str, ...]
    percent_of: Cohort
    columns: tuple[ColumnSpec, ...]
    rows: tuple[RowSpec, ...]
    file: str

    def spec_id(self, row: RowSpec) -> str:
        """Return the identifier of one row's model, such as `table_02/referral/all/all`."""
        cohort = row.cohort
        parts = (f"table_{self.table_no:0>2}", cohort.measure, cohort.stratum_type, cohort.stratum)
        return "/".join(parts)


def load_specs(folder: Path = SPEC_FOLDER) -> tuple[TableSpec, ...]:
    """Read and check every spec of a folder, in the order of their file names.

    Raises
    ------
    CinError
        If a spec is not valid; it names the file, the place and the allowed values.
    """
    specs = tuple(read_spec(path) for path in sorted(folder.glob("*.yml")))
    if not specs:
        raise CinError(
            "no table specification (*.yml) here",
            file=str(folder),
            remedy="restore analysis_py/specs/ from the repository",
        )
    numbers = [spec.table_no for spec in specs]
    for spec in specs:
        if numbers.count(spec.table_no) > 1:
            raise CinError(
                f"table_no {spec.table_no!r} is used by more than one specification",
                file=spec.file,
                place="table_no",
                remedy="give each table its own number",
            )
    return specs


def read_spec(path: Path) -> TableSpec:
    """Read and check one spec file; see `load_specs` for the errors."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark is not None else None
        raise CinError(
            "this is not valid YAML", file=path.name, place=place, remedy="mend the syntax there"
        ) from error
    return _Reader(path.name).table(content)


class _Reader:
    """Turns one file's parsed YAML into a `TableSpec`, or says where it cannot."""

    def __init__(self, file: str) -> None:
        self.file = file

    def table(self, content: object) -> TableSpec:
        spec = self._mapping(content, "the top level", _TABLE_KEYS)
        terms = tuple(str(term) for term in self._sequence(spec["terms"], "terms"))
        for term in terms:
            for factor in term.split(":"):
                self._allowed(factor, COVARIATES, f"terms, {term!r}")
        if len(set(terms)) < len(terms):
            raise self._error("a term is listed twice", "terms", "list each term once")
        rows = self._rows(spec["rows"])
        return TableSpec(
            table_no=self._text(spec["table_no"], "table_no"),
            title=self._text(spec["title"], "title"),
            note=self._text(spec["note"], "note"),
            family=self._allowed(spec["family"], FAMILIES, "family"),
            terms=terms,
            percent_of=self._cohort(self._mapping(spec["percent_of"], "percent_of", _CELL_KEYS)),
            columns=self._columns(spec["columns"], terms),
            rows=rows,
            file=self.file,
        )

    def _rows(self, content: object) -> tuple[RowSpec, ...]:
        rows = []
        for number, item in enumerate(self._sequence(content, "rows"), start=1):
            row = self._mapping(item, f"rows, item {number}", ("label", *_CELL_KEYS))
            rows.append(
                RowSpec(self._text(row["label"], f"rows, item {number}"), self._cohort(row))
            )
        labels = [row.label for row in rows]
        for label in labels:
            if labels.count(label) > 1:
                raise self._error(
                    f"the row label {label!r} is used twice", "rows", "label each row once"
                )
        return tuple(rows)

    def _columns(self, content: object, terms: tuple[str, ...]) -> tuple[ColumnSpec, ...]:
        columns = []
        for number, item in enumerate(self._sequence(content, "columns"), start=1):
            place = f"columns, item {number}"
            column = self._mapping(
                item, place, ("statistic", "heading", "kind"), optional=("contrast",)
            )
            statistic = self._text(column["statistic"], place)
            contrast = self._contrast(column.get("contrast"), terms, place)
            if not contrast:
                self._allowed(statistic, TOTALS, f"{place} (a statistic without a contrast)")
            kind = self._allowed(column["kind"], KINDS, f"{place}, kind")
            if (kind == "ratio") != bool(contrast):
                raise self._error(
                    f"{statistic!r} must be of kind 'ratio' exactly when it has a contrast",
                    place,
                    "add the contrast of a ratio, or use count, percent or rate",
                )
            columns.append(
                ColumnSpec(statistic, self._text(column["heading"], place), kind, contrast)
            )
        return tuple(columns)

    def _contrast(
        self, content: object, terms: tuple[str, ...], place: str
    ) -> tuple[tuple[str, float], ...]:
        if content is None:
            return ()
        if not isinstance(content, Mapping) or not content:
            raise self._error("a contrast must map terms to weights", place, "write it as {x1: 1}")
        pairs = []
        for term, weight in content.items():
            self._allowed(term, terms, f"{place}, contrast")
            if isinstance(weight, bool) or not isinstance(weight, int | float):
                raise self._error(
                    f"the weight of {term!r} is not a number", place, "write a number such as -1"
                )
            pairs.append((str(term), float(weight)))
        return tuple(pairs)

    def _cohort(self, row: Mapping[str, object]) -> Cohort:
        return Cohort(*(self._text(row[key], key) for key in _CELL_KEYS))

    def _mapping(
        self,
        content: object,
        place: str,
        required: Sequence[str],
        optional: Sequence[str] = (),
    ) -> Mapping[str, object]:
        allowed = ", ".join([*required, *optional])
        if not isinstance(content, Mapping):
            raise self._error("expected keys and values", place, f"give the keys {allowed}")
        for key in required:
            if key not in content:
                raise self._error(f"the key {key!r} is missing", place, f"give the keys {allowed}")
        for key in content:
            if key not in (*required, *optional):
                raise self._error(f"unknown key {key!r}", place, f"allowed keys: {allowed}")
        return content

    def _sequence(self, content: object, place: str) -> Sequence[object]:
        if not isinstance(content, list) or not content:
            raise self._error("expected a list with at least one item", place, "add an item")
        return content

    def _text(self, content: object, place: str) -> str:
        if not isinstance(content, str) or not content.strip():
            raise self._error(
                f"expected text, found {content!r}",
                place,
                "write it as text, in quotes if a number",
            )
        return content.strip()

    def _allowed(self, content: object, allowed: Sequence[str], place: str) -> str:
        if content not in allowed:
            raise self._error(
                f"{content!r} is not allowed", place, f"allowed values: {', '.join(allowed)}"
            )
        return str(content)

    def _error(self, problem: str, place: str, remedy: str) -> CinError:
        return CinError(problem, file=self.file, place=place, remedy=remedy)
