"""Specs are data: the shipped ones are right, and a wrong one is told where and what."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from analysis_py.specs import load_specs, read_spec
from common_py.errors import CinError


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


def _read(folder: Path, content: object) -> object:
    file = folder / "table_99.yml"
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content), "utf-8")
    return read_spec(file)


def test_every_row_and_statistic_is_named_as_the_report_names_it(project: Path) -> None:
    with (project / "seeds" / "published" / "report_values.csv").open(encoding="utf-8") as file:
        printed = {
            (row["table_no"], row["row_label"], row["statistic"]) for row in csv.DictReader(file)
        }
    for spec in load_specs():
        cells = {
            (spec.table_no, row.label, column.statistic)
            for row in spec.rows
            for column in spec.columns
        }
        assert cells == {cell for cell in printed if cell[0] == spec.table_no}


def test_tables_2_3_and_4_have_the_models_of_the_report() -> None:
    found = {spec.table_no: len(spec.rows) for spec in load_specs()}
    assert {number: found[number] for number in ("2", "3", "4")} == {"2": 6, "3": 2, "4": 11}


def test_a_valid_spec_is_read(tmp_path: Path) -> None:
    assert _read(tmp_path, _spec()) is not None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"family": "gamma"}, ["family", "'gamma'", "allowed values: poisson"]),
        ({"terms": ["x1", "x9"]}, ["terms", "'x9'", "allowed values: x1, x2"]),
        ({"terms": ["x1", "x1", "x1:x2"]}, ["terms", "twice"]),
        ({"rows": []}, ["rows", "at least one"]),
        ({"colour": "blue"}, ["'colour'", "allowed keys: table_no"]),
        ({"table_no": 2}, ["table_no", "in quotes"]),
        (
            {"columns": [{"statistic": "mean", "heading": "M", "kind": "count"}]},
            ["columns, item 1", "'mean'", "n, n_pct, population"],
        ),
        (
            {"columns": [{"statistic": "n", "heading": "N", "kind": "ratio"}]},
            ["columns, item 1", "contrast"],
        ),
        (
            {
                "columns": [
                    {"statistic": "r", "heading": "R", "kind": "ratio", "contrast": {"x3": 1}}
                ]
            },
            ["contrast", "'x3'", "x1, x2, x1:x2"],
        ),
    ],
)
def test_a_wrong_spec_names_file_place_and_allowed_values(
    tmp_path: Path, changes: dict[str, object], words: list[str]
) -> None:
    with pytest.raises(CinError) as raised:
        _read(tmp_path, _spec(**changes))
    for word in ["table_99.yml", "remedy", *words]:
        assert word in str(raised.value)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    content = _spec()
    del content["terms"]
    with pytest.raises(CinError, match="'terms' is missing"):
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
