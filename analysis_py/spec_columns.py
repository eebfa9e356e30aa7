"""A table's columns: which statistic, of which model, in which contrast, and how to print it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from analysis_py.spec_text import SpecText
from analysis_py.specs import COUNT_TOTALS, KINDS, OUTCOME_TOTALS, ColumnSpec, Contrast, Weight

_WEIGHT = re.compile(r"^(mean)?\s*(?:([+-]?)\s*(\d+(?:\.\d+)?)\s*sd)?$")
_HOW = ("contrast", "percent_times", "predict", "reference")


class ColumnReader:
    """Reads the columns of one file."""

    def __init__(self, text: SpecText) -> None:
        self.text = text

    def read(self, content: object, family: str, models: Sequence[str]) -> tuple[ColumnSpec, ...]:
        """Read a table's columns.

        Parameters
        ----------
        family
            Of the table's models; '' where it has a query in their place.
        models
            Names that a column's `model` may have.
        """
        columns = [
            self._column(item, f"columns, item {number}", family, models)
            for number, item in enumerate(self.text.sequence(content, "columns"), start=1)
        ]
        self.text.unique([column.statistic for column in columns], "statistic", "columns")
        return tuple(columns)

    def _column(self, item: object, place: str, family: str, models: Sequence[str]) -> ColumnSpec:
        column = self.text.mapping(item, place, ("statistic", "heading", "kind"), ("model", *_HOW))
        statistic = self.text.text(column["statistic"], place)
        said = [key for key in _HOW if key in column]
        if len(said) > 1:
            raise self.text.error(
                f"{' and '.join(said)} exclude each other", place, "keep one of them"
            )
        how = said[0] if said else ("total" if family else "query")
        kind = self.text.allowed(column["kind"], KINDS, f"{place}, kind")
        if how == "total":
            totals = OUTCOME_TOTALS if family == "binomial" else COUNT_TOTALS
            self.text.allowed(statistic, totals, f"{place} (a statistic without a contrast)")
        if family and (kind == "ratio") != (how in ("contrast", "reference")):
            raise self.text.error(
                f"{statistic!r} must be of kind 'ratio' exactly when it has a contrast",
                place,
                "add the contrast of a ratio, or use count, percent or rate",
            )
        contrast = () if how == "reference" else self.contrast(column.get(how), place)
        if how in ("percent_times", "predict") and family != "binomial":
            raise self.text.error(f"{how} is for outcomes", place, "use a contrast")
        model = self.text.allowed(column.get("model", models[0]), models, f"{place}, model")
        heading = self.text.text(column["heading"], place)
        return ColumnSpec(statistic, heading, kind, how, contrast, model)

    def contrast(self, content: object, place: str) -> Contrast:
        """Read weights by term."""
        if content is None:
            return ()
        if not isinstance(content, Mapping):
            raise self.text.error(
                "a contrast must map terms to weights", place, "write it as {x1: 1}"
            )
        return tuple((str(term), self._weight(term, one, place)) for term, one in content.items())

    def _weight(self, term: object, content: object, place: str) -> Weight:
        if isinstance(content, str):
            found = _WEIGHT.match(content.strip())
            if found and content.strip():
                sign = -1.0 if found[2] == "-" else 1.0
                return Weight(mean=float(bool(found[1])), sd=sign * float(found[3] or 0))
        elif isinstance(content, int | float) and not isinstance(content, bool):
            return Weight(value=float(content))
        raise self.text.error(
            f"the weight of {term!r} is not a number",
            place,
            "write a number such as -1, or text such as '-1 sd' or 'mean + 1 sd'",
        )
