"""Great Expectations over pandas frames, in memory: checks in, plain results out."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from expectations.checks import Check
from expectations.settings import Limits

if TYPE_CHECKING:
    import pandas as pd

_QUIET: Any = {"globally": False, "metric_calculations": False}

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass(frozen=True)
class CheckResult:
    """What one check found in one census year.

    `observed` holds England's values or counts of places; one authority's value is never in
    it. `where` names the places that fail.
    """

    check: str
    title: str
    census_year: int
    status: str
    expectation: str
    observed: str
    limit: str
    where: tuple[str, ...]
    why: str
    table: str
    remedy: str

    def line(self) -> str:
        """Return the result as one readable line."""
        places = f" ({', '.join(self.where)})" if self.where else ""
        limit = f"; limit: {self.limit}" if self.limit else ""
        return f"{self.title}, {self.census_year}: {self.observed}{limit}{places}. {self.why}"


def run_checks(
    census_year: int,
    checks: Sequence[Check],
    limits: Mapping[str, Limits],
    frames: Mapping[str, pd.DataFrame],
    why: Mapping[str, str],
) -> list[CheckResult]:
    """Judge the checks that have limits, in their order; the others are skipped.

    Parameters
    ----------
    limits
        By check name, for the size of this census.
    frames
        By frame name.
    """
    batches = _Batches()
    return [
        _run_check(
            _Question(census_year, check, limits.get(check.name), why[check.name]),
            frames[check.frame],
            batches,
        )
        for check in checks
    ]


@dataclass(frozen=True)
class _Question:
    """A check of one census year with its limits, which make the result of any answer."""

    census_year: int
    check: Check
    limits: Limits | None
    why: str

    def answer(
        self, status: str, observed: str, expectation: str = "", where: Sequence[str] = ()
    ) -> CheckResult:
        return CheckResult(
            check=self.check.name,
            title=self.check.title,
            census_year=self.census_year,
            status=status,
            expectation=expectation,
            observed=observed,
            limit=self.limits.text(self.check.unit) if self.limits else "",
            where=tuple(where),
            why=self.why,
            table=self.check.table,
            remedy=self.check.remedy,
        )


def _run_check(question: _Question, frame: pd.DataFrame, batches: _Batches) -> CheckResult:
    check = question.check
    if question.limits is None:
        return question.answer(SKIPPED, "not checked for a census of this size")
    if frame.empty:
        status = SKIPPED if check.when_empty else FAILED
        return question.answer(status, check.when_empty or "there is nothing to judge")
    outcomes = batches.validate(check, question.limits, frame)
    places = sorted({label for outcome in outcomes for label in outcome.where})
    passed = all(outcome.success for outcome in outcomes)
    return question.answer(
        PASSED if passed else FAILED,
        _observed(check, frame, places),
        " + ".join(outcome.expectation for outcome in outcomes),
        () if passed else places,
    )


def _observed(check: Check, frame: pd.DataFrame, where: Sequence[str]) -> str:
    values = frame[check.column]
    if check.kind == "median":
        return f"median {_number(values.median())}{check.unit}"
    if check.kind == "values" and check.is_open:
        if len(frame) == 1:
            return f"{_number(values.iloc[0])}{check.unit}"
        return f"{_number(values.min())} to {_number(values.max())}{check.unit}"
    return f"{len(where)} of {len(frame)} outside"


def _number(value: float) -> str:
    """Return a value with three digits, and no fewer than its whole part has."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


@dataclass(frozen=True)
class _Outcome:
    expectation: str
    success: bool
    where: tuple[str, ...]


class _Batches:
    """An ephemeral Great Expectations context: nothing on disk, nothing sent anywhere."""

    def __init__(self) -> None:
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        import great_expectations as gx  # noqa: PLC0415 (five seconds to import)

        self._gx = gx
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = _QUIET
        self._source = context.data_sources.add_pandas("gate")
        self._definitions: dict[str, Any] = {}

    def validate(self, check: Check, limits: Limits, frame: pd.DataFrame) -> list[_Outcome]:
        """Ask the check's expectations of a frame."""
        if check.frame not in self._definitions:
            asset = self._source.add_dataframe_asset(name=check.frame)
            self._definitions[check.frame] = asset.add_batch_definition_whole_dataframe("all")
        batch = self._definitions[check.frame].get_batch(batch_parameters={"dataframe": frame})
        result_format = {
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["label"],
        }
        return [
            _outcome(batch.validate(expectation, result_format=result_format))
            for expectation in self._expectations(check, limits)
        ]

    def _expectations(self, check: Check, limits: Limits) -> list[Any]:
        asked = self._gx.expectations
        complete = asked.ExpectColumnValuesToNotBeNull(column=check.column)
        if check.kind == "median":
            return [
                complete,
                asked.ExpectColumnMedianToBeBetween(
                    column=check.column, min_value=limits.low, max_value=limits.high
                ),
            ]
        if check.kind == "ordered":
            return [
                complete,
                asked.ExpectColumnValuesToNotBeNull(column=check.second_column),
                asked.ExpectColumnPairValuesAToBeGreaterThanB(
                    column_A=check.column, column_B=check.second_column, or_equal=True
                ),
            ]
        return [
            complete,
            asked.ExpectColumnValuesToBeBetween(
                column=check.column,
                min_value=limits.low,
                max_value=limits.high,
                mostly=limits.share,
            ),
        ]


def _outcome(result: Any) -> _Outcome:
    """Keep the verdict and the places; values stay behind."""
    places = (result.result or {}).get("unexpected_index_list") or []
    return _Outcome(
        expectation=str(result.expectation_config.type),
        success=bool(result.success),
        where=tuple(str(place["label"]) for place in places),
    )
