"""Specs are data: the shipped ones are right, and a wrong one is told where and what."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from analysis_py.spec_reader import read_specs
from analysis_py.specs import ModelSpec, TableSpec, Weight, load_specs
from common_py.errors import CinError

OUTCOME = {"grain": "outcome", "family": "binomial"}


def _spec(**changes: object) -> dict[str, object]:
    cohort = {"measure": "referral", "stratum_type": "all", "stratum": "all"}
    return {
        "table_no": "99",
        "title": "A table",
        "note": "A note",
        "family": "poisson",
        "terms": ["x1", "x2", "x1:x2"],
        "percent_of": cohort,
        "columns": [
            {"statistic": "n", "heading": "N", "kind": "count"},
            {"statistic": "irr", "heading": "IRR", "kind": "ratio", "contrast": {"x1": 1}},
        ],
        "rows": [{"label": "Referral", **cohort}],
    } | changes


def _read(folder: Path, content: object) -> tuple[TableSpec, ...]:
    file = folder / "table_99.yml"
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content), "utf-8")
    return read_specs(file)


def _printed(project: Path) -> set[tuple[str, str, str]]:
    with (project / "seeds" / "published" / "report_values.csv").open(encoding="utf-8") as file:
        return {
            (row["table_no"], row["row_label"], row["statistic"]) for row in csv.DictReader(file)
        }


def _cells(spec: TableSpec) -> set[tuple[str, str, str]]:
    return {
        (spec.table_no, row.label, column.statistic)
        for row in spec.rows
        for column in spec.columns_of(row)
    }


def test_every_printed_value_has_a_cell_of_its_name(project: Path) -> None:
    cells = set().union(*map(_cells, load_specs()))
    assert _printed(project) - cells == set()


def test_a_table_of_the_report_has_no_other_cells_than_those_that_the_page_explains(
    project: Path,
) -> None:
    printed = _printed(project)
    numbers = {number for number, _, _ in printed}
    more = set().union(*(_cells(spec) for spec in load_specs() if spec.table_no in numbers))
    for number, row, statistic in more - printed:
        is_said = {
            "10": statistic.endswith("_predicted"),
            "11": statistic.endswith("_predicted"),
            "14": statistic.endswith("_predicted"),
            "15": statistic.endswith("_predicted"),
            "17": "SD" in row or row == "Mean density",
            "18": statistic.startswith(("cin_", "cp_plan_")),
            "19": statistic.startswith(("cin_", "cp_plan_")),
        }
        assert is_said.get(number, False), (number, row, statistic)


def test_tables_have_the_models_of_the_report() -> None:
    found = {spec.table_no: spec for spec in load_specs()}
    rows = {number: len(found[number].rows) for number in found}
    assert {number: rows[number] for number in ("2", "3", "4", "5", "6", "7", "8")} == {
        "2": 6, "3": 2, "4": 11, "5": 5, "6": 23, "7": 5, "8": 6,
    }  # fmt: skip
    assert rows["18"] == rows["19"] == 23
    assert {"3-cin", "3-cp_plan", "4-cin", "5-cp_plan", "2-person", "2-prevalence"} <= set(found)
    assert {model.grain for row in found["5"].rows for model in row.models} == {"msoa"}
    assert {model.terms for row in found["16"].rows for model in row.models} == {
        ("x1", "x2", "x1:x2", "rural", "x1:rural")
    }


def test_models_that_tables_share_are_one_model_and_identifiers_are_of_one_model_each() -> None:
    found = {spec.table_no: spec for spec in load_specs()}
    assert found["2"].rows[0].models[0].key == found["inverse-intervention"].rows[0].models[0].key
    assert found["9"].rows[0].models[0].key == found["10"].rows[0].models[0].key
    by_id: dict[str, ModelSpec] = {}
    for spec in found.values():
        for row in spec.rows:
            for model in row.models:
                assert by_id.setdefault(spec.spec_id(model), model).key == model.key


def test_a_valid_spec_is_read(tmp_path: Path) -> None:
    spec = _read(tmp_path, _spec())[0]
    assert spec.spec_id(spec.rows[0].models[0]) == "table_99/referral/all/all"
    assert spec.columns[1].contrast == (("x1", Weight(1.0)),)


def test_a_variant_is_the_table_with_another_measure(tmp_path: Path) -> None:
    variants = [{"table_no": "99-cin", "title": "CIN", "measure": "cin", "headings": {"n": "CIN"}}]
    table, variant = _read(tmp_path, _spec(variants=variants))
    assert variant.rows[0].cohort.measure == "cin"
    assert variant.percent_of is not None
    assert variant.percent_of.measure == "cin"
    assert variant.columns[0].heading == "CIN"
    assert (variant.note, table.rows[0].cohort.measure) == (table.note, "referral")


@pytest.mark.parametrize(
    ("weight", "meant"),
    [
        (-1, Weight(-1.0)),
        ("-1 sd", Weight(sd=-1.0)),
        ("2 sd", Weight(sd=2.0)),
        ("mean", Weight(mean=1.0)),
        ("mean - 1.5 sd", Weight(mean=1.0, sd=-1.5)),
    ],
)
def test_a_weight_may_be_told_in_means_and_deviations(
    tmp_path: Path, weight: object, meant: Weight
) -> None:
    column = {"statistic": "r", "heading": "R", "kind": "ratio", "contrast": {"x1:x2": weight}}
    spec = _read(tmp_path, _spec(columns=[column]))[0]
    assert spec.columns[0].contrast == (("x1:x2", meant),)


def test_a_table_without_models_takes_its_cells_from_sql(tmp_path: Path) -> None:
    content = {
        "table_no": "98", "title": "T", "note": "N", "query": ["text_areas"],
        "columns": [
            {"statistic": "a", "heading": "A", "kind": "number"},
            {"statistic": "b", "heading": "B", "kind": "number"},
        ],
        "rows": [{"label": "", "only": ["b"]}, {"label": "Mixed"}],
    }  # fmt: skip
    spec = _read(tmp_path, content)[0]
    assert spec.query == ("text_areas",)
    assert [column.statistic for column in spec.columns_of(spec.rows[0])] == ["b"]
    assert _cells(spec) == {("98", "", "b"), ("98", "Mixed", "a"), ("98", "Mixed", "b")}


RATIO = {"statistic": "r", "heading": "R", "kind": "ratio"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"family": "gamma"}, ["family", "'gamma'", "allowed values: poisson"]),
        ({"grain": "ward"}, ["grain", "'ward'", "allowed values: lsoa, msoa, outcome, la"]),
        ({"grain": "outcome"}, ["grain and family", "binomial"]),
        ({"terms": ["x1", "x9"]}, ["terms", "'x9'", "allowed values: x1, x2"]),
        ({"terms": ["x1", "x1", "x1:x2"]}, ["terms", "twice"]),
        ({"rows": []}, ["rows", "at least one"]),
        ({"colour": "blue"}, ["'colour'", "allowed keys: table_no"]),
        ({"table_no": 2}, ["table_no", "in quotes"]),
        ({"centre": {"x1": "far"}}, ["centre, x1", "expected a number"]),
        ({"sensitivities": ["magic"]}, ["sensitivities", "'magic'", "random_slope"]),
        ({"sensitivities": ["hazard"]}, ["sensitivities", 'hazard: [cin, "3"]']),
        ({"query": "text"}, ["a table with a query has no 'family'"]),
        (
            {"columns": [{"statistic": "mean", "heading": "M", "kind": "count"}]},
            ["columns, item 1", "'mean'", "n, n_pct, population"],
        ),
        (
            {"columns": [{"statistic": "n", "heading": "N", "kind": "ratio"}]},
            ["columns, item 1", "contrast"],
        ),
        ({"columns": [RATIO | {"contrast": {"x3": 1}}]}, ["contrast", "'x3'", "x1, x2, x1:x2"]),
        (
            {"columns": [RATIO | {"contrast": {"x1": "plenty"}}]},
            ["columns, item 1", "'x1'", "mean + 1 sd"],
        ),
        (
            {"columns": [RATIO | {"contrast": {"x1": 1}, "model": "other"}]},
            ["columns, item 1, model", "'other'"],
        ),
        (
            {"columns": [RATIO | {"contrast": {"x1": 1}, "reference": True}]},
            ["exclude each other"],
        ),
        (
            {"columns": [{"statistic": "p", "heading": "P", "kind": "percent", "predict": {}}]},
            ["predict is for outcomes"],
        ),
        (
            {"models": {"a": {"measure": "cin", "timing": "later"}}, "rows": [{"label": "R"}]},
            ["timing", "'later'", "incidence, prevalence"],
        ),
        (
            {"terms": ["z"], "columns": [RATIO | {"contrast": {"z": 1}}]},
            ["the term z needs an indicator"],
        ),
        ({"variants": [{"table_no": "9b", "title": "B", "rows": ["None"]}]}, ["'None'"]),
    ],
)
def test_a_wrong_spec_names_file_place_and_allowed_values(
    tmp_path: Path, changes: dict[str, object], words: list[str]
) -> None:
    with pytest.raises(CinError) as raised:
        _read(tmp_path, _spec(**changes))
    for word in ["table_99.yml", "remedy", *words]:
        assert word in str(raised.value)


def test_a_percentage_needs_a_base(tmp_path: Path) -> None:
    content = _spec(columns=[{"statistic": "n_pct", "heading": "%", "kind": "percent"}])
    del content["percent_of"]
    with pytest.raises(CinError, match="percent_of"):
        _read(tmp_path, content)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    content = _spec()
    del content["title"]
    with pytest.raises(CinError, match="'title' is missing"):
        _read(tmp_path, content)
    content = _spec()
    del content["terms"]
    with pytest.raises(CinError, match="a model has no terms"):
        _read(tmp_path, content)


def test_broken_yaml_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(CinError, match="line 2"):
        _read(tmp_path, "title: a\n\tb: c\n")


def test_two_specs_of_one_number_are_refused(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text(yaml.safe_dump(_spec()), "utf-8")
    with pytest.raises(CinError, match="more than one"):
        load_specs(tmp_path)


def test_an_empty_folder_of_specs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CinError, match="no table specification"):
        load_specs(tmp_path)
