"""The inputs of one authority, laid out as an ingest wants them, in a folder of their own.

Files are linked, not copied, where the disk can: published files are large. Postcodes are looked
up on the way and written nowhere.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from common_py.errors import CinError
from common_py.progress import Progress
from ingest_py.locate import locate
from ingest_py.published import year_vintages
from ingest_py.returns import ReturnFile, peek
from ingest_py.returns.submissions import Submission
from local_py.options import Options

Row = Mapping[str, str]
SYNTHETIC = "SYNTHETIC"
_MARKER = Path("synthetic") / "SYNTHETIC.json"
_NOTICE = "SYNTHETIC: no row describes a real child"
_LOCATIONS = "child_locations.csv"


@dataclass(frozen=True)
class Gathered:
    """What was laid out.

    Attributes
    ----------
    la_number
        The authority's three digits.
    census_years
        Years ending 31 March, the earliest first.
    is_synthetic
        Whether a return, or the published files, were drawn from a model.
    is_located
        Whether there is any file that says where children live.
    messages
        What the analyst should know; rows by number, never a value.
    """

    la_number: str
    census_years: tuple[int, ...]
    is_synthetic: bool
    is_located: bool
    messages: tuple[str, ...]


def gather(options: Options, project: Path, own: Path, data: Path, progress: Progress) -> Gathered:
    """Lay the inputs out below `data`, anew.

    Parameters
    ----------
    options
        What the analyst gives.
    project, own
        The project's folder, and the analyst's data folder: published files are read from its
        `reference`, and where children live from its `locations` if no file is given.
    data
        The folder to make.

    Raises
    ------
    CinError
        If a file is missing or is no return, or the returns are of several authorities.
    """
    submissions = _submissions(options.returns)
    la_number = _one_authority(submissions)
    years = sorted({one.identity.census_year for one in submissions if one.identity})
    shutil.rmtree(data, ignore_errors=True)
    for number, one in enumerate(submissions, start=1):
        assert one.identity is not None  # noqa: S101 - `_submissions` raised otherwise
        name = f"{number:02d}_{one.file.path.name}"
        place(one.file.path, data / "census" / one.identity.census_year / "returns" / name)
    messages = _locations(options, own, data, year_vintages(project, years), progress)
    _reference(own / "reference", data / "reference")
    is_synthetic = _mark(submissions, own, data)
    return Gathered(
        la_number=la_number,
        census_years=tuple(int(year) for year in years),
        is_synthetic=is_synthetic,
        is_located=(data / "locations").is_dir(),
        messages=tuple(messages),
    )


def _submissions(returns: Sequence[Path]) -> list[Submission]:
    found = []
    for path in returns:
        if not path.is_file():
            raise CinError(
                "there is no such return", file=str(path), remedy="give the XML file itself"
            )
        submission = peek(ReturnFile(path, path.name))
        if submission.refusal is not None:
            raise submission.refusal
        found.append(submission)
    return found


def _one_authority(submissions: Sequence[Submission]) -> str:
    by_number: dict[str, str] = {}
    for one in submissions:
        if one.identity is not None:
            by_number.setdefault(one.identity.la_number, one.file.name)
    if len(by_number) != 1:
        named = ", ".join(f"{number} ({name})" for number, name in sorted(by_number.items()))
        raise CinError(
            f"the returns are of several authorities: {named}",
            remedy="give the returns of one authority; of several, `cin build` makes one warehouse",
        )
    return next(iter(by_number))


def place(source: Path, target: Path) -> None:
    """Put a file where it is wanted: a link where the disk can, else a copy.

    Raises
    ------
    CinError
        If it cannot be read: another program may hold it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        try:
            shutil.copyfile(source, target)
        except OSError as error:
            raise CinError(
                f"the file cannot be read ({error.strerror or type(error).__name__})",
                file=str(source),
                remedy="close it in other programs (Excel holds a file that it shows), and see "
                "that it is on this computer: a OneDrive file may be in the cloud only",
            ) from error


def _locations(
    options: Options, own: Path, data: Path, vintages: Sequence[Row], progress: Progress
) -> list[str]:
    """Lay out where children live, for each year of `year_vintages.csv`; return what to tell."""
    years = [row["census_year"] for row in vintages]
    if options.addresses is None:
        if options.onspd is not None:
            raise CinError("--onspd is there to look addresses up", remedy="give --addresses too")
        for year in years:
            for folder in (own / "locations" / year, own / "locations" / "all"):
                for path in _files(folder):
                    place(path, data / "locations" / folder.name / path.relative_to(folder))
        return []
    if not options.addresses.is_file():
        raise CinError(
            "there is no such file", file=str(options.addresses), remedy="check its name"
        )
    if options.onspd is None:
        _refuse_postcodes(options.addresses)
        for year in years:
            place(options.addresses, data / "locations" / year / _LOCATIONS)
        return []
    messages: list[str] = []
    for vintage in sorted({row["lsoa_vintage"] for row in vintages}):
        made = data / f"{vintage}_{_LOCATIONS}"
        report = locate(options.addresses, options.onspd, made, progress, lsoa_vintage=vintage)
        messages += [one for one in report.messages if one not in messages]
        for row in vintages:
            if row["lsoa_vintage"] == vintage:
                place(made, data / "locations" / row["census_year"] / _LOCATIONS)
        made.unlink()
    return messages


def _refuse_postcodes(addresses: Path) -> None:
    """Refuse a file of postcodes without the directory to look them up in."""
    try:
        with addresses.open(encoding="utf-8-sig", errors="replace") as stream:
            header = stream.readline(100_000).casefold()
    except OSError as error:
        raise CinError(
            f"the file cannot be read ({error.strerror})",
            file=str(addresses),
            remedy="close it in other programs",
        ) from error
    if "postcode" in header or "pcd" in header:
        raise CinError(
            "has postcodes, and nothing says in which LSOA they lie",
            file=str(addresses),
            remedy="give the ONS Postcode Directory too: --onspd FILE (csv, or zip as downloaded "
            "from geoportal.statistics.gov.uk)",
        )


def _reference(source: Path, target: Path) -> None:
    for path in _files(source):
        place(path, target / path.relative_to(source))


def _files(folder: Path) -> list[Path]:
    """Return the files below a folder, in a fixed order; none where there is no folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


def _mark(submissions: Sequence[Submission], own: Path, data: Path) -> bool:
    """Mark the inputs as SYNTHETIC where a return or the published files are."""
    drawn = [one for one in submissions if one.header and _is_drawn(one.header.software_code)]
    if not drawn and not (own / _MARKER).is_file():
        return False
    marker = data / _MARKER
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.write_text(json.dumps({"notice": _NOTICE}), encoding="utf-8")
    return True


def _is_drawn(software_code: str | None) -> bool:
    return (software_code or "").strip().upper() == SYNTHETIC
