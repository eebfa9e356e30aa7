"""Time and peak memory by rows and groups, and threads against processes for many fits.

python -m benchmarks.engine.growth
"""

from __future__ import annotations

import csv
import multiprocessing
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import psutil

from analysis_py.mixed import FitSpec, PoissonMixed, fit_many
from benchmarks.engine.world import SCENARIOS, make_world

HERE = Path(__file__).parent
ROWS = (10_000, 31_623, 100_000, 316_228, 1_000_000, 3_162_278, 10_000_000)
GROUPS = (10, 100, 1_000, 10_000)
HEAD = ("by", "rows", "groups", "seconds", "peak_mb", "input_mb")


def peak_memory() -> float:
    """Return the peak resident memory of this process so far, in MB."""
    info = psutil.Process().memory_info()
    peak = getattr(info, "peak_wset", None)
    if peak is not None:
        return float(peak) / 1e6
    import resource  # noqa: PLC0415 (absent on Windows, which has peak_wset)

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(used) / (1e6 if psutil.MACOS else 1e3)


def one(task: tuple[str, int, int]) -> tuple[str, int, int, float, float, float]:
    """Fit once (small data: the median of five) in a process of its own."""
    by, rows, groups = task
    world = make_world(1, rows, groups)
    y = world.draw(np.random.default_rng(3), SCENARIOS[0])
    size = sum(a.nbytes for a in (y, world.x, world.group, world.pop)) / 1e6
    times = []
    for _ in range(5 if rows <= 316_228 else 1):
        begun = time.perf_counter()
        fit = PoissonMixed(y, world.x, world.group, world.pop).fit()
        times.append(time.perf_counter() - begun)
        assert fit.converged
    return by, rows, groups, statistics.median(times), peak_memory(), size


def many(model: str, fits: int) -> list[tuple[str, float]]:
    """Time `fits` models of England's size by backend; pools are timed with their start."""
    world = make_world(1)
    rng = np.random.default_rng(5)
    shared = {"exog": world.x, "groups": world.group, "exposure": world.pop}
    if model == "nested_poisson":
        shared["subgroups"] = world.msoa
    specs = [
        FitSpec(str(k), model, {"endog": world.draw(rng, SCENARIOS[0]), **shared})
        for k in range(fits)
    ]
    out = []
    for workers, backend in ((1, "threads"), (2, "threads"), (2, "processes"), (2, "auto")):
        begun = time.perf_counter()
        fit_many(specs, workers, backend=backend)
        name = "one worker" if workers == 1 else f"2 workers, {backend}"
        out.append((f"{fits} {model}, {name}", time.perf_counter() - begun))
    return out


def main() -> None:
    tasks = [("rows", n, 150) for n in ROWS] + [("groups", 100_000, j) for j in GROUPS]
    context = multiprocessing.get_context("spawn")
    results = []
    for task in tasks:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            results.append(pool.submit(one, task).result())
    backends = [*many("poisson", 120), *many("poisson", 600), *many("nested_poisson", 24)]
    with (HERE / "growth.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([HEAD, *results])
    lines = [
        "# Growth with rows and groups (SYNTHETIC)",
        "",
        "`python -m benchmarks.engine.growth`: Poisson, 4 coefficients, 7 points, one process a",
        "line, 2 shared cores. Peak memory is that of the whole process with data and imports.",
        "",
        "| rows | groups | seconds | µs a row | peak MB | input MB |",
        "|---|---|---|---|---|---|",
        *(
            f"| {n:,} | {j:,} | {t:.3f} | {1e6 * t / n:.2f} | {peak:.0f} | {size:.0f} |"
            for _, n, j, t, peak, size in results
        ),
        "",
        "Many fits of England's size, pool start included:",
        "",
        *(f"- {name}: {seconds:.2f} s" for name, seconds in backends),
    ]
    (HERE / "growth.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _plot(results)
    print("\n".join(lines))


def _plot(results: list[tuple[str, int, int, float, float, float]]) -> None:
    rows = [dict(zip(HEAD, r, strict=True)) for r in results]
    log = alt.Scale(type="log")

    def panel(by: str, field: str, title: str) -> Any:
        chosen = alt.InlineData(values=[r for r in rows if r["by"] == by])
        base = alt.Chart(chosen, width=260, height=180, title=f"{title} by {by}").encode(
            x=alt.X(f"{by}:Q", scale=log, title=by),
            y=alt.Y(f"{field}:Q", scale=log, title=title),
        )
        return base.mark_line(color="#1d70b8") + base.mark_point(color="#1d70b8", filled=True)

    chart = alt.hconcat(
        panel("rows", "seconds", "seconds"),
        panel("rows", "peak_mb", "peak MB"),
        panel("groups", "seconds", "seconds"),
    ).properties(title="Growth of one fit (SYNTHETIC data)")
    chart.save(HERE / "growth.svg")


if __name__ == "__main__":
    main()
