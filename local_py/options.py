"""What `cin local` is asked for, and the presets that it may be asked for by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common_py.errors import CinError
from common_py.yaml_text import from_yaml

_FILE = Path(__file__).with_name("presets.yml")
PRESETS: Mapping[str, Mapping[str, Any]] = from_yaml(_FILE.read_text(encoding="utf-8"))
"""The settings of each preset, over those of `dbt_project.yml`."""

DEFAULT_PRESET = "la"


@dataclass(frozen=True)
class Options:
    """What an analyst of one authority gives.

    Attributes
    ----------
    returns
        XML returns of one authority, of any number of years.
    output
        The folder of the site; one that stands there is replaced when the new one is whole.
    addresses, onspd
        A CSV of children and postcodes with the ONS Postcode Directory, or a CSV of children and
        LSOAs alone; None for the files of `locations/<year>/` in the data folder.
    preset
        The name of one of `PRESETS`.
    areas
        A CSV that says in which areas of the authority's own each LSOA lies; None for none.
    keep_going
        Whether files that were refused, and rows set aside, are accepted.
    """

    returns: tuple[Path, ...]
    output: Path
    addresses: Path | None = None
    onspd: Path | None = None
    preset: str = DEFAULT_PRESET
    areas: Path | None = None
    keep_going: bool = False

    def settings(self, la_number: str, excluded: list[str]) -> dict[str, Any]:
        """Return the settings of the build of one authority.

        Parameters
        ----------
        la_number
            The authority, which is the only one with rows in the rate marts.
        excluded
            Authorities left out of the study for their size; the one asked for is not.

        Raises
        ------
        CinError
            If there is no such preset.
        """
        if self.preset not in PRESETS:
            raise CinError(
                f"there is no preset {self.preset}", remedy=f"choose {' or '.join(PRESETS)}"
            )
        return {
            **PRESETS[self.preset],
            "only_la_numbers": [la_number],
            "excluded_la_numbers": [one for one in excluded if one != la_number],
        }
