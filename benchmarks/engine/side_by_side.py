"""One Table 2 model by this engine, glmer, glmmTMB and gpboost: same data, one run.

python -m benchmarks.engine.side_by_side [--mart]

With --mart the data are the referrals of the warehouse that CIN_BUILD_DIR names; without it, data
of the same size are drawn.
"""

from __future__ import annotations

import csv
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from analysis_py.mixed import PoissonMixed
from benchmarks.engine.mart import COLUMNS, FloatArray, Mart, design, referral_mart
from benchmarks.engine.world import SCENARIOS, make_world

HERE = Path(__file__).parent
Time = tuple[float, float]
Row = tuple[str, Time, FloatArray, float]


def mart_of(built: bool) -> Mart:
    """Return the columns of the built mart, or of a drawn world."""
    if built:
        return referral_mart()
    world = make_world(1)
    y = world.draw(np.random.default_rng(7), SCENARIOS[0])
    group = world.group.astype(np.float64)
    columns = (y, world.x[:, 1], world.x[:, 2], group, world.pop)
    source = f"drawn data, {len(y):,} rows in {int(group.max()) + 1} groups, SYNTHETIC"
    return Mart(dict(zip(COLUMNS, columns, strict=True)), source)


def now() -> Time:
    """Return wall and processor seconds."""
    return time.perf_counter(), time.process_time()


def since(begun: Time) -> Time:
    """Return wall and processor seconds since `begun`."""
    wall, cpu = now()
    return wall - begun[0], cpu - begun[1]


def least(times: list[Time]) -> Time:
    """Return the least wall and the least processor seconds: what other work disturbed least."""
    return min(t[0] for t in times), min(t[1] for t in times)


def ours(data: dict[str, FloatArray], n_points: int) -> Row:
    """Time construction and fit together, as the others do: least of fifteen."""
    x, times = design(data), []
    for _ in range(15):
        begun = now()
        fit = PoissonMixed(data["y"], x, data["group"], data["pop"], n_points=n_points).fit()
        times.append(since(begun))
    name = "this engine, Laplace" if n_points == 1 else f"this engine, {n_points} points"
    return name, least(times), np.append(fit.params, fit.group_sd), fit.llf


def by_r(data: dict[str, FloatArray]) -> list[Row]:
    """Run both R packages at their defaults: least of three."""
    if shutil.which("Rscript") is None:
        print("Rscript is not on the path: glmer and glmmTMB are left out")
        return []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "data.csv"
        rows = np.column_stack([data[c] for c in COLUMNS])
        header = ",".join(COLUMNS)
        np.savetxt(place, rows, fmt="%.17g", delimiter=",", header=header, comments="")
        script = HERE / "side_by_side.R"
        done = subprocess.run(
            ["Rscript", str(script), str(place)], capture_output=True, text=True, check=True
        )
    out: list[Row] = []
    for line in done.stdout.splitlines():
        name, *numbers = line.split(",")
        values = np.array([float(v) for v in numbers])
        out.append((name, (float(values[0]), float(values[1])), values[2:7], float(values[7])))
    return out


def by_gpboost(data: dict[str, FloatArray]) -> list[Row]:
    """Run gpboost with a tolerance at which it reaches the maximum; least of three."""
    if importlib.util.find_spec("gpboost") is None:
        print("gpboost is not installed: it is left out")
        return []
    import gpboost  # noqa: PLC0415

    x, times = design(data), []
    for _ in range(3):
        begun = now()
        model = gpboost.GPModel(group_data=data["group"].astype(int), likelihood="poisson")
        params = {"delta_rel_conv": 1e-12, "maxit": 2000}
        model.fit(y=data["y"], X=x, offset=np.log(data["pop"]), params=params)
        times.append(since(begun))
    coefs = np.asarray(model.get_coef(format_pandas=False)).reshape(-1)[:4]
    variance = float(np.asarray(model.get_cov_pars(format_pandas=False)).ravel()[0])
    llf = -float(model.get_current_neg_log_likelihood())
    name = "gpboost (delta_rel_conv 1e-12)"
    return [(name, least(times), np.append(coefs, np.sqrt(variance)), llf)]


def main() -> None:
    mart, load = mart_of("--mart" in sys.argv[1:]), psutil.getloadavg()[0]
    data = mart.columns
    rows = [ours(data, 1), ours(data, 7), *by_r(data), *by_gpboost(data), ours(data, 1)]
    wall, cpu = (0.5 * (rows[0][1][k] + rows[-1][1][k]) for k in (0, 1))
    rows[0] = (rows[0][0], (wall, cpu), *rows[0][2:])
    head = ["fitter", "seconds", "ratio", "cpu_seconds", "cpu_ratio"]
    head += ["const", "x1", "x2", "x1:x2", "group_sd", "llf"]
    table = [
        [
            *(n, f"{t[0]:.4f}", f"{t[0] / wall:.1f}", f"{t[1]:.4f}", f"{t[1] / cpu:.1f}"),
            *(f"{v:.6f}" for v in values),
            f"{llf:.4f}",
        ]
        for n, t, values, llf in rows[:-1]
    ]
    with (HERE / "side_by_side.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([head, *table])
    command = " ".join(["python -m benchmarks.engine.side_by_side", *sys.argv[1:]])
    lines = [
        "# One random-intercept Poisson model, side by side",
        "",
        f"`{command}`: {mart.source}, 4 coefficients.",
        f"One run on {psutil.cpu_count()} cores; load average {load:.1f} when it began.",
        "Seconds, on the clock and of the processor: least of fifteen fits of ours, of three",
        "of the others. Ratio: over ours (Laplace, the mean of before and after). Everybody's",
        "standard errors are in the time, except gpboost's. glmer: nAGQ = 1.",
        "",
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(row) + " |" for row in table),
    ]
    (HERE / "side_by_side.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
