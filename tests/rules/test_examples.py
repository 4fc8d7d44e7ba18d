"""Every rule's own examples: what is before becomes what is after, and what is valid is left alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from transpile_hybrid.api import check, rewrite
from transpile_hybrid.rules.registry import all_rules
from transpile_hybrid.rules.rule import Example, Rule
from transpile_hybrid.source.source import Source

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code}-{number}")
    for rule in all_rules()
    for number, example in enumerate(rule.examples)
]
VALID = [
    pytest.param(rule, text, id=f"{rule.code}-valid-{number}")
    for rule in all_rules()
    for number, text in enumerate(rule.valid)
]


def _targets(rule: Rule, example: Example) -> list[str]:
    return list(example.targets or rule.targets[:1])


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_example(rule: Rule, example: Example) -> None:
    targets = _targets(rule, example)
    source = Source("example.py", example.before)
    (report,) = check([source], targets)
    assert not report.error, report.internal or report.error
    assert rule.code in {diagnostic.code for diagnostic in report.diagnostics}
    (result,) = rewrite([source], targets, unsafe=example.unsafe)
    assert result.result is not None, result.internal or result.error
    assert result.result.after.text == (example.before if example.after is None else example.after)
    (again,) = rewrite([result.result.after], targets, unsafe=example.unsafe)
    assert not again.changed
    if example.after is not None:
        assert rule.code not in {d.code for d in again.result.remaining if d.fix is not None}  # type: ignore[union-attr]


def _tabs(text: str) -> str:
    return re.sub(r"^(?:    )+", lambda found: "\t" * (len(found[0]) // 4), text, flags=re.M)


def _crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


@pytest.mark.parametrize("form", [_tabs, _crlf])
@pytest.mark.parametrize(("rule", "example"), [one for one in EXAMPLES if one.values[1].after is not None])  # type: ignore[union-attr]
def test_example_in_another_form(rule: Rule, example: Example, form: Callable[[str], str]) -> None:
    """With tabs, or other newlines, it becomes the same."""
    source = Source("example.py", form(example.before))
    (result,) = rewrite([source], _targets(rule, example), unsafe=example.unsafe)
    assert result.result is not None, result.internal or result.error
    assert result.result.after.text == form(example.after or "")


@pytest.mark.parametrize(("rule", "text"), VALID)
def test_valid(rule: Rule, text: str) -> None:
    (report,) = check([Source("example.py", text)], list(rule.targets))
    assert not report.error, report.internal or report.error
    assert rule.code not in {diagnostic.code for diagnostic in report.diagnostics}


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.code) for rule in all_rules()])
def test_documented(rule: Rule) -> None:
    """A rule that can't show an example isn't finished."""
    assert rule.examples, "no EXAMPLES"
    for heading in ("What it does", "Why is this bad", "Fix safety"):
        assert heading in rule.doc, f"the docstring lacks {heading!r}"
    assert rule.consequence and rule.targets
