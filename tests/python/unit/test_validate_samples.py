"""`cin validate` runs to the end on the sample files, whatever is in them; what it finds is here.

The counts are facts computed from files that are no part of the project. Each is the number of
offending values by rule, held by the rules' own unit tests; here they show that stray text, dates
of other centuries and elements of other years end no run and lose no rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.python.planned_once import planned
from validate_py import Options, validate
from validate_py import run as running

FOUND = {
    "CIN_Census_2021.xml": {
        "8565": 2, "1103": 1, "1104": 1, "1105": 1, "1510": 1, "1530": 1, "2889": 1, "4013": 1,
        "4016": 1, "8620": 1, "8696": 1, "8715": 1, "8930": 1, "1560Q": 1, "2887Q": 1, "8525Q": 1,
        "8530Q": 1, "8545Q": 1,
    },
    "CIN_Census_2024.xml": {
        "8565": 2, "8696": 2, "100": 1, "1103": 1, "1104": 1, "1105": 1, "1510": 1, "1530": 1,
        "2889": 1, "4016": 1, "4180": 1, "8520": 1, "8600": 1, "8608": 1, "8620": 1, "1560Q": 1,
        "2887Q": 1, "8897Q": 1,
    },
    "CIN_Census_2026.xml": {
        "8565": 2, "8696": 2, "100": 1, "1103": 1, "1104": 1, "1105": 1, "1510": 1, "1530": 1,
        "2889": 1, "4016": 1, "4180": 1, "8520": 1, "8600": 1, "8608": 1, "8620": 1, "1560Q": 1,
        "2887Q": 1, "8897Q": 1,
    },
    "fake_CIN_data.xml": {
        "8831": 350, "1510": 320, "8569": 302, "1530": 272, "8620": 218, "8600": 46, "8555": 30,
        "2990": 28, "8520": 6, "8794": 5, "8790": 3, "100": 1, "8585Q": 35, "8825Q": 30,
        "8545Q": 20, "2886Q": 1,
    },
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _planned() -> Iterator[None]:
    """Render the rules once for all samples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "plan", planned)
        yield


@pytest.fixture(scope="module")
def samples(shared: Path) -> Path:
    return shared / "census" / "samples"


def test_every_sample_is_looked_at(samples: Path) -> None:
    assert {path.name for path in samples.glob("*.xml")} == set(FOUND)


AS_IN_2026 = pytest.param("CIN_Census_2024.xml", marks=pytest.mark.slow)
"""The sample in which the same is found as in that of 2026."""


@pytest.mark.parametrize("name", [*sorted(FOUND.keys() - {*AS_IN_2026.values}), AS_IN_2026])
def test_a_sample_runs_to_the_end(samples: Path, tmp_path: Path, name: str) -> None:
    outcome = validate(Options((samples / name,), tmp_path))
    assert {rule.rule_code: rule.n_issues for rule in outcome.rules} == FOUND[name]
    assert outcome.exit_code == 4
