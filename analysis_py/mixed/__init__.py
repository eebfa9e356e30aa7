"""Random-intercept models by maximum likelihood, their sensitivities and their diagnostics.

`PoissonMixed` and `BinomialMixed` are the estimators of every published number; the other models
and functions are the sensitivities beside them. `docs/engine.md` has the formulas and the checks.
"""

from analysis_py.mixed.diagnostics import Moran, benjamini_hochberg, morans_i, neighbour_weights
from analysis_py.mixed.left_out import LeaveOneOut, leave_one_group_out
from analysis_py.mixed.models import BinomialMixed, PoissonMixed
from analysis_py.mixed.negative_binomial import NegativeBinomialMixed
from analysis_py.mixed.nested import NestedPoissonMixed
from analysis_py.mixed.parallel import FitSpec, fit_many, run_spec
from analysis_py.mixed.predict import Prediction, predict
from analysis_py.mixed.random_slope import BinomialRandomSlope, PoissonRandomSlope
from analysis_py.mixed.results import Contrast, MixedResults, VarianceTest
from analysis_py.mixed.robust import (
    ClusterRobust,
    cluster_robust_binomial,
    cluster_robust_linear,
    cluster_robust_poisson,
)

__all__ = [
    "BinomialMixed",
    "BinomialRandomSlope",
    "ClusterRobust",
    "Contrast",
    "FitSpec",
    "LeaveOneOut",
    "MixedResults",
    "Moran",
    "NegativeBinomialMixed",
    "NestedPoissonMixed",
    "PoissonMixed",
    "PoissonRandomSlope",
    "Prediction",
    "VarianceTest",
    "benjamini_hochberg",
    "cluster_robust_binomial",
    "cluster_robust_linear",
    "cluster_robust_poisson",
    "fit_many",
    "leave_one_group_out",
    "morans_i",
    "neighbour_weights",
    "predict",
    "run_spec",
]
