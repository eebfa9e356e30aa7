"""The stored data sets, the stored R values, and models built from them."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis_py.mixed import (
    BinomialMixed,
    BinomialRandomSlope,
    MixedResults,
    NegativeBinomialMixed,
    NestedPoissonMixed,
    PoissonMixed,
    PoissonRandomSlope,
)
from tests.python.numeric.reference import make_data

FloatArray = npt.NDArray[np.float64]
REFERENCE = Path(__file__).parent / "reference"
NAMES = ("const", "x1", "x2", "x1:x2")


@cache
def data_set(name: str) -> dict[str, FloatArray]:
    """Return a stored data set by column; `national` is generated."""
    if name == "national":
        return {k: v.astype(np.float64) for k, v in make_data.national().items()}
    with (REFERENCE / "data" / f"{name}.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return {k: np.array([float(row[k]) for row in rows]) for k in rows[0]}


def design(data: dict[str, FloatArray]) -> FloatArray:
    """Return the columns const, x1, x2, x1:x2, shape (n, 4)."""
    x1, x2 = data["x1"], data["x2"]
    return np.column_stack([np.ones(len(x1)), x1, x2, x1 * x2])


MODELS: dict[str, tuple[Any, dict[str, Any]]] = {
    "poisson_slope": (PoissonRandomSlope, {"slope": "x1"}),
    "binomial_slope": (BinomialRandomSlope, {"slope": "x1"}),
    "negative_binomial": (NegativeBinomialMixed, {}),
    "row_lognormal": (NestedPoissonMixed, {"subgroups": None}),
    "three_level": (NestedPoissonMixed, {}),
}


def model(name: str, n_points: int = 7, data: dict[str, FloatArray] | None = None) -> Any:
    """Return the model that a data set was made for, on the stored rows or on `data`."""
    rows = data_set(name) if data is None else data
    last = rows["trials"] if "trials" in rows else rows["pop"]
    plain = BinomialMixed if "trials" in rows else PoissonMixed
    make, options = MODELS.get(name, (plain, {}))
    if "msoa" in rows:
        options = {"subgroups": rows["msoa"]}
    start = (rows["y"], design(rows), rows["group"], last)
    return make(*start, exog_names=NAMES, n_points=n_points, **options)


@cache
def fitted(name: str, n_points: int = 7) -> MixedResults:
    """Return the fit of `model`."""
    result: MixedResults = model(name, n_points).fit()
    return result


@cache
def reference() -> dict[tuple[str, str, int], dict[str, tuple[float, float]]]:
    """Return {(data, engine, points): {term: (estimate, std_error)}} of the stored R values."""
    out: dict[tuple[str, str, int], dict[str, tuple[float, float]]] = {}
    with (REFERENCE / "reference.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            key = (row["data"], row["engine"], int(row["points"]))
            values = (float(row[c]) if row[c] else np.nan for c in ("estimate", "std_error"))
            out.setdefault(key, {})[row["term"]] = (next(values), next(values))
    return out
