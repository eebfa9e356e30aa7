"""What one authority's first page says first: cards, and sentences to brief a director with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from publish_py.local_source import LocalData
from publish_py.local_views import against
from publish_py.protect import Protected
from publish_py.render import Headline
from publish_py.tables import interval, number

Row = Mapping[str, Any]
_STANDS = {
    "steeper": "steeper than",
    "flatter": "flatter than",
    "no different": "not to be told from",
}
_COMPARED = {
    "synthetic_not_compared",
    "dfe_not_published",
    "dfe_withheld",
    "not_returned",
}


def headlines(data: LocalData) -> tuple[Headline, ...]:
    """Return the cards on top: two gradients, the rate of referral, and who could be placed."""
    gradients = {row["measure"]: row for row in data.latest(data.gradients)}
    cards = [
        _gradient_card("Social gradient in referral", gradients.get("referral")),
        _gradient_card("Social gradient in protection plans", gradients.get("cp_plan")),
        _rate_card(data),
        _match_card(data),
    ]
    return tuple(card for card in cards if card is not None)


def _gradient_card(label: str, row: Row | None) -> Headline | None:
    if row is None:
        return None
    own = row["relative"]
    said = interval(own.ci_low, own.ci_high, "ratio")
    return Headline(
        label, number(own.value, "ratio"), said or own.reason, number(row["england"], "ratio"), ""
    )


def _rate_card(data: LocalData) -> Headline | None:
    row = _referrals(data)
    if row is None:
        return None
    england = next(
        (
            one["rate_per_10k"]
            for one in data.beside
            if (one["kind"], one["measure"]) == ("england", "referral")
        ),
        None,
    )
    rate = row["rate"]
    value = "c" if rate.is_suppressed else number(rate.value, "rate")
    said = interval(rate.ci_low, rate.ci_high, "rate")
    return Headline("Referrals per 10,000 children", value, said, number(england, "rate"), "")


def _match_card(data: LocalData) -> Headline | None:
    matched = _matched(data)
    if matched is None or matched.value is None:
        return None
    return Headline("Referred children with a neighbourhood", f"{matched.value:.1f} %", "", "", "")


def _referrals(data: LocalData) -> Row | None:
    wanted = ("referral", "incidence", "all")
    return next(
        (
            row
            for row in data.latest(data.rates)
            if (row["measure"], row["timing"], row["stratum_type"]) == wanted
        ),
        None,
    )


def _matched(data: LocalData) -> Protected | None:
    return next((row["match_pct"] for row in data.matches if row["breakdown"] == "all"), None)


def findings(data: LocalData) -> tuple[str, ...]:
    """Return the findings as sentences: each is a number of the tables beneath."""
    if not data.is_located:
        return (_unlocated(),)
    said = [*_gradient_words(data), *_decile_words(data), *_total_words(data)]
    matched = _matched(data)
    if matched is not None and matched.value is not None:
        said.append(
            f"{matched.value:.1f} % of the children referred have a neighbourhood; the others are "
            "in no rate."
        )
    return tuple(said)


def _unlocated() -> str:
    return (
        "No rates by neighbourhood, no gradient and no rates of residents: nothing says where "
        "children live. Give their addresses (--addresses FILE --onspd FILE). What the return "
        "itself says stands below: totals, and what it breaks of DfE’s rules."
    )


def _gradient_words(data: LocalData) -> list[str]:
    said = []
    for row in data.latest(data.gradients):
        own = row["relative"]
        if row["measure"] not in ("referral", "cp_plan"):
            continue
        label = row["measure_label"]
        if own.value is None:
            said.append(f"{label}: no gradient of its own ({own.reason}).")
            continue
        stands = _STANDS.get(against(row), "beside")
        said.append(
            f"{label}: a neighbourhood 10 percentage points more income-deprived has "
            f"{own.value:.2f} times the rate ({interval(own.ci_low, own.ci_high, 'ratio')}), "
            f"{stands} England’s {number(row['england'], 'ratio')}."
        )
    return said


def _decile_words(data: LocalData) -> list[str]:
    shown = [
        row
        for row in data.latest(data.places)
        if (row["area_type"], row["measure"], row["timing"])
        == ("income_decile", "referral", "incidence")
        and row["rate"].value is not None
    ]
    if len(shown) < 2:
        return []
    least, most = shown[0], shown[-1]
    return [
        f"Referrals run from {number(least['rate'].value, 'rate')} per 10,000 children in tenth "
        f"{least['area']} of neighbourhoods to {number(most['rate'].value, 'rate')} in tenth "
        f"{most['area']}, the most deprived that can be shown here."
    ]


def _total_words(data: LocalData) -> list[str]:
    compared = [row for row in data.latest(data.totals) if row["reason"] not in _COMPARED]
    if not compared:
        return []
    close = sum(row["reason"] in ("equal", "within_threshold") for row in compared)
    return [f"{close} of {len(compared)} totals are those that DfE printed, or close to them."]
