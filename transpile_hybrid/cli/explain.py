"""``transpile-hybrid explain CODE``: a rule's own documentation."""

from __future__ import annotations

import click

from ..rules.registry import all_rules, find_rule
from ..rules.rule import Rule
from .common import ToolError, style


@click.command("explain")
@click.argument("code", required=False)
@click.option("--all", "every", is_flag=True, help="List every rule, a line each.")
def command(code: str | None, every: bool) -> None:
    """Explain the rule CODE: what it finds, why that is bad, how it is mended, and with which targets."""
    if every or code is None:
        for rule in all_rules():
            summary = rule.doc.splitlines()[0] if rule.doc else rule.name
            click.echo(f"{style(rule.code, bold=True)}  {rule.name:28} {summary}")
        return
    found = find_rule(code)
    if found is None:
        raise ToolError(f"no rule has the code {code!r}; `transpile-hybrid explain --all` lists them")
    click.echo(text(found))


def text(rule: Rule) -> str:
    """Return the documentation of ``rule`` with its examples."""
    out = [
        style(f"{rule.code} {rule.name}", bold=True),
        f"targets: {', '.join(rule.targets)}    if compiled as it stands: {rule.consequence.value}    fix: {rule.fix}",
        "",
        rule.doc,
    ]
    for number, example in enumerate(rule.examples[:2]):
        out += ["", style(f"Example{'' if number == 0 else f' {number + 1}'}", bold=True), example.before.strip("\n")]
        if example.after is not None:
            flag = " --unsafe" if example.unsafe else ""
            out += ["", style(f"after `transpile-hybrid rewrite{flag}`", bold=True), example.after.strip("\n")]
    return "\n".join(out)
