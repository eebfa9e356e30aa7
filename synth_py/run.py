"""The whole way: places, counts, planted truth, children, files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common_py.errors import CinError
from common_py.progress import Progress, silent
from synth_py import cases, counts, extract, facts, people, planted, real_files, texts
from synth_py.config import CENSUS_YEAR, MEASURES, VERSION, SynthConfig, SynthResult
from synth_py.geography import Geography, draw_places
from synth_py.model import calibrate, step_shares
from synth_py.population import draw_residents
from synth_py.published_files import as_geography, write_reference
from synth_py.targets import read_targets

Floats = NDArray[np.float64]

ALL_REFERRALS = 650_930
ALL_EPISODES = 762_330
"""Referrals in 2018/19, and episodes of need at any point in it (DfE, tables A1 and C1)."""
MARKER = "SYNTHETIC.json"
PARTS = ("census", "locations", "reference", "synthetic")
STEPS = ("places", "counts", "planted truth", "children", "extract", "reference files")


@dataclass(frozen=True)
class World:
    """A geography and how its reference files are written below a folder."""

    geography: Geography
    write_files: Callable[[Path], None]


def make_world(config: SynthConfig, report: facts.Published) -> World:
    """Draw a synthetic geography, or read the real one of `config.reference`.

    Raises
    ------
    CinError
        If the settings contradict each other or a real file is missing.
    """
    if config.reference is not None:
        if config.size != "national":
            raise CinError(
                "real geography comes at national size only",
                remedy="leave out either the reference folder or size small",
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
    )


def draw_counts(config: SynthConfig) -> counts.Counts:
    """Draw one England's expected and drawn counts without any child or file.

    Returns
    -------
    Counts
        Exactly the counts that `generate` with the same settings gives to children.
    """
    report = facts.published()
    return _draw(config, make_world(config, report).geography, report)


def _draw(config: SynthConfig, geo: Geography, report: facts.Published) -> counts.Counts:
    return counts.draw(config, geo, calibrate(config, geo, read_targets(report)))


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
    drawn = _draw(config, geo, report)
    step(2)
    n_unmet = _write_planted(config, fresh / "synthetic", drawn, report)
    step(3)
    children = people.identify(config, report, geo, make_cases(config, drawn))
    step(4)
    n_rows = _write_census(config, fresh, report, geo, children)
    step(5)
    world.write_files(fresh / "reference")
    progress("synth", len(STEPS), len(STEPS))
    keep = geo.modelled
    return SynthResult(
        data_dir=data_dir,
        n_rows=n_rows,
        n_events={m: int(drawn.events(m)[keep].sum()) for m in MEASURES},
        n_expected={m: float(drawn.expected(m)[keep].sum()) for m in MEASURES},
        n_unmet=n_unmet,
    )


def make_cases(config: SynthConfig, drawn: counts.Counts) -> cases.Cases:
    """Return every child and episode: located, unmatched, other ages and carried over.

    The located children's events are exactly the drawn counts. The rest is scaled so that
    a national England has DfE's referrals and episodes of need.
    """
    rng, others = config.stream("episodes"), config.stream("others")
    geo = drawn.geography
    steps = step_shares(drawn.inputs, geo)
    located = cases.year_cases(rng, cases.expand(drawn.drawn), located=True)
    odds = (1 - config.match_rate) / config.match_rate
    missed = cases.expand(counts.draw_chain(others, drawn.referrals * odds, steps))
    unmatched = cases.year_cases(others, missed, located=False)
    weight = drawn.referrals.sum(axis=(1, 2))
    scale = float(weight[geo.modelled].sum()) / cases.REFERRALS
    reached = drawn.drawn.sum(axis=(1, 2, 3)) / drawn.drawn[0].sum()
    ends = reached - np.append(reached[1:], 0.0)
    n_young = round(scale * (ALL_REFERRALS - cases.REFERRALS * (1 + odds)))
    younger = cases.other_ages(others, weight, ends, n_young)
    so_far = cases.stack([located, unmatched, younger])
    in_need = int((~so_far.episodes.nfa & ~so_far.episodes.after_assessment).sum())
    n_old = max(round(scale * ALL_EPISODES) - in_need, 0)
    return cases.stack([so_far, cases.carried_over(others, weight, config.match_rate, n_old)])


def _write_planted(
    config: SynthConfig, folder: Path, drawn: counts.Counts, report: facts.Published
) -> int:
    folder.mkdir(parents=True)
    cells = planted.planted_cells(drawn, report)
    missed = planted.unmet_cells(cells, report, config.size)
    planted.write_planted(folder / "planted.csv", cells)
    planted.write_unmet(folder / "unmet.csv", missed)
    marker = {
        "notice": "SYNTHETIC: no row describes a real child",
        "seed": config.seed,
        "size": config.size,
        "version": VERSION,
        "geography": "synthetic" if config.reference is None else "real",
        "la_effect_sd": config.la_effect_sd,
        "context_gap": config.context_gap,
        "thinning_cap": config.thinning_cap,
        "match_rate": config.match_rate,
    }
    (folder / MARKER).write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")
    return len(missed)


def _write_census(
    config: SynthConfig, fresh: Path, report: facts.Published, geo: Geography,
    children: people.People,
) -> dict[str, int]:  # fmt: skip
    year = str(CENSUS_YEAR)
    n_rows = {
        name: texts.write_parquet(fresh / "census" / year / "extract" / f"{name}.parquet", columns)
        for name, columns in extract.tables(config, report, geo, children).items()
    }
    locations = people.location_columns(config, children, geo)
    path = fresh / "locations" / year / "child_locations.parquet"
    return n_rows | {"child_locations": texts.write_parquet(path, locations)}


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
