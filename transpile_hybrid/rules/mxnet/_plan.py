"""Judging a whole class at once: what stands in the way, and the edits that convert it, all or none.

Every rule file registers a *finder* for the node types that it reads.  :func:`plan_of` runs all finders over a class's
region, adds what the structure needs, and decides; each rule then yields its own findings from the plan.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from ...diagnostics import Consequence, Span
from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import SAFETY_ORDER, Edit, Fix, Kept
from ...source.source import Source
from ..engine import walk_body
from ..rule import Finding, UnitContext
from ._added import added_methods, entry_of, region_of
from ._interp import Interp
from ._names import meant
from ._values import UNKNOWN, Val


@dataclass
class Item:
    """What a finder found.

    ``edits`` is ``None`` where there is no rewrite; ``blocking`` tells whether that forbids the conversion.  An item
    without a code is an edit that goes with the conversion and isn't told.
    """

    code: str
    at: ast.AST | Span
    message: str
    help: str = ""
    why: str = ""
    edits: tuple[Edit, ...] | None = None
    safety: str = "safe"
    blocking: bool = True
    consequence: Consequence | None = None
    function: FunctionNode | None = None


class Reader:
    """What finders judge with: one class, its analysis, and the function being read."""

    def __init__(self, unit: Unit, module: Module, project: Project, *, converting: bool, unsafe: bool = False) -> None:
        self.unit, self.module, self.project, self.converting = unit, module, project, converting
        self.source: Source = module.source
        self.is_np = region_is_np(unit, module)
        self.interp = Interp(unit, module, project, assume=unsafe, is_np=self.is_np)
        self.interp.run()
        self.function: FunctionNode = unit.entry  # type: ignore[assignment]
        self.consumed: set[int] = set()
        self.told: set[str] = set()
        self.made: list[ast.expr] = []
        self.judged: set[int] = set()
        self.relies: list[ClassInfo] = []

    def value(self, node: ast.expr) -> Val:
        """Return what is known of the value of ``node``."""
        return self.interp.values.get(id(node), UNKNOWN)

    def qualified(self, node: ast.expr) -> str:
        """Return the qualified name of ``node`` (empty where it has none)."""
        return meant(node, self.module, self.project, self.is_np) or ""

    def self_attribute(self, node: ast.expr) -> str | None:
        """Return ``name`` for ``self.name``."""
        if isinstance(node, ast.Attribute) and self.value(node.value).kind == "self":
            return node.attr
        return None

    @property
    def f(self) -> str:
        """The name by which the operators' namespace is known in a hybrid_forward."""
        entry = self.unit.entry
        if not self.converting and entry is not None and entry.name == "hybrid_forward" and len(entry.args.args) > 1:
            return entry.args.args[1].arg
        return "F"

    def consume(self, *nodes: ast.AST) -> None:
        """Mark everything inside ``nodes`` as taken care of by an edit around it."""
        for node in nodes:
            self.consumed.update(id(inner) for inner in walk(node))

    def parent(self, node: ast.AST) -> ast.AST:
        """Return the parent of ``node``."""
        return self.module.parent(node)

    def text(self, node: ast.AST) -> str:
        """Return the source text of ``node``."""
        return self.source.segment(node)

    def quote(self, node: ast.AST, width: int = 60) -> str:
        """Return the source text of ``node`` for a message: on one line, and not too long."""
        text = " ".join(self.text(node).split())
        return text if len(text) <= width else text[: width - 3].rstrip() + "..."


Finder = Callable[[ast.AST, Reader], Iterator[Item] | None]
FINDERS: dict[type[ast.AST], list[Finder]] = {}
LAST: list[Finder] = []
_F_MEMBER = re.compile(r"(?<![\w.])F\.(?=(npx?\.)?)")
_F_NAME = re.compile(r"(?<![\w.])F\b")


