"""From one file's YAML to table specs, or the place where it is wrong and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from analysis_py.spec_columns import ColumnReader
from analysis_py.spec_text import SpecText
from analysis_py.specs import (
    COVARIATES,
    FAMILIES,
    GRAINS,
    SENSITIVITIES,
    Cohort,
    ColumnSpec,
    ModelSpec,
    RowSpec,
    Sensitivity,
    TableSpec,
)
from common_py.errors import CinError
from common_py.yaml_text import from_yaml

#: The safe loader, in C where the machine's YAML has it.
_COHORT_KEYS = ("measure", "stratum_type", "stratum")
_OPTIONAL_COHORT_KEYS = ("basis", "timing")
_BASES = ("episode", "person")
_TIMINGS = ("incidence", "prevalence")
_WEIGHT = re.compile(r"^(mean)?\s*(?:([+-]?)\s*(\d+(?:\.\d+)?)\s*sd)?$")
_HOW = ("contrast", "percent_times", "predict", "reference")


def read_folder(folder: Path) -> tuple[TableSpec, ...]:
    """Read every spec of a folder; see `specs.load_specs`."""
    specs = tuple(spec for path in sorted(folder.glob("*.yml")) for spec in read_specs(path))
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


def read_specs(path: Path) -> tuple[TableSpec, ...]:
    """Read one file: its table, then the variants of it."""
    try:
        content = from_yaml(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark is not None else None
        raise CinError(
            "this is not valid YAML", file=path.name, place=place, remedy="mend the syntax there"
        ) from error
    return _Reader(SpecText(path.name)).tables(content)


@dataclass(frozen=True)
class _Defaults:
    """What a table says once for all of its models."""

    grain: str
    family: str
    terms: tuple[str, ...]
    centre: tuple[tuple[str, float], ...]


class _Reader:
    """Turns one file's parsed YAML into table specs."""

    def __init__(self, text: SpecText) -> None:
        self.text = text
        self.columns = ColumnReader(text)

    def tables(self, content: object) -> tuple[TableSpec, ...]:
        spec = self.text.mapping(
            content,
            "the top level",
            ("table_no", "title", "note", "columns", "rows"),
            ("grain", "family", "terms", "centre", "models", "percent_of", "sensitivities",
             "query", "variants"),
        )  # fmt: skip
        table = self._query_table(spec) if "query" in spec else self._model_table(spec)
        variants = self.text.sequence(spec["variants"], "variants") if "variants" in spec else ()
        return (
            table,
            *(self._variant(table, item, number) for number, item in enumerate(variants, 1)),
        )

    def _query_table(self, spec: Mapping[str, object]) -> TableSpec:
        for key in ("grain", "family", "terms", "models", "percent_of", "sensitivities"):
            if key in spec:
                raise self.text.error(
                    f"a table with a query has no {key!r}", key, "leave it out, or the query"
                )
        columns = self.columns.read(spec["columns"], "", ("",))
        query = spec["query"]
        return TableSpec(
            *self._heading(spec),
            columns=columns,
            rows=self._query_rows(spec["rows"], [column.statistic for column in columns]),
            file=self.text.file,
            query=(self.text.text(query, "query"),)
            if isinstance(query, str)
            else self.text.names(query, "query"),
        )

    def _query_rows(self, content: object, statistics: Sequence[str]) -> tuple[RowSpec, ...]:
        """Read the rows of a table without models; the prose has values without a row's name."""
        rows = []
        for number, item in enumerate(self.text.sequence(content, "rows"), 1):
            place = f"rows, item {number}"
            row = self.text.mapping(item, place, ("label",), ("only",))
            only = self.text.names(row.get("only"), f"{place}, only") or tuple(statistics)
            for name in only:
                self.text.allowed(name, statistics, f"{place}, only")
            label = "" if row["label"] == "" else self.text.text(row["label"], place)
            omit = tuple(name for name in statistics if name not in only)
            rows.append(RowSpec(label, (), omit=omit))
        self.text.unique([row.label for row in rows], "row label", "rows")
        return tuple(rows)

    def _model_table(self, spec: Mapping[str, object]) -> TableSpec:
        defaults = _Defaults(
            grain=self.text.allowed(spec.get("grain", "lsoa"), GRAINS, "grain"),
            family=self.text.allowed(spec.get("family", "poisson"), FAMILIES, "family"),
            terms=self._terms(spec.get("terms"), "terms"),
            centre=self._centre(spec.get("centre")),
        )
        if (defaults.grain == "outcome") != (defaults.family == "binomial"):
            raise self.text.error(
                "outcomes, and only they, have the family 'binomial'",
                "grain and family",
                "use grain: outcome with family: binomial",
            )
        shared = self._models(spec.get("models"), defaults)
        rows = self._rows(spec["rows"], shared, defaults)
        columns = self.columns.read(spec["columns"], defaults.family, _names_of(rows))
        self._check_terms(columns, rows)
        percent_of = spec.get("percent_of")
        if percent_of is None and any(
            column.statistic in ("n_pct", "population_pct") for column in columns
        ):
            raise self.text.error(
                "a percentage of what is not said", "percent_of", "name the cohort that is 100 %"
            )
        return TableSpec(
            *self._heading(spec),
            columns=columns,
            rows=rows,
            file=self.text.file,
            percent_of=None if percent_of is None else self._cohort(percent_of, "percent_of"),
            sensitivities=self._sensitivities(spec.get("sensitivities")),
        )

    def _heading(self, spec: Mapping[str, object]) -> tuple[str, str, str]:
        number, title, note = (
            self.text.text(spec[key], key) for key in ("table_no", "title", "note")
        )
        return number, title, note

    def _sensitivities(self, content: object) -> tuple[Sensitivity, ...]:
        if content is None:
            return ()
        found = []
        for item in self.text.sequence(content, "sensitivities"):
            said = item if isinstance(item, Mapping) else {item: None}
            for method, of in said.items():
                self.text.allowed(method, SENSITIVITIES, "sensitivities")
                names = self.text.names(of, f"sensitivities, {method}")
                if method == "hazard" and not (len(names) == 2 and names[1].isdigit()):
                    raise self.text.error(
                        "whose hazard, over how many months, is not said",
                        "sensitivities",
                        'write hazard: [cin, "3"]',
                    )
                found.append(Sensitivity(str(method), names))
        return tuple(found)

    def _terms(self, content: object, place: str) -> tuple[str, ...]:
        if content is None:
            return ()
        terms = tuple(str(term) for term in self.text.sequence(content, place))
        for term in terms:
            for factor in term.split(":"):
                self.text.allowed(factor, COVARIATES, f"{place}, {term!r}")
        self.text.unique(terms, "term", place)
        return terms

    def _centre(self, content: object) -> tuple[tuple[str, float], ...]:
        if content is None:
            return ()
        found = self.text.mapping(content, "centre", (), COVARIATES)
        return tuple(
            (name, self.text.number(value, f"centre, {name}")) for name, value in found.items()
        )

    def _models(self, content: object, defaults: _Defaults) -> tuple[ModelSpec, ...]:
        """Read the models that every row of the table has."""
        if content is None:
            return ()
        if not isinstance(content, Mapping) or not content:
            raise self.text.error(
                "expected models by name", "models", "write them as name: {measure: …}"
            )
        return tuple(
            self._model(str(name), item, f"models, {name}", defaults)
            for name, item in content.items()
        )

    def _model(self, name: str, item: object, place: str, defaults: _Defaults) -> ModelSpec:
        found = self.text.mapping(
            item, place, ("measure",), ("stratum_type", "stratum", "terms", *_OPTIONAL_COHORT_KEYS)
        )
        terms = self._terms(found.get("terms"), f"{place}, terms") or defaults.terms
        cohort = {key: value for key, value in found.items() if key != "terms"}
        return self._built(name, self._cohort(cohort, place), terms, defaults)

    def _built(
        self, name: str, cohort: Cohort, terms: tuple[str, ...], defaults: _Defaults
    ) -> ModelSpec:
        if not terms:
            raise self.text.error("a model has no terms", "terms", "list the table's terms")
        return ModelSpec(
            name, defaults.grain, defaults.family, cohort, terms, centre=defaults.centre
        )

    def _rows(
        self, content: object, shared: tuple[ModelSpec, ...], defaults: _Defaults
    ) -> tuple[RowSpec, ...]:
        rows = [
            self._row(item, f"rows, item {number}", shared, defaults)
            for number, item in enumerate(self.text.sequence(content, "rows"), start=1)
        ]
        self.text.unique([row.label for row in rows], "row label", "rows")
        return tuple(rows)

    def _row(
        self, item: object, place: str, shared: tuple[ModelSpec, ...], defaults: _Defaults
    ) -> RowSpec:
        extra = ("shift", "omit", "terms", "indicator")
        if shared:
            row = self.text.mapping(item, place, ("label",), extra)
            models = shared
        else:
            keys = ("outcome",) if defaults.grain == "outcome" else _COHORT_KEYS
            row = self.text.mapping(item, place, ("label", *keys), (*extra, *_OPTIONAL_COHORT_KEYS))
            models = (self._row_model(row, place, defaults),)
        return RowSpec(
            self.text.text(row["label"], place),
            self._bound(row, place, models),
            shift=self.columns.contrast(row.get("shift"), f"{place}, shift"),
            omit=self.text.names(row.get("omit"), f"{place}, omit"),
        )

    def _row_model(self, row: Mapping[str, object], place: str, defaults: _Defaults) -> ModelSpec:
        if "outcome" in row:
            cohort = Cohort(self.text.text(row["outcome"], f"{place}, outcome"))
        else:
            keys = (*_COHORT_KEYS, *_OPTIONAL_COHORT_KEYS)
            cohort = self._cohort({k: v for k, v in row.items() if k in keys}, place)
        return self._built("", cohort, defaults.terms, defaults)

    def _bound(
        self, row: Mapping[str, object], place: str, models: tuple[ModelSpec, ...]
    ) -> tuple[ModelSpec, ...]:
        """Return a row's models with its indicator, and its own terms by model."""
        indicator = row.get("indicator")
        if indicator is not None:
            name = self.text.text(indicator, f"{place}, indicator")
            models = tuple(replace(model, indicator=name) for model in models)
        elif any("z" in term.split(":") for model in models for term in model.terms):
            raise self.text.error(
                "the term z needs an indicator", place, "say indicator: and its name"
            )
        own = row.get("terms")
        if own is None:
            return models
        by_name = self.text.mapping(own, f"{place}, terms", (), [model.name for model in models])
        return tuple(
            replace(model, terms=self._terms(by_name[model.name], f"{place}, terms"))
            if model.name in by_name
            else model
            for model in models
        )

    def _check_terms(self, columns: Sequence[ColumnSpec], rows: Sequence[RowSpec]) -> None:
        """Refuse a contrast in a term that its model does not have."""
        for row in rows:
            for column in (one for one in columns if one.statistic not in row.omit):
                if column.how in ("total", "reference"):
                    continue
                terms = row.model(column.model).terms
                place = f"column {column.statistic!r} of row {row.label!r}, contrast"
                used = column.contrast + (row.shift if column.how == "contrast" else ())
                for term, _ in used:
                    self.text.allowed(term, terms, place)

    def _cohort(self, content: object, place: str) -> Cohort:
        row = self.text.mapping(
            content, place, ("measure",), (*_COHORT_KEYS, *_OPTIONAL_COHORT_KEYS)
        )
        known = {key: self.text.text(value, f"{place}, {key}") for key, value in row.items()}
        self.text.allowed(known.get("basis", "episode"), _BASES, f"{place}, basis")
        self.text.allowed(known.get("timing", "incidence"), _TIMINGS, f"{place}, timing")
        return Cohort(**known)

    def _variant(self, table: TableSpec, item: object, number: int) -> TableSpec:
        """Return the table again with another measure, basis or timing."""
        place = f"variants, item {number}"
        found = self.text.mapping(
            item,
            place,
            ("table_no", "title"),
            ("note", "rows", "headings", "sensitivities", "measure", *_OPTIONAL_COHORT_KEYS),
        )
        keys = ("measure", *_OPTIONAL_COHORT_KEYS)
        change = {key: self.text.text(found[key], place) for key in keys if key in found}
        # what is open on a day is a percentage of what began in the year
        base = {key: value for key, value in change.items() if key != "timing"}
        headings = self.text.mapping(
            found.get("headings", {}),
            f"{place}, headings",
            (),
            [column.statistic for column in table.columns],
        )
        labels = self.text.names(found.get("rows"), f"{place}, rows") or [
            row.label for row in table.rows
        ]
        for label in labels:
            self.text.allowed(label, [row.label for row in table.rows], f"{place}, rows")
        return replace(
            table,
            table_no=self.text.text(found["table_no"], place),
            title=self.text.text(found["title"], place),
            note=self.text.text(found.get("note", table.note), place),
            columns=tuple(
                replace(column, heading=str(headings.get(column.statistic, column.heading)))
                for column in table.columns
            ),
            rows=tuple(_changed(row, change) for row in table.rows if row.label in labels),
            percent_of=table.percent_of and replace(table.percent_of, **base),
            sensitivities=self._sensitivities(found.get("sensitivities")),
        )


def _names_of(rows: Sequence[RowSpec]) -> tuple[str, ...]:
    return tuple(model.name for model in rows[0].models)


def _changed(row: RowSpec, change: Mapping[str, str]) -> RowSpec:
    models = tuple(replace(model, cohort=replace(model.cohort, **change)) for model in row.models)
    return replace(row, models=models)
