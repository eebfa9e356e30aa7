"""The referral model of the built marts against glmer and glmmTMB, to the design's tolerances.

CIN_BUILD_DIR=… python -m benchmarks.engine.referral_reference

Exits non-zero if a tolerance is missed or a package's own objective is lower at our estimates than
at its polished ones. Needs R with lme4, glmmTMB and numDeriv.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from analysis_py.mixed import MixedResults, PoissonMixed
from benchmarks.engine.mart import COLUMNS, FloatArray, Mart, design, referral_mart

HERE = Path(__file__).parent
POLISH = HERE.parents[1] / "tests" / "python" / "numeric" / "reference" / "polish.R"
NAMES = ("const", "x1", "x2", "x1:x2", "group_sd")
HEAD = ("engine", "points", "whose", *NAMES, *(f"se_{n}" for n in NAMES), "llf")

#: Statistics, section 4: coefficients, group_sd, standard errors (relative), log-likelihood.
COEFFICIENT, SD, ERROR, LLF = 1e-5, 1e-4, 1e-3, 1e-3

#: Our maximum may be lower than a polished one by rounding alone.
ROUNDING = 1e-6


def ours(mart: Mart) -> dict[int, MixedResults]:
    """Fit by Laplace and with seven points."""
    data = mart.columns
    start = (data["y"], design(data), data["group"], data["pop"])
    return {k: PoissonMixed(*start, exog_names=NAMES[:4], n_points=k).fit() for k in (1, 7)}


def estimates(fit: MixedResults) -> FloatArray:
    """Coefficients and group_sd, then their standard errors, shape (10,)."""
    return np.concatenate([fit.params, [fit.group_sd], fit.bse, [fit.group_sd_se]])


def by_r(mart: Mart, fits: dict[int, MixedResults]) -> tuple[list[list[str]], str]:
    """Return R's lines (columns of `HEAD`) and its versions."""
    with tempfile.TemporaryDirectory() as folder:
        data, mine = Path(folder) / "data.csv", Path(folder) / "ours.csv"
        table = np.column_stack([mart.columns[c] for c in COLUMNS])
        _write(data, COLUMNS, table)
        values = [np.append(k, estimates(fit)[:5]) for k, fit in fits.items()]
        _write(mine, ("points", *NAMES), np.stack(values))
        script = ["Rscript", str(HERE / "referral_reference.R"), str(data), str(mine), str(POLISH)]
        done = subprocess.run(script, capture_output=True, text=True, check=True)
    lines = [line.split(",") for line in done.stdout.splitlines()]
    versions = next(",".join(line[1:]) for line in lines if line[0] == "versions")
    return [line for line in lines if line[0] != "versions"], versions


def _write(path: Path, head: tuple[str, ...], table: FloatArray) -> None:
    np.savetxt(path, table, fmt="%.17g", delimiter=",", header=",".join(head), comments="")


def judged(lines: list[list[str]], fits: dict[int, MixedResults]) -> list[list[str]]:
    """Compare each polished fit with ours: one row a package and rule, `held` yes or no."""
    out = []
    for line in lines:
        if line[2] != "polished":
            continue
        fit, llf = fits[int(line[1])], float(line[-1])
        theirs = np.array([float(v) for v in line[3:-1]])
        gap = np.abs(estimates(fit) - theirs)
        at_ours = next(float(o[-1]) for o in lines if (o[:2], o[2]) == (line[:2], "this engine"))
        found = {
            "largest difference of a coefficient": (gap[:4].max(), COEFFICIENT),
            "difference of group_sd": (gap[4], SD),
            "largest relative difference of a standard error": (
                (gap[5:] / theirs[5:]).max(),
                ERROR,
            ),
            "difference of the log-likelihood": (abs(fit.llf - llf), LLF),
            "its own objective: polished less ours": (llf - at_ours, ROUNDING),
        }
        for rule, (size, limit) in found.items():
            held = "yes" if size <= limit else "NO"
            out.append([line[0], line[1], rule, f"{size:.1e}", f"{limit:.0e}", held])
    return out


def main() -> int:
    mart = referral_mart()
    fits = ours(mart)
    lines, versions = by_r(mart, fits)
    verdicts = judged(lines, fits)
    own = [
        [
            "this engine",
            str(k),
            "own objective",
            *(f"{v:.15g}" for v in estimates(fit)),
            f"{fit.llf:.8f}",
        ]
        for k, fit in fits.items()
    ]
    with (HERE / "referral_reference.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([HEAD, *own, *lines])
    text = _report(mart, versions, [*own, *lines], verdicts)
    (HERE / "referral_reference.md").write_text(text, encoding="utf-8")
    print(text)
    return int(any(row[-1] != "yes" for row in verdicts))


def _report(mart: Mart, versions: str, lines: list[list[str]], verdicts: list[list[str]]) -> str:
    def number(value: str, digits: int) -> str:
        return f"{float(value):.{digits}f}" if value else ""

    best: dict[tuple[str, str], float] = {}
    for line in lines:
        place = (line[0], line[1])
        best[place] = max(best.get(place, -np.inf), float(line[-1]))
    fits = [
        [
            *line[:3],
            *(number(v, 7) for v in line[3:8]),
            number(line[-1], 5),
            f"{best[line[0], line[1]] - float(line[-1]):.0e}",
        ]
        for line in lines
    ]
    return "\n".join(
        [
            "# The referral model of the marts, here and in R",
            "",
            f"`python -m benchmarks.engine.referral_reference` on {mart.source}.",
            f"{versions.strip()}.",
            "",
            "`polished` is a package's optimum after Newton steps on its own objective with",
            "tightened inner iterations (`tests/python/numeric/reference/polish.R`). `llf` is the",
            "objective of the engine in that row, at the values of `whose`: the higher the better.",
            "Standard errors are in `referral_reference.csv`.",
            "",
            "| rule | engine | points | found | limit | held |",
            "|---|---|---|---|---|---|",
            *(
                f"| {rule} | {e} | {k} | {size} | {limit} | {held} |"
                for e, k, rule, size, limit, held in verdicts
            ),
            "",
            "| engine | points | whose | " + " | ".join(NAMES) + " | llf | short of the best |",
            "|" + "---|" * 10,
            *("| " + " | ".join(row) + " |" for row in fits),
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
