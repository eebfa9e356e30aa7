"""Synthesis over the real geography of England: the study's denominators, to the unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_py import facts
from synth_py.geography import Geography
from synth_py.real_files import (
    RealFiles,
    copy_reference,
    find_files,
    published_tables,
    read_geography,
)


@pytest.fixture(scope="module")
def files(reference: Path) -> RealFiles:
    return find_files(reference)


@pytest.fixture(scope="module")
def england(files: RealFiles) -> Geography:
    return read_geography(files)


def test_lsoas_and_authorities(england: Geography) -> None:
    assert england.lsoa_code.size == 32_844
    assert int(england.modelled.sum()) == 32_837
    assert int(england.la_modelled.sum()) == 150


def test_denominators_are_the_study_s(england: Geography) -> None:
    report = facts.published()
    children = england.children[england.modelled].sum(axis=0)
    assert int(children.sum()) == 7_515_784
    assert children.sum(axis=0).tolist() == [3_851_406, 3_664_378]
    printed = [report.value("4", row, "population") for row in report.rows("4")]
    assert children.sum(axis=1).tolist() == printed


def test_authority_averages_are_those_of_2015(england: Geography) -> None:
    assert england.la_income[england.la_modelled].std() == pytest.approx(0.0502, abs=0.0003)
    assert england.income.max() == 0.639


def test_files_are_copied_as_they_are(files: RealFiles, tmp_path: Path) -> None:
    copy_reference(files, tmp_path)
    copied = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    # with DfE's published tables, of which the real results are made
    wanted = {*files.paths.values(), *published_tables(files.folder)}
    assert copied == sorted(path.name for path in wanted)
