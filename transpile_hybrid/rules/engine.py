"""Run the rules over one file: one traversal of each compiled region, every rule called for its node types."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from weakref import WeakKeyDictionary

from ..diagnostics import Consequence, Diagnostic, Span
from ..meaning.classes import Project
from ..meaning.module import Module
from ..meaning.names import FunctionNode
from ..meaning.nodes import walk
from ..meaning.units import Unit, collect_units
from ..rewrite.edit import loses_comments, with_newlines, with_tabs
from ..targets import TARGETS
from .registry import rules_for
from .rule import Context, Finding, ModuleContext, Rule, UnitContext

_SCRIPT = "torch.script"  # it reads `forward` alone, tracing compilers whatever runs
_SEVERITY = {one.value: place for place, one in enumerate(Consequence)}


def run_rules(
    module: Module, project: Project, targets: tuple[str, ...], *, unsafe: bool = False
) -> tuple[list[Diagnostic], list[Unit]]:
    """Return the diagnostics of one file, sorted by place, and its units.

    ``targets`` are the targets asked for; those of frameworks that the file doesn't import are ignored.
    """
    found: list[Diagnostic] = []
    judged: list[Unit] = []
    units = collect_units(module, project)
    for framework in sorted({TARGETS[name].framework for name in targets}):
        mine = [unit for unit in units if unit.framework == framework]
        if framework not in module.frameworks and not mine:
            continue
        wanted = tuple(name for name in targets if TARGETS[name].framework == framework)
        judged += mine
        found += _run_framework(module, project, framework, wanted, mine, unsafe)
    return _sorted_unique(found), judged


_kept: list[WeakKeyDictionary[object, object]] = []
_seen_modules = 0


def forget() -> None:
    """Empty what rules have kept about projects, modules and classes (module-level ``WeakKeyDictionary`` objects).

    Their values hold their own keys, so nothing in them would ever go away by itself; and what one file's judgement
    found out must not decide another's.
    """
    global _seen_modules
    if len(sys.modules) != _seen_modules:
        _seen_modules = len(sys.modules)
        packages = (__package__, Project.__module__.rpartition(".")[0])
        _kept[:] = [
            value
            for name, module in list(sys.modules.items())
            if name.startswith(packages)
            for value in list(vars(module).values())
            if isinstance(value, WeakKeyDictionary)
        ]
    for table in _kept:
        table.clear()


def judged_codes(module: Module, targets: tuple[str, ...] | None) -> set[str]:
    """Return the codes of which it is known for sure whether they apply: rules that ran for all of their targets.

    ``None`` for ``targets``: all of them.
    """
    found: set[str] = set()
    for framework in module.frameworks:
        for rule in rules_for(framework):
            mine = {name for name in rule.targets if TARGETS[name].framework in module.frameworks}
            if targets is None or mine <= set(targets):
                found.add(rule.code)
    return found


def _run_framework(
    module: Module, project: Project, framework: str, targets: tuple[str, ...], units: list[Unit], unsafe: bool
) -> list[Diagnostic]:
    rules = [rule for rule in rules_for(framework) if set(rule.targets) & set(targets)]
    common = (module.source, module, project, framework, targets, unsafe, units)
    found: list[Diagnostic] = []
    all_rules = _of_units(rules)
    for unit in units:
        ctx = UnitContext(*common, found, unit)
        region, whole = all_rules
        if unit.overrides_call:
            ctx.targets = tuple(target for target in targets if target != _SCRIPT)
            region, whole = _of_units([rule for rule in rules if set(rule.targets) & set(ctx.targets)])
        for function in unit.region:
            ctx.function = function
            ctx.scope = module.scopes.of(function)
            for node in walk_body(function):
                for rule in region.get(type(node), ()):
                    found += _complete(rule, rule.check(node, ctx), ctx, unit.name)
        ctx.function = unit.entry
        ctx.scope = module.scopes.of(unit.entry) if unit.entry else None
        for rule in whole:
            found += _complete(rule, rule.check(unit, ctx), ctx, unit.name)
    by_type = _by_type(rule for rule in rules if rule.scope == "file")
    module_ctx = ModuleContext(*common, found)
    if by_type:
        for node in walk(module.tree):
            for rule in by_type.get(type(node), ()):
                found += _complete(rule, rule.check(node, module_ctx), module_ctx, "")
    for rule in sorted(rules, key=lambda rule: rule.stage):
        if rule.scope == "module":
            found += _complete(rule, rule.check(module.tree, module_ctx), module_ctx, "")
    return found


def _of_units(rules: list[Rule]) -> tuple[dict[type[ast.AST], list[Rule]], list[Rule]]:
    """Return the rules for the nodes of a unit's region, by type, and those for the unit as a whole."""
    return _by_type(rule for rule in rules if rule.scope == "region"), [rule for rule in rules if rule.scope == "unit"]


def walk_body(function: FunctionNode) -> Iterator[ast.AST]:
    """Yield the nodes of a function in source order: arguments and body, not decorators, not the return annotation."""
    yield from walk(function.args)
    for statement in function.body:
        yield from walk(statement)


def _by_type(rules: Iterable[Rule]) -> dict[type[ast.AST], list[Rule]]:
    table: dict[type[ast.AST], list[Rule]] = {}
    for rule in rules:
        for kind in rule.on:
            table.setdefault(kind, []).append(rule)
    return table


def _complete(rule: Rule, findings: Iterable[Finding] | None, ctx: Context, unit: str) -> list[Diagnostic]:
    done: list[Diagnostic] = []
    for finding in findings or ():
        blocked = finding.targets if finding.targets is not None else rule.targets
        blocked = tuple(target for target in blocked if target in ctx.targets)
        if not blocked:
            continue
        span = finding.at if isinstance(finding.at, Span) else ctx.source.span(finding.at)
        fix, why = finding.fix, finding.why
        if fix is not None and ctx.source.newline != "\n":
            fix = with_newlines(ctx.source, fix)
        if fix is not None and ctx.source.has_tabs:
            fix = with_tabs(ctx.source, fix)
        if fix is not None and fix.safety == "safe" and loses_comments(ctx.source, fix.edits):
            fix, why = replace(fix, safety="unsafe"), why or "rewriting it would lose a comment"
        done.append(
            Diagnostic(
                rule.code,
                rule.name,
                finding.message,
                span,
                blocked,
                finding.consequence or rule.consequence,
                unit if finding.unit is None else finding.unit,
                why,
                finding.help,
                fix,
                finding.waits if fix is None else "",
            )
        )
    return done


def _sorted_unique(found: list[Diagnostic]) -> list[Diagnostic]:
    """Sort by place; what two units report of the same place (a shared helper) is one diagnostic."""
    found.sort(key=lambda d: (d.span, _SEVERITY[d.consequence.value], d.code))
    unique: dict[tuple[str, Span, str], Diagnostic] = {}
    for diagnostic in found:
        key = (diagnostic.code, diagnostic.span, diagnostic.message)
        if key in unique:
            old = unique[key]
            extra = tuple(t for t in diagnostic.targets if t not in old.targets)
            unique[key] = replace(old, targets=old.targets + extra, fix=old.fix or diagnostic.fix)
        else:
            unique[key] = diagnostic
    return list(unique.values())