def finder(*types: type[ast.AST]) -> Callable[[Finder], Finder]:
    """Register a finder for node types."""

    def register(function: Finder) -> Finder:
        for kind in types:
            FINDERS.setdefault(kind, []).append(function)
        return function

    return register


def last(function: Finder) -> Finder:
    """Register a finder that is called with each function, after all the others."""
    LAST.append(function)
    return function


@dataclass
class Plan:
    """What is to be said, and done, about one class."""

    reader: Reader
    items: list[Item] = field(default_factory=list)
    structure: list[Item] = field(default_factory=list)
    helpers: set[int] = field(default_factory=set)
    converting: bool = False
    blocked: list[str] = field(default_factory=list)
    waits: bool = False  # what blocks it is told in findings of their own, here or in another class
    group: str = ""
    again: bool = False
    assumed: bool = False
    relies: list[ClassInfo] = field(default_factory=list)

    def mendable(self, unsafe: bool) -> bool:
        """Whether a HybridBlock is free of findings once all fixes are applied; else none is worth making."""
        return all(not item.blocking or admitted(item, unsafe) for item in self.items)

    def broken(self, unsafe: bool) -> str:
        """Return what raises, or is silently wrong, in the hybrid_forward of a HybridBlock once it is compiled."""
        for item in self.items:
            if item.blocking and item.code[3:4] in ("1", "2", "3", "4", "8") and not admitted(item, unsafe):
                return f"{item.code} at line {getattr(item.at, 'lineno', 0)}"
        return ""

    @property
    def convertible(self) -> bool:
        """Whether the class can be converted with the fixes that are admitted."""
        return self.converting and not self.blocked


def region_is_np(unit: Unit, module: Module) -> bool:
    """Whether a class works with MXNet's NumPy arrays: by the operators it calls, else by what the file imports."""
    seen: set[str] = set()
    for function in unit.region:
        for node in walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = module.qualified(node.func) or ""
                if name.startswith(("mxnet.np.", "mxnet.npx.")):
                    seen.add("np")
                elif name.startswith("mxnet.nd."):
                    seen.add("nd")
    return "np" in seen if len(seen) == 1 else uses_np(module)


def uses_np(module: Module) -> bool:
    """Whether a file works with MXNet's NumPy arrays."""
    for node in walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("mxnet", "mxnet.numpy", "mxnet.numpy_extension"):
            if any(alias.name in ("np", "npx") for alias in node.names):
                return True
        elif isinstance(node, ast.Attribute) and node.attr in ("set_np", "npx"):
            return True
    return False


_PLANS: WeakKeyDictionary[Module, dict[tuple[int, bool], Plan]] = WeakKeyDictionary()


def plan_of(ctx: UnitContext) -> Plan | None:
    """Return the plan for the class that ``ctx`` is about; ``None`` for what is no class with a forward."""
    if ctx.unit.cls is None:
        return None
    return plan_for(ctx.unit, ctx.module, ctx.project, ctx.unsafe)


def plan_for(unit: Unit, module: Module, project: Project, unsafe: bool) -> Plan | None:
    """Return (and keep) the plan for a unit."""
    from ._convert import complete

    assert unit.cls is not None
    entry = entry_of(unit.cls, project)
    if entry is not None and any(added_methods(owner, project) for owner in project.mro(unit.cls)):
        unit = _with_entry(unit, entry, project)
    cache = _PLANS.setdefault(module, {})
    key = (id(unit.cls), unsafe)
    if key in cache and cache[key].reader.project is project:
        return cache[key]
    converting = needs_conversion(unit)
    plan = Plan(Reader(unit, module, project, converting=converting, unsafe=unsafe), converting=converting)
    plan.assumed = plan.reader.interp.assumed
    plan.group = f"convert:{unit.name}"
    cache[key] = plan
    if unit.entry is not None:
        find(plan)
    complete(plan, unsafe)
    return plan


