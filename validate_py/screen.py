"""What the terminal shows: counts by rule, never a child's value."""

from __future__ import annotations

from rich.table import Table

from validate_py.run import Outcome, RuleCount


def rule_table(outcome: Outcome) -> Table:
    """Return the table of rules that were broken, worst first."""
    table = Table(title_justify="left", pad_edge=False)
    table.add_column("rule", no_wrap=True)
    table.add_column("severity", no_wrap=True)
    for heading in ("issues", "children", *_compared_headings(outcome)):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("message", ratio=1)
    for rule in outcome.rules:
        table.add_row(*_row(rule, outcome))
    return table


def _compared_headings(outcome: Outcome) -> tuple[str, ...]:
    return ("new", "standing", "resolved") if outcome.is_compared else ()


def _row(rule: RuleCount, outcome: Outcome) -> tuple[str, ...]:
    counts = [rule.n_issues, rule.n_children]
    if outcome.is_compared:
        counts += [rule.n_new, rule.n_standing, rule.n_resolved]
    style = "bold red" if rule.severity == "error" else "yellow"
    message = rule.message.replace("[", r"\[")
    return (rule.rule_code, f"[{style}]{rule.severity}[/]", *(f"{n:,}" for n in counts), message)


def summary(outcome: Outcome) -> list[str]:
    """Return what was read, found and written, in lines."""
    landed = outcome.landed
    lines = [
        f"returns read: {len(landed.read):,}, children: {landed.n_children:,}; "
        f"errors: {outcome.count('error'):,}, queries: {outcome.count('query'):,}, "
        f"children with either: {outcome.n_children:,}"
    ]
    if outcome.n_with_worker is not None:
        lines.append(f"children of these with a worker or team: {outcome.n_with_worker:,}")
    if outcome.is_compared:
        counts = [sum(getattr(rule, f"n_{name}") for rule in outcome.rules)
                  for name in ("new", "standing", "resolved")]  # fmt: skip
        lines.append(
            "since the earlier return: {:,} new, {:,} standing, {:,} resolved".format(*counts)
        )
    lines += [f"written: {path}" for path in outcome.written]
    return lines
