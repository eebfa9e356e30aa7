"""Random-intercept Poisson and binomial models by maximum likelihood."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis_py.mixed.base import RandomIntercept, Shape
from analysis_py.mixed.inputs import Counts, Trials, read_counts, read_trials
from analysis_py.mixed.kernels import BinomialKernel, poisson_kernel
from analysis_py.mixed.quadrature import FloatArray, gauss_hermite


class PoissonMixed(RandomIntercept):
    """Poisson counts, log link, offset and one normal random intercept a group.

    `log E[y_i] = log exposure_i + offset_i + x_i β + u_j`, `u_j ~ N(0, s²)`
    (statistics, section 3).

    Parameters
    ----------
    endog
        Counts (n,), >= 0; they need not be whole (expected counts are allowed).
    exog
        Covariates (n, p), with a column of ones where an intercept is wanted.
    groups
        Group labels (n,).
    exposure
        Denominators (n,), >= 0; rows with no events and no exposure are left out.
    offset
        Added to the linear predictor (n,).
    exog_names
        Names of the columns, length p.
    n_points
        Quadrature points: 1 is Laplace.

    Raises
    ------
    CinError
        If an input is missing, negative, of the wrong shape, or columns are collinear; the
        message names the column.
    """

    def __init__(
        self,
        endog: npt.ArrayLike,
        exog: npt.ArrayLike,
        groups: npt.ArrayLike,
        exposure: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        *,
        exog_names: Sequence[str] | None = None,
        n_points: int = 7,
    ) -> None:
        data = read_counts(endog, exog, groups, exposure, offset, exog_names=exog_names)
        self._set(data, n_points)

    @classmethod
    def of(cls, data: Counts, n_points: int) -> PoissonMixed:
        """Return the model of data that were read already."""
        model = cls.__new__(cls)
        model._set(data, n_points)
        return model

    def _set(self, data: Counts, n_points: int) -> None:
        self._rule = gauss_hermite(n_points)
        self._data, self._failure = data, data.failure
        self._shape = Shape("poisson", data.design, data.n_events, n_points)
        if not data.failure:
            self._kernel = poisson_kernel(data.design, data.y)

    def _first_guess(self) -> FloatArray:
        return self._data.first_guess()

    def _pinned(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        y = self._data.y
        return y == 0, np.zeros(len(y), dtype=bool)


class BinomialMixed(RandomIntercept):
    """Successes of trials, logit link, one normal random intercept a group.

    Parameters
    ----------
    successes
        Successes (n,), 0 <= successes <= trials; they need not be whole.
    exog, groups, offset, exog_names, n_points
        As in `PoissonMixed`.
    trials
        Trials (n,); 1 if None. Rows without trials are left out.

    Raises
    ------
    CinError
        As in `PoissonMixed`.
    """

    def __init__(
        self,
        successes: npt.ArrayLike,
        exog: npt.ArrayLike,
        groups: npt.ArrayLike,
        trials: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        *,
        exog_names: Sequence[str] | None = None,
        n_points: int = 7,
    ) -> None:
        data = read_trials(successes, exog, groups, trials, offset, exog_names=exog_names)
        self._set(data, n_points)

    @classmethod
    def of(cls, data: Trials, n_points: int) -> BinomialMixed:
        """Return the model of data that were read already."""
        model = cls.__new__(cls)
        model._set(data, n_points)
        return model

    def _set(self, data: Trials, n_points: int) -> None:
        self._rule = gauss_hermite(n_points)
        self._data, self._failure = data, data.failure
        self._shape = Shape("binomial", data.design, data.n_events, n_points)
        if not data.failure:
            self._kernel = BinomialKernel(data.design, data.y, data.trials)

    def _first_guess(self) -> FloatArray:
        return self._data.first_guess()

    def _pinned(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        return self._data.y == 0, self._data.y == self._data.trials