def _with_entry(unit: Unit, entry: FunctionNode, project: Project) -> Unit:
    """Return a unit that begins with a method that its class is given after its body."""
    other = Unit(unit.name, unit.framework, unit.kind, unit.node, unit.module, entry)
    other.cls, other.base, other.project = unit.cls, unit.base, unit.project
    other.region = region_of(entry, unit.module, project, unit.cls)
    return other


def plan_for_class(info: ClassInfo, project: Project, unsafe: bool) -> Plan | None:
    """Return the plan for any class of the repository."""
    base = project.framework_base(info)
    if base is None or base.framework != "mxnet":
        return None
    entry = entry_of(info, project)
    unit = Unit(info.module.scopes.of(info.node).name, "mxnet", "class", info.node, info.module, entry)
    unit.cls, unit.base = info, base
    if entry is not None:
        unit.region = region_of(entry, info.module, project, info)
    return plan_for(unit, info.module, project, unsafe)


def settle(plan: Plan, project: Project, unsafe: bool) -> None:
    """Block a class when one that it takes for hybrid turned out to be blocked."""
    if not plan.converting or plan.blocked:
        return
    seen: set[int] = set()
    work = list(plan.relies)
    while work:
        info = work.pop()
        if id(info) in seen:
            continue
        seen.add(id(info))
        other = plan_for_class(info, project, unsafe)
        if other is None:
            continue
        if other.blocked:
            plan.blocked.append(f"{info.name}, which it depends on, can't be converted ({other.blocked[0]})")
            return
        if other.converting:
            work += other.relies


def needs_conversion(unit: Unit) -> bool:
    """Whether the class runs as plain Python: a Block, or a HybridBlock that overrides ``forward``."""
    assert unit.cls is not None
    if unit.entry is not None:
        return unit.entry.name != "hybrid_forward"
    return not is_hybrid_base(unit)


def is_hybrid_base(unit: Unit) -> bool:
    """Whether the framework class that the unit derives from is a HybridBlock."""
    from ._structure import hybrid_framework_class

    return unit.base is not None and (unit.base.hybrid or hybrid_framework_class(unit.base.name))


def find(plan: Plan) -> None:
    """Run every finder over the region."""
    reader = plan.reader
    for function in reader.unit.region:
        if function.name == "__init__":
            continue
        reader.function = function
        unseen = eager_only(function, reader)
        given = [*function.args.defaults, *(d for d in function.args.kw_defaults if d is not None)]
        once = {id(inner) for default in given for inner in walk(default)}  # evaluated where the function is defined
        for node in walk_body(function):
            if id(node) in unseen:
                continue
            for each in FINDERS.get(type(node), ()):
                for item in each(node, reader) or ():
                    item.function = function
                    if id(node) in once and item.edits is not None and needs_f(item.edits):
                        item.edits, item.blocking = None, True  # there is no F there
                    plan.items.append(item)
        for each in LAST:
            for item in each(function, reader) or ():
                if id(item.at) in unseen:
                    continue
                item.function = function
                plan.items.append(item)
    if reader.unit.entry is not None:
        reader.function = reader.unit.entry


def eager_only(function: FunctionNode, reader: Reader) -> set[int]:
    """Return the nodes under ``if F is mx.nd`` (``isinstance(x, NDArray)``): a trace never gets there."""
    out: set[int] = set()
    for node in walk(function):
        said = node.annotation if isinstance(node, ast.arg | ast.AnnAssign) else None
        if said is not None:
            out.update(id(inner) for inner in walk(said))  # Python may ask for it, but no graph does
        if not reader.converting and isinstance(node, ast.If) and _asks_for_array(node.test, reader):
            out.update(id(inner) for statement in node.body for inner in walk(statement))
        if not (
            isinstance(node, ast.If | ast.IfExp) and isinstance(node.test, ast.Compare) and len(node.test.ops) == 1
        ):
            continue
        left, right = reader.value(node.test.left), reader.qualified(node.test.comparators[0])
        if left.kind != "F" or left.cls or right not in ("mxnet.nd", "mxnet.sym"):
            continue
        equal = isinstance(node.test.ops[0], ast.Eq | ast.Is)
        branch = node.body if equal == (right == "mxnet.nd") else node.orelse
        for part in branch if isinstance(branch, list) else [branch]:
            out.update(id(inner) for inner in walk(part))
    return out


