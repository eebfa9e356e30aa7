"""Inputs checked once, sorted by group once, centred and scaled for well-conditioned steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis_py.mixed.quadrature import FloatArray, IntArray
from common_py.errors import CinError

#: A column whose part outside the span of the columns before it is smaller than this
#: share of its length is called collinear.
COLLINEAR = 1e-9

#: Above this the smallest eigenvalue of the columns' correlations leaves no doubt.
FAR_FROM_COLLINEAR = 1e-6


@dataclass(frozen=True)
class Design:
    """Rows in group order, without rows that carry no information.

    Attributes
    ----------
    x
        Covariates as the search sees them, one row a coefficient, shape (p, n): divided by
        their size, and centred where another column is constant.
    to_params
        The user's coefficients are `to_params @ beta - shift`, shape (p, p).
    shift
        What centring the offset moved into the constant's coefficient, shape (p,).
    offset
        Log offset, centred where there is a constant column, shape (n,).
    constant
        The index of the column that is constant over rows, or -1.
    starts
        First row of each group, shape (n_groups,).
    group_of
        Group of each row, shape (n,).
    labels
        Group labels in the order of the groups, shape (n_groups,).
    row_index
        Where each row stood in the user's arrays, shape (n,).
    names
        Coefficient names, length p.
    n_dropped
        Rows left out because their exposure (or trials) and their events are 0.
    """

    x: FloatArray
    to_params: FloatArray
    shift: FloatArray
    offset: FloatArray
    constant: int
    starts: IntArray
    group_of: IntArray
    labels: npt.NDArray[Any]
    row_index: IntArray
    names: tuple[str, ...]
    n_dropped: int

    @property
    def n_rows(self) -> int:
        """Rows used."""
        return int(self.x.shape[1])

    @property
    def n_coefs(self) -> int:
        """Coefficients."""
        return int(self.x.shape[0])

    @property
    def n_groups(self) -> int:
        """Groups with at least one row used."""
        return len(self.starts)

    def without(self, group: int) -> Design:
        """Leave out the rows of one group; scales and centres stay as they are."""
        kept = self.group_of != group
        size = int(np.count_nonzero(~kept))
        starts = np.concatenate([self.starts[:group], self.starts[group + 1 :] - size])
        group_of = self.group_of[kept]
        return replace(
            self,
            x=self.x[:, kept],
            offset=self.offset[kept],
            starts=starts,
            group_of=np.where(group_of > group, group_of - 1, group_of),
            labels=np.delete(self.labels, group),
            row_index=self.row_index[kept],
        )

    def sums(self, rows: FloatArray) -> FloatArray:
        """Add `rows` (…, n) within groups, giving (…, n_groups)."""
        return np.add.reduceat(rows, self.starts, axis=-1)

    def to_user(self, beta: FloatArray) -> FloatArray:
        """Coefficients (p,) on the scale of the user's columns and offset."""
        return np.asarray(self.to_params @ beta - self.shift)

    def from_user(self, params: FloatArray) -> FloatArray:
        """Undo `to_user`."""
        return np.asarray(np.linalg.solve(self.to_params, params + self.shift))

    def jacobian(self, n_extra: int) -> FloatArray:
        """Return d(user)/d(internal) for p coefficients and `n_extra` other parameters."""
        full = np.eye(self.n_coefs + n_extra)
        full[: self.n_coefs, : self.n_coefs] = self.to_params
        return full


def _numbers(values: npt.ArrayLike, name: str) -> FloatArray:
    """Return floats; what a masked array hides (a NULL that DuckDB read) is NaN, not its filler."""
    try:
        if np.iscomplexobj(values):
            raise TypeError
        if isinstance(values, np.ma.MaskedArray):
            return np.asarray(np.ma.filled(values.astype(np.float64), np.nan))
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise CinError("not numeric", place=name, remedy="give numbers") from error


def as_column(values: npt.ArrayLike, name: str, n_rows: int | None = None) -> FloatArray:
    """Return `values` as a finite float vector.

    Raises
    ------
    CinError
        If it is not numeric, not a vector of length `n_rows`, or not finite; the message
        gives the name and how many values, never a value.
    """
    column = _numbers(values, name)
    if column.ndim != 1 or (n_rows is not None and len(column) != n_rows):
        wanted = "a vector" if n_rows is None else f"a vector of {n_rows} rows"
        raise CinError(
            f"shape {column.shape} where {wanted} is needed",
            place=name,
            remedy="give every input the same number of rows",
        )
    check_finite(column, name)
    return column


