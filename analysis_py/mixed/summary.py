"""The text table of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis_py.mixed.results import MixedResults

_WIDTH = 78
_NAME = 18


def render(results: MixedResults, alpha: float) -> str:
    """Return a table in the manner of statsmodels, 78 characters wide or more for long names."""
    test = results.variance_test()
    wide = max(_NAME, *(len(n) + 1 for n in (*results.exog_names, *results.variance_names)))
    width = _WIDTH + wide - _NAME
    head = [
        f"Random-intercept {results.family} model, maximum likelihood".center(width).rstrip(),
        "=" * width,
        _pair("Rows", f"{results.nobs:,}", "Log-likelihood", f"{results.llf:,.3f}"),
        _pair("Groups", f"{results.n_groups:,}", "  without groups", f"{results.llf_null:,.3f}"),
        _pair("Events", f"{results.n_events:,.0f}", "  P(variance = 0)", f"{test.p_value:.3g}"),
        _pair("Quadrature points", str(results.n_points), "Converged", str(results.converged)),
    ]
    if results.reason:
        head.append(f"Note: {results.reason}")
    level = f"{100 * (1 - alpha):g} %"
    columns = (
        f"{'':<{wide}}{'coef':>11}{'std err':>11}{'z':>9}{'P>|z|':>8}{level + ' interval':>21}"
    )
    rows = [
        f"{name:<{wide}}{b:>11.5f}{se:>11.5f}{z:>9.2f}{p:>8.3f}{low:>11.4f}{high:>10.4f}"
        for name, b, se, z, p, (low, high) in zip(
            results.exog_names,
            results.params,
            results.bse,
            results.tvalues,
            results.pvalues,
            results.conf_int(alpha),
            strict=True,
        )
    ]
    variance = [
        f"{name:<{wide}}{value:>11.5f}{se:>11.5f}"
        for name, value, se in zip(
            results.variance_names, results.variance_params, results.variance_se, strict=True
        )
    ]
    rule = "-" * width
    return "\n".join([*head, "=" * width, columns, rule, *rows, rule, *variance, "=" * width])


def _pair(left: str, left_value: str, right: str, right_value: str) -> str:
    return f"{left + ':':<20}{left_value:>17}    {right + ':':<18}{right_value:>19}"