def _asks_for_array(test: ast.expr, reader: Reader) -> bool:
    """Whether a test is ``isinstance(x, mx.nd.NDArray)``."""
    if not (isinstance(test, ast.Call) and len(test.args) == 2):
        return False
    return reader.qualified(test.func) == "builtins.isinstance" and reader.text(test.args[1]).endswith("NDArray")


def needs_f(edits: tuple[Edit, ...]) -> bool:
    """Whether the text of ``edits`` uses the name ``F``."""
    return any(isinstance(part, str) and _F_NAME.search(part) for edit in edits for part in edit.parts)


def rename_f(edits: tuple[Edit, ...], name: str) -> tuple[Edit, ...]:
    """Return ``edits`` with ``F`` called ``name``."""
    if name == "F":
        return edits
    return tuple(
        Edit(e.start, e.end, tuple(_F_NAME.sub(name, p) if isinstance(p, str) else p for p in e.parts)) for e in edits
    )


def admitted(item: Item, unsafe: bool) -> bool:
    """Whether the item has edits that may be applied."""
    return item.edits is not None and SAFETY_ORDER[item.safety] <= (1 if unsafe else 0)


def findings(code: str, ctx: UnitContext) -> Iterator[Finding]:
    """Yield the findings of one rule from the class's plan."""
    plan = plan_of(ctx)
    if plan is None:
        return
    plan = settled(plan, ctx)
    for item in [*plan.items, *plan.structure]:
        if item.code != code:
            continue
        fix: Fix | None = None
        if plan.converting:
            if item.edits is not None and not plan.blocked:
                fix = Fix(rename_f(item.edits, plan.reader.f), item.safety, plan.group)
        elif item.edits and plan.mendable(ctx.unsafe) and (not needs_f(item.edits) or _has_f(item, plan)):
            fix = Fix(rename_f(item.edits, plan.reader.f), item.safety)
        waits = _waits(item, plan)
        words = item.help if fix is not None or not plan.converting else _by_hand(item.help)
        yield Finding(item.at, item.message, words, item.why, fix, consequence=item.consequence, waits=waits)


def _by_hand(text: str) -> str:
    """Return a help text for what is a Block still: there, what will be ``F`` is ``nd``, or ``np`` and ``npx``."""
    return _F_MEMBER.sub(lambda found: "" if found[1] else "nd.", text)


def _waits(item: Item, plan: Plan) -> str:
    """Return the safety of the edits that an item has once nothing else stands in the way of its class."""
    if item in plan.structure and plan.blocked:
        return "safe" if plan.waits else ""
    if item.edits is None or not plan.converting and needs_f(item.edits) and not _has_f(item, plan):
        return ""
    return item.safety if item.safety in ("safe", "unsafe") else ""


def settled(plan: Plan, ctx: UnitContext) -> Plan:
    """Return the plan once those that it relies on are decided: a class that took one for hybrid is judged again."""
    was = bool(plan.blocked)
    settle(plan, ctx.project, ctx.unsafe)
    if plan.blocked and not was:
        from ._convert import reconsider

        if not plan.again:
            _PLANS[ctx.module].pop((id(ctx.unit.cls), ctx.unsafe), None)
            again = plan_of(ctx)
            if again is not None:
                again.again = True
                return settled(again, ctx)
        reconsider(plan)
    return plan


def _has_f(item: Item, plan: Plan) -> bool:
    """Whether the function that the item is in knows the operators' namespace."""
    function = item.function
    if function is None:
        return False
    return any(
        arg.arg == plan.reader.f for arg in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    )


__all__ = ["FINDERS", "Item", "Kept", "Plan", "Reader", "admitted", "finder", "findings", "last", "plan_for", "plan_of"]