def check_finite(column: FloatArray, name: str) -> None:
    """Raise a CinError that names the column if it holds NaN or infinity."""
    bad = int(column.size - np.count_nonzero(np.isfinite(column)))
    if bad:
        raise CinError(
            f"{bad} of {column.size} values are missing or infinite",
            place=name,
            remedy="complete the column or leave those rows out in the SQL that feeds the model",
        )


def check_not_negative(column: FloatArray, name: str) -> None:
    """Raise a CinError that names the column if it holds a negative value."""
    bad = int(np.count_nonzero(column < 0))
    if bad:
        raise CinError(
            f"{bad} of {column.size} values are negative",
            place=name,
            remedy="counts and denominators cannot be negative",
        )


def as_matrix(
    exog: npt.ArrayLike, names: Sequence[str] | None, n_rows: int
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return covariates as (n, p) floats with their names.

    Raises
    ------
    CinError
        If the shape, the names or a value is wrong; the message names the column.
    """
    found = getattr(exog, "columns", None)
    matrix = _numbers(exog, "exog")
    if matrix.ndim == 1:
        matrix = matrix[:, None]
    if matrix.ndim != 2 or matrix.shape[0] != n_rows or matrix.shape[1] == 0:
        raise CinError(
            f"shape {matrix.shape} where ({n_rows}, columns) is needed",
            place="exog",
            remedy="give one row a row of endog and at least one column",
        )
    width = matrix.shape[1]
    given = names if names is not None else found
    chosen = tuple(str(n) for n in (given if given is not None else _numbered(width)))
    if len(chosen) != width or len(set(chosen)) != width:
        raise CinError(
            f"{len(chosen)} names ({len(set(chosen))} different) for {width} columns",
            place="exog_names",
            remedy="give one name a column, each once",
        )
    for c, name in enumerate(chosen):
        check_finite(matrix[:, c], name)
    return matrix, chosen


def _numbered(width: int) -> list[str]:
    return [f"x{c}" for c in range(width)]


def group_codes(
    groups: npt.ArrayLike, n_rows: int, name: str = "groups"
) -> tuple[IntArray, npt.NDArray[Any]]:
    """Return group numbers 0 … J-1 in the order of their labels.

    Returns
    -------
    codes, labels
        Shapes (n,) and (J,).

    Raises
    ------
    CinError
        If a label is missing or the length is wrong.
    """
    labels: npt.NDArray[Any] = np.asarray(groups)
    if labels.ndim != 1 or len(labels) != n_rows:
        raise CinError(
            f"shape {labels.shape} where a vector of {n_rows} rows is needed",
            place=name,
            remedy="give one group label a row",
        )
    if labels.dtype.kind == "f":
        check_finite(labels.astype(np.float64), name)
    is_text = labels.dtype == object and all(isinstance(g, str) for g in labels)
    doubtful = labels if labels.dtype.kind in "OMm" and not is_text else labels[:0]
    if np.ma.is_masked(groups) or any(map(_is_missing, doubtful)):
        raise CinError("a group label is missing", place=name, remedy="give every row its group")
    if is_text:
        labels = labels.astype(str)
    if n_rows == 0:
        return np.zeros(0, dtype=np.intp), labels
    try:
        turns = np.flatnonzero(np.concatenate(([True], labels[1:] != labels[:-1])))
        unique, code_of_run = np.unique(labels[turns], return_inverse=True)
    except TypeError as error:
        raise CinError(
            "group labels are of different kinds",
            place=name,
            remedy="give every row a label of one kind, all text or all numbers",
        ) from error
    runs = np.diff(np.append(turns, n_rows))
    return np.repeat(code_of_run.astype(np.intp), runs), unique


def _is_missing(label: Any) -> bool:
    """Whether a label is None, NaN, NaT or pandas' NA (the last is not even equal to itself)."""
    if label is None:
        return True
    itself = label == label  # noqa: PLR0124
    return not isinstance(itself, bool | np.bool_) or not itself


def make_design(
    exog: FloatArray,
    names: tuple[str, ...],
    groups: npt.ArrayLike,
    offset: FloatArray,
    keep: npt.NDArray[np.bool_],
) -> Design:
    """Drop, sort, centre and scale.

    Parameters
    ----------
    exog, names
        Covariates (n, p) and their names.
    groups
        Group labels (n,).
    offset
        Log offset (n,); finite where `keep`.
    keep
        Rows that carry information (n,).

    Raises
    ------
    CinError
        If columns are collinear (named), or the offset spans more than can be represented.
    """
    codes, labels = group_codes(groups, len(exog))
    rows = np.flatnonzero(keep)
    order = rows[np.argsort(codes[rows], kind="stable")]
    in_order = len(order) == len(exog) and bool(np.all(np.diff(order) == 1))
    codes = codes if in_order else codes[order]
    used = np.flatnonzero(np.bincount(codes, minlength=len(labels)))
    starts = np.flatnonzero(np.concatenate(([True], np.diff(codes) > 0))) if len(codes) else used
    x = np.array((exog if in_order else exog[order]).T, dtype=np.float64, order="C")
    to_params, constant = _standardise(x, names)
    log_size = offset if in_order else offset[order]
    shift = np.zeros(len(x))
    if constant >= 0:
        centre = float(np.mean(log_size))
        log_size = log_size - centre
        shift[constant] = centre * to_params[constant, constant]
    return Design(
        x=x,
        to_params=to_params,
        shift=shift,
        offset=log_size,
        constant=constant,
        starts=starts.astype(np.intp),
        group_of=np.searchsorted(used, codes).astype(np.intp),
        labels=labels[used],
        row_index=order.astype(np.intp),
        names=names,
        n_dropped=int(len(exog) - len(order)),
    )


def _standardise(x: FloatArray, names: tuple[str, ...]) -> tuple[FloatArray, int]:
    """Centre and scale the rows of x (p, n) in place; return (to_params, constant)."""
    p, n = x.shape
    if n == 0:
        return np.eye(p), -1
    values = x[:, 0].copy()
    flat = np.ptp(x, axis=1) <= 1e-12 * np.max(np.abs(x), axis=1)
    for c in [int(c) for c in np.flatnonzero(flat & (values == 0.0))]:
        raise CinError("the column is all zeros", place=names[c], remedy="leave the column out")
    if np.count_nonzero(flat) > 1:
        first, second = (int(c) for c in np.flatnonzero(flat)[:2])
        raise CinError(
            f"the column is constant, as {names[first]} is",
            place=names[second],
            remedy="leave the column out",
        )
    constant = int(np.flatnonzero(flat)[0]) if flat.any() else -1
    to_params = np.eye(p)
    for c in range(p):
        if c == constant:
            x[c], to_params[c, c] = 1.0, 1.0 / values[c]
            continue
        mean = float(np.mean(x[c])) if constant >= 0 else 0.0
        x[c] -= mean
        size = float(np.sqrt(np.mean(x[c] ** 2)))
        x[c] /= size
        to_params[c, c] = 1.0 / size
        if constant >= 0:
            to_params[constant, c] = -mean / size / values[constant]
    _check_rank(x, names)
    return to_params, constant


def _check_rank(x: FloatArray, names: tuple[str, ...]) -> None:
    p, n = x.shape
    # Products of columns see collinearity to the root of rounding only, but many times faster.
    if np.linalg.eigvalsh(x @ x.T / n)[0] > FAR_FROM_COLLINEAR:
        return
    triangle: FloatArray = np.asarray(np.linalg.qr(x.T, mode="r"))
    for c, name in enumerate(names):
        diagonal = abs(triangle[c, c]) if c < len(triangle) else 0.0
        if diagonal > COLLINEAR * np.sqrt(n):
            continue
        weights = np.linalg.lstsq(triangle[:c, :c], triangle[:c, c], rcond=None)[0]
        partners = [names[k] for k in range(min(c, p)) if abs(weights[k]) > 1e-6]
        what = " and ".join(partners) or "the other columns"
        raise CinError(
            f"the column is a combination of {what}",
            place=name,
            remedy="leave the column out, or one of those it repeats",
        )
