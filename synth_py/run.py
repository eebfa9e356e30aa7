"""The whole way: places, counts, planted truth, children, files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from common_py.errors import CinError
from common_py.progress import Progress, silent
from synth_py import (
    counts,
    crowd,
    ethnic,
    extract,
    facts,
    indicators,
    look_back,
    people,
    planted,
    real_files,
    texts,
    years,
)
from synth_py.config import (
    CENSUS_YEAR,
    LOOK_BACK_YEAR,
    MEASURES,
    VERSION,
    SynthConfig,
    SynthResult,
)
from synth_py.geography import Geography, draw_places
from synth_py.later_files import write_indicators_of, write_later
from synth_py.population import draw_residents
from synth_py.published_files import as_geography, write_csv, write_reference
from synth_py.truth import Truth, make_truth

MARKER = "SYNTHETIC.json"
PARTS = ("census", "locations", "reference", "synthetic")
STEPS = ("places", "counts", "children", "extract", "planted truth and reference files")


@dataclass(frozen=True)
class World:
    """A geography and how its reference files, and those of further years, are written."""

    geography: Geography
    write_files: Callable[[Path], None]
    write_later: Callable[[Path], None] = lambda _: None


def make_world(config: SynthConfig, report: facts.Published) -> World:
    """Draw a synthetic geography, or read the real one of `config.reference`.

    Raises
    ------
    CinError
        If the settings contradict each other or a real file is missing.
    """
    census_years = years.census_years(config.n_years)
    if config.reference is not None:
        if config.size != "national" or config.n_years > 1:
            raise CinError(
                "real geography comes at national size and with one census year only",
                remedy="leave out either the reference folder, or size small and further years",
            )
        files = real_files.find_files(config.reference)
        return World(
            real_files.read_geography(files),
            lambda folder: real_files.copy_reference(files, folder),
        )
    places = draw_places(config)
    residents = draw_residents(config, places, report)
    return World(
        as_geography(places, residents),
        lambda folder: write_reference(folder, places, residents),
        lambda folder: write_later(folder, places, residents, census_years),
    )


def draw_counts(config: SynthConfig) -> counts.Counts:
    """Draw one England's expected and drawn counts without any child or file.

    Returns
    -------
    Counts
        Exactly the counts that `generate` with the same settings gives to children.
    """
    report = facts.published()
    geo = make_world(config, report).geography
    return counts.draw(config, make_truth(config, geo, report))


def generate(config: SynthConfig, data_dir: Path, progress: Progress = silent) -> SynthResult:
    """Write a synthetic England into `data_dir`, replacing an earlier synthetic one.

    Everything is written beside its place first; a run that fails leaves `data_dir` as it was.

    Raises
    ------
    CinError
        If `data_dir` holds data that are not synthetic, or the reference folder is incomplete.
    """
    _refuse_real_data(data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    fresh = data_dir / ".synthetic-next"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        result = _write_all(config, data_dir, fresh, progress)
        _swap(fresh, data_dir)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return result


def _write_all(config: SynthConfig, data_dir: Path, fresh: Path, progress: Progress) -> SynthResult:
    report = facts.published()

    def step(number: int) -> None:
        progress(f"synth: {STEPS[number]}", number, len(STEPS))

    step(0)
    world = make_world(config, report)
    geo = world.geography
    step(1)
    truth = make_truth(config, geo, report)
    drawn = counts.draw(config, truth)
    # Neither the planted truth nor the reference files need the children, nor draw anything.
    with ThreadPoolExecutor(1) as beside:
        unmet = beside.submit(_write_planted, config, fresh / "synthetic", truth, report)
        reference = beside.submit(_write_reference, config, world, truth, fresh / "reference")
        step(2)
        children = people.identify(config, geo, crowd.make_cases(config, report, drawn))
        step(3)
        n_rows = _write_census(config, fresh, report, truth, children)
        years.write_years(fresh, years.census_years(config.n_years), progress)
        step(4)
        n_unmet = unmet.result()
        reference.result()
    progress("synth", len(STEPS), len(STEPS))
    keep = geo.modelled
    return SynthResult(
        data_dir=data_dir,
        n_rows=n_rows,
        n_events={m: int(drawn.events(m)[keep].sum()) for m in MEASURES},
        n_expected={m: float(drawn.expected(m)[keep].sum()) for m in MEASURES},
        n_unmet=n_unmet,
    )


def _write_planted(config: SynthConfig, folder: Path, truth: Truth, report: facts.Published) -> int:
    folder.mkdir(parents=True)
    cells = planted.planted_cells(truth, report)
    missed = planted.unmet_cells(cells, report, config.size)
    planted.write_planted(folder / "planted.csv", cells)
    planted.write_unmet(folder / "unmet.csv", missed)
    marker = {
        "notice": "SYNTHETIC: no row describes a real child",
        "seed": config.seed,
        "size": config.size,
        "mode": config.mode,
        "version": VERSION,
        "geography": "synthetic" if config.reference is None else "real",
        "la_effect_sd": config.la_effect_sd,
        "context_gap": config.context_gap,
        "thinning_cap": config.thinning_cap,
        "match_rate": config.match_rate,
    }
    if config.n_years > 1:
        marker["census_years"] = list(years.census_years(config.n_years))
    if config.mode == "realistic":
        marker |= {
            "slope_sd": config.slope_sd,
            "msoa_sd": config.msoa_sd,
            "overdispersion_sd": config.overdispersion_sd,
        }
    (folder / MARKER).write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")
    return len(missed)


def _write_census(
    config: SynthConfig, fresh: Path, report: facts.Published, truth: Truth,
    children: people.People,
) -> dict[str, int]:  # fmt: skip
    """Write the extract and the locations of the year, and the referrals of the year before."""
    n_rows = {}
    tables = extract.tables(config, report, truth, children)
    for name, columns in tables.items():
        path = fresh / "census" / str(CENSUS_YEAR) / "extract" / f"{name}.parquet"
        n_rows[name] = texts.write_parquet(path, columns)
    for name, columns in look_back.tables(config, truth, children).items():
        path = fresh / "census" / str(LOOK_BACK_YEAR) / "extract" / f"{name}.parquet"
        n_rows[f"{name}_{LOOK_BACK_YEAR}"] = texts.write_parquet(path, columns)
    locations = people.location_columns(config, children, truth.geography)
    path = fresh / "locations" / str(CENSUS_YEAR) / "child_locations.parquet"
    return n_rows | {"child_locations": texts.write_parquet(path, locations)}


def _write_reference(config: SynthConfig, world: World, truth: Truth, folder: Path) -> None:
    """Write the files of the geography, and those of who lives there and what is done for them."""
    world.write_files(folder)
    world.write_later(folder)
    columns = ethnic.census_columns(truth.geography, truth.composition)
    write_csv(folder / ethnic.FILE, dict(columns))
    indicators.write_indicators(folder, truth.indicators, truth.geography)
    if config.n_years > 1:
        write_indicators_of(folder, indicators.FILE, years.census_years(config.n_years))


def _refuse_real_data(data_dir: Path) -> None:
    """Never write over what a user has put there."""
    if (data_dir / "synthetic" / MARKER).is_file():
        return
    for part in PARTS:
        folder = data_dir / part
        if folder.is_dir() and any(path.is_file() for path in folder.rglob("*")):
            raise CinError(
                "the data folder holds files that are not synthetic",
                file=str(folder),
                remedy="choose another folder with CIN_DATA_DIR, or move the files away",
            )


def _swap(fresh: Path, data_dir: Path) -> None:
    """Put the new folders in place of the old, the marker first, so that it is never missing."""
    for part in reversed(PARTS):
        if (data_dir / part).exists():
            (data_dir / part).replace(fresh / f"old-{part}")
        (fresh / part).replace(data_dir / part)
