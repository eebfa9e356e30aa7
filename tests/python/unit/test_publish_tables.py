"""Tables, sensitivities and figures as laid out: nothing lost, nothing withheld, reasons said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import vl_convert as vlc

from analysis_py.specs import TableSpec
from publish_py.beside import checks, sensitivity_view
from publish_py.charts import figure_02, gradient_figure
from publish_py.points import load_figures, point_figures
from publish_py.protect import ProtectedCell, hidden_matches, protect_cells, protect_points
from publish_py.render import figure_sql
from publish_py.rules import load_rules
from publish_py.tables import table_view
from publish_py.tally import tally
from tests.python.small_marts import SPECS

RULES = load_rules()


def cells(spec: TableSpec, **changes: Any) -> tuple[ProtectedCell, ...]:
    """Every cell of a table: 1.5 (1.4 to 1.6) of 1,000 events, as the warehouse would give it."""
    rows = [
        {
            **{"table_no": spec.table_no, "row_label": row.label, "statistic": column.statistic},
            **{"value": 1.5, "ci_low": 1.4, "ci_high": 1.6, "published_value": None},
            **{"published_low": None, "published_high": None, "published_p": None, "n_las": 150},
            **{"planted_value": None, "how": column.how, "p_value": None, "p_adjusted": None},
            **{
                "reason": "",
                "is_extrapolated": False,
                "measure": "referral",
                "stratum_type": "all",
            },
            **{"stratum": "all", "n_events": 1000, "n_trials": None, "converged": True},
        }
        | changes
        for row in spec.rows
        for column in spec.columns_of(row)
    ]
    return protect_cells(rows, RULES)


@pytest.mark.parametrize("table_no", sorted(SPECS))
def test_every_cell_of_every_table_has_its_place(table_no: str) -> None:
    spec = SPECS[table_no]
    found = cells(spec)
    view = table_view(spec, found)
    shown = sum(
        entry.text not in ("–", "")
        for row in view.rows
        for line in row.lines
        for entry in line.entries
        if line.name == "Estimated"
    )
    per_line = 2 if view.is_grid else 1
    shown += per_line * len(view.listed)
    assert shown == len(found)


@pytest.mark.parametrize("table_no", ["10", "11", "14", "15"])
def test_a_grid_has_nine_contexts_with_the_right_percentage_and_the_report_s(table_no: str) -> None:
    view = table_view(SPECS[table_no], cells(SPECS[table_no], published_value=1.5))
    assert view.is_grid
    assert len(view.listed) == 9
    assert len({line.heading for line in view.listed}) == 9
    for line in view.listed:
        published, right, reckoned = line.entries
        assert (published.text, right.text, right.interval) == ("1.5", "1.5", "1.4–1.6")
        assert (reckoned.text, reckoned.mark) == ("1.5", "inside")
        assert "reckons" not in line.heading


def test_what_holds_for_a_whole_row_is_said_once_and_far_contexts_are_marked() -> None:
    said = "no area has both a denominator and every term of the model"
    view = table_view(SPECS["2"], cells(SPECS["2"], value=None, converged=False, reason=said))
    first = view.rows[0]
    assert first.note == f"no estimate: {said}"
    estimated = first.lines[-1].entries
    assert {entry.note for entry in estimated} == {""}
    far = "extrapolated: 2 of 22 LAs lie 10 points or more above the average"
    view = table_view(SPECS["2"], cells(SPECS["2"], reason=far, is_extrapolated=True))
    entry = view.rows[0].lines[-1].entries[-1]
    assert (entry.far, entry.note) == (far, "")
    view = table_view(SPECS["2"], cells(SPECS["2"], value=None, reason=far, is_extrapolated=True))
    assert {entry.far for entry in view.rows[0].lines[-1].entries} == {""}


def test_lines_and_a_source_are_there_where_they_hold_something() -> None:
    spec = SPECS["2"]
    own = table_view(spec, cells(spec))
    assert own.lines == ("Estimated",)
    assert own.has_intervals
    rows = list(cells(spec))
    rows[0] = replace(rows[0], published=300.0, planted=301.0)
    mixed = table_view(spec, rows)
    named = [tuple(line.name for line in row.lines) for row in mixed.rows]
    assert named == [("Published", "Planted", "Estimated"), *[("Estimated",)] * 5]
    assert not table_view(spec, cells(spec, ci_low=None, ci_high=None)).has_intervals


def test_the_p_value_that_the_report_prints_stands_beneath_its_interaction() -> None:
    for printed, words in (("<0.001", "p < 0.001"), ("0.02", "p = 0.02"), ("not significant",) * 2):
        found = cells(SPECS["2"], published_value=0.8, published_p=printed)
        entries = table_view(SPECS["2"], found).rows[0].lines[0].entries
        assert [one.note for one in entries] == [""] * 6 + [words]


def test_a_range_stands_in_the_place_of_a_value() -> None:
    view = table_view(SPECS["text"], cells(SPECS["text"], value=None, ci_low=-2.2, ci_high=2.3))
    entry = next(
        line.entries[-1] for line in view.listed if "change of the gradient" in line.heading
    )
    assert (entry.text, entry.interval) == ("−2.2 to 2.3", "")


def test_rows_that_rest_on_other_authorities_say_how_many_and_what_lies_outside_once() -> None:
    spec = SPECS["18"]
    said = "events lie in areas without population"
    rows = [
        replace(
            cell,
            n_las=150 if cell.row_label.startswith("LA income") else 146,
            estimate=replace(cell.estimate, reason=f"{counts[cell.statistic[:3]]} {said}"),
        )
        for counts in ({"cin": "3,632", "cp_": "fewer than 10"},)
        for cell in cells(spec)
        for counts in (counts | {cell.statistic[:3]: counts.get(cell.statistic[:3], "6,153")},)
    ]
    view = table_view(spec, rows)
    assert view.rows[0].note.startswith("150 authorities; ")
    assert view.rows[1].note == f"146 authorities; 6,153, 3,632 and fewer than 10 {said}"
    assert {entry.note for row in view.rows for entry in row.lines[-1].entries} == {""}
    assert all("authorities" not in row.note for row in table_view(spec, cells(spec)).rows)


def test_recovery_is_counted_by_table_and_over_gradients_and_interactions() -> None:
    held = cells(SPECS["2"], planted_value=1.5)
    missed = cells(SPECS["18"], planted_value=1.7)
    result = tally([SPECS["18"], SPECS["2"]], [*held, *missed])
    n_held = sum(cell.estimate.ci_low is not None for cell in held)
    assert [(one.name, one.n, one.n_held) for one in result.recovery] == [
        ("Table 2", n_held, n_held),
        ("Table 18", len(missed), 0),
    ]
    assert (result.coefficients.n, result.coefficients.n_held) == (12, 12)
    # Binomial(12, 0.95): P(X <= 8) = 0.0022, P(X <= 9) = 0.0196
    assert result.band == (9, 12)
    tables = [SPECS[number] for number in ("2", "3", "4", "5", "6", "7", "8", "9", "12", "13")]
    every = tally(tables, [cell for spec in tables for cell in cells(spec, planted_value=1.7)])
    assert (every.coefficients.n, every.coefficients.n_held) == (124, 0)
    # P(X <= 110) = 0.0037, P(X <= 111) = 0.0094; P(X <= 122) = 0.9870, P(X <= 123) = 0.9983
    assert every.band == (111, 123)


def test_printed_values_without_an_estimate_are_listed_with_the_reason() -> None:
    found = cells(SPECS["2"], value=None, published_value=2.0, converged=False, reason="none here")
    result = tally([SPECS["2"]], found)
    assert (result.n_printed, len(result.absent)) == (0, len(found))
    assert {one.what for one in result.absent} >= {"no estimate: none here"}


def test_few_successes_or_few_failures_hide_an_outcome() -> None:
    spec = SPECS["9"]
    for n_events in (4, 996):
        hidden = cells(spec, n_events=n_events, n_trials=1000)
        shown = [cell for cell in hidden if not cell.estimate.is_suppressed]
        assert {cell.statistic for cell in shown} == {"ratio_reference"}
    assert not any(cell.estimate.is_suppressed for cell in cells(spec, n_events=500, n_trials=1000))


def test_sensitivities_stand_beside_their_cell_and_are_hidden_with_it() -> None:
    spec = SPECS["2"]
    rows = [
        {
            **{"table_no": "2", "row_label": "Referral", "statistic": "irr", "method": method},
            **{"value": 1.61, "ci_low": 1.5, "ci_high": 1.7, "reason": "a note"},
        }
        for method in ("cr2", "random_slope")
    ]
    view = sensitivity_view(spec, cells(spec), rows)
    assert view is not None
    assert view.methods == ("Gradient varies between LAs", "No random effect, CR2 limits")
    ((label, heading, entries),) = view.rows
    assert (label, heading) == ("Referral", "Social gradient")
    assert [entry.text for entry in entries] == ["1.50", "1.61", "1.61"]
    few = sensitivity_view(spec, cells(spec, n_events=7), rows)
    assert few is not None
    assert {entry.text for entry in few.rows[0][2]} == {"c"}
    assert sensitivity_view(SPECS["3"], cells(SPECS["3"]), rows) is None


def point(figure_no: str, series: str, place: str, **changes: Any) -> dict[str, Any]:
    return {
        **{"figure_no": figure_no, "measure": "referral", "measure_label": "Referral"},
        **{"series": series, "place": place, "place_name": f"Place {place}", "x": 10.0, "y": 400.0},
        **{"ci_low": 380.0, "ci_high": 420.0, "n_events": 500, "n_areas": 50},
        **{"population": 12500.0, "is_extrapolated": False},
    } | changes


def left(rows: list[dict[str, Any]], hidden: frozenset[Any] = frozenset()) -> set[tuple[str, str]]:
    found = protect_points(rows, hidden, RULES)
    assert all("n_events" not in row for row in found.rows)
    assert found.n_withheld == len(rows) - len(found.rows)
    return {(row["series"], row["place"]) for row in found.rows}


def test_a_bar_of_few_events_takes_the_one_beside_it_along() -> None:
    rows = [
        point("7", series, place, n_events=n)
        for series, place, n in (
            *(("rural", "1", 4), ("rural", "2", 300), ("rural", "all", 304)),
            *(("urban", "1", 200), ("urban", "2", 400), ("urban", "all", 600)),
            *(("all", "1", 204), ("all", "2", 700), ("all", "all", 904)),
        )
    ]
    assert left(rows) == {
        ("all", "1"), ("all", "2"), ("all", "all"), ("rural", "all"), ("urban", "all")
    }  # fmt: skip


def test_points_of_single_authorities_follow_their_pages_and_never_stand_for_an_lsoa() -> None:
    rows = [point("3", "all", "A"), point("3", "all", "B"), point("4", "low", "A", n_areas=1)]
    assert left(rows) == {("all", "A"), ("all", "B")}
    hidden = frozenset({("B", "referral", "incidence", "all", "all")})
    assert left(rows, hidden) == {("all", "A")}


def test_curves_are_of_a_model_and_have_no_count_to_hide() -> None:
    rows = [point("inverse_intervention", "LSOAs of 5 %", "", n_events=None)]
    assert left(rows) == {("LSOAs of 5 %", "")}


def test_a_small_remainder_of_the_match_analysis_is_hidden_with_another_group() -> None:
    groups = [
        {"breakdown": kind, "category": name, "n_children": n, "n_matched": round(0.8 * n)}
        for kind, name, n in (
            *(("all", "All", 1003), ("sex", "Males", 500), ("sex", "Females", 500)),
            *(("sex", "Sex not known", 3), ("age", "Age 5", 503), ("age", "Age 6", 500)),
        )
    ]
    hidden = hidden_matches(groups, RULES)
    assert "Sex not known" in hidden
    assert len(hidden & {"Males", "Females"}) == 1
    assert not hidden & {"All", "Age 5", "Age 6"}


LINE = {
    **{"measure": "referral", "measure_label": "Referral", "report_label": "Referral"},
    **{"mean_irr": 1.6, "intercept": 1.9, "slope": -0.2, "ci_low": -0.3, "ci_high": -0.1},
    **{"reason": "", "published_mean": 1.62, "published_low": 1.2, "published_high": 2.4},
}


def every_figure() -> list[Any]:
    """One figure of each kind, from made points."""
    series = {spec.figure_no: list(spec.series) for spec in load_figures()}
    rows = [
        point(figure_no, name, place, x=None if place == "all" else float(place), y=300.0 + step)
        for figure_no, names in series.items()
        for name in names
        for step, place in enumerate(("1", "2", "3", *(["all"] if figure_no in "78" else [])))
    ]
    lines = [
        {
            **{"figure_no": "3", "measure": "referral", "series": "all", "x_min": 1.0},
            **{"x_max": 3.0, "intercept": 1.0, "slope": 2.0, "ci_low": 1.0, "ci_high": 3.0},
            "reason": "",
        }
    ]
    bands = [{"income_pct_mean": 5.0, "rate_per_10k": 100.0, "n_lsoas": 40}]
    rates = dict.fromkeys(("slope", "income_pct_min"), None)
    own = {
        **{"la_name": "A", "la_income_pct": 12.0, "irr": 1.5, "ci_low": 1.2, "ci_high": 1.9},
        "shrunken_irr": 1.55,
    }
    return [
        figure_02(bands, rates | {"n_lsoas": 40, "reason": "too few"}, synthetic=True),
        gradient_figure(5, [own], LINE, synthetic=True),
        *point_figures(rows, lines, synthetic=True),
    ]


def keys(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        return set(value) | {name for one in value.values() for name in keys(one)}
    if isinstance(value, list | tuple):
        return {name for one in value for name in keys(one)}
    return set()


def test_every_figure_is_vega_lite_that_draws_zooms_and_tells_only_what_is_listed() -> None:
    figures = every_figure()
    assert {one.number for one in figures} == {
        *("Figure 2", "Figure 3", "Figure 4", "Figure 5", "Figure 7", "Figure 8"),
        "Inverse intervention effect",
    }
    for one in figures:
        vlc.vegalite_to_vega(dict(one.spec))
        svg = one.svg()
        assert "SYNTHETIC" in svg, one.name
        assert "zoom" in json.dumps(one.spec), one.name
        assert "tooltip" in keys(one.spec), one.name
        assert not {"n_events", "population"} & keys(one.spec), one.name
        assert all(len(row) == len(one.columns) for row in one.rows), one.name
        assert one.sql_name in figure_sql(), one.name
        assert "select" in figure_sql()[one.sql_name]


def test_real_pictures_are_not_called_synthetic() -> None:
    own = point_figures([point("3", "all", "A")], [], synthetic=False)
    assert "SYNTHETIC" not in own[0].svg()


def test_a_figure_without_points_is_not_drawn() -> None:
    assert point_figures([], [], synthetic=True) == ()
    assert point_figures([point("3", "all", "A", y=None)], [], synthetic=True) == ()


def test_checks_are_laid_out_and_empty_ones_left_out() -> None:
    class Data:
        tests = (
            {
                **{"test_id": "sex", "question": "Do they differ?", "measure_label": "Referral"},
                **{"kind": "joint", "subject": "social gradient", "statistic": 3.2, "df": 1.0},
                **{"p_value": 0.0004, "p_adjusted": None, "ratio": None, "ratio_low": None},
                **{"ratio_high": None, "reason": "a stratum is empty"},
            },
        )
        domains = indices = correlations = ()

    (view,) = checks(Data())  # type: ignore[arg-type]
    assert view.title == "Do they differ?"
    (row,) = view.rows
    assert row == (
        *("Referral", "social gradient (a stratum is empty)", "joint", "3.20", "1", "< 0.001"),
        *("", ""),
    )
    assert len(row) == len(view.columns)
