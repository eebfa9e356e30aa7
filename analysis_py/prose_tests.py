"""Tests behind the prose, as data: which strata are compared, in which terms, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis_py.spec_text import SpecText
from analysis_py.specs import Cohort, ModelSpec
from common_py.yaml_text import from_yaml

FILE = Path(__file__).with_name("prose_tests.yml")
_KEYS = ("test_id", "question", "grain", "stratum_type", "strata", "terms", "of")
_TERMS = ("x1", "x2", "x1:x2")


@dataclass(frozen=True)
class ProseTest:
    """One test of one measure.

    Attributes
    ----------
    models
        A model a stratum, by its name; all have the same terms.
    of
        The terms whose coefficients are compared.
    """

    test_id: str
    question: str
    measure: str
    stratum_type: str
    models: Mapping[str, ModelSpec]
    of: tuple[str, ...]
    has_trend: bool
    contrasts: tuple[tuple[str, str], ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by among the models beside the tables."""
        return ("test", self.test_id, self.measure)


def load_tests(file: Path = FILE) -> tuple[ProseTest, ...]:
    """Read and check the tests, one a measure.

    Raises
    ------
    CinError
        If the file is not valid; it names the place and the allowed values.
    """
    text = SpecText(file.name)
    items = text.sequence(from_yaml(file.read_text(encoding="utf-8")), "the top level")
    return tuple(
        test for number, item in enumerate(items, 1) for test in _tests(text, item, number)
    )


def _tests(text: SpecText, item: object, number: int) -> list[ProseTest]:
    place = f"item {number}"
    found = text.mapping(item, place, _KEYS, ("measures", "trend", "contrasts"))
    strata = [text.text(one, f"{place}, strata") for one in text.sequence(found["strata"], place)]
    grain = text.allowed(found["grain"], ("lsoa", "msoa"), f"{place}, grain")
    terms = _terms(text, found["terms"], f"{place}, terms")
    of = _terms(text, found["of"], f"{place}, of")
    by_measure = found["stratum_type"] == "measure"
    measures = ["all"] if by_measure else text.sequence(found.get("measures"), f"{place}, measures")
    contrasts = [
        tuple(text.allowed(name, strata, f"{place}, contrasts") for name in text.sequence(pair, ""))
        for pair in (text.sequence(found["contrasts"], place) if "contrasts" in found else ())
    ]
    tests = []
    for measure in map(str, measures):
        cohorts = {
            name: Cohort(name) if by_measure else Cohort(measure, str(found["stratum_type"]), name)
            for name in strata
        }
        tests.append(
            ProseTest(
                test_id=text.text(found["test_id"], place),
                question=text.text(found["question"], place),
                measure=measure,
                stratum_type=text.text(found["stratum_type"], place),
                models={
                    name: ModelSpec("", grain, "poisson", cohort, terms)
                    for name, cohort in cohorts.items()
                },
                of=of,
                has_trend=bool(found.get("trend", False)),
                contrasts=tuple((pair[0], pair[1]) for pair in contrasts),
            )
        )
    return tests


def _terms(text: SpecText, content: object, place: str) -> tuple[str, ...]:
    return tuple(text.allowed(term, _TERMS, place) for term in text.sequence(content, place))
