"""A file cut into its top-level statements, each with the lines before it, and what each of them speaks of.

A slice ends with the line on which its last statement ends, so the slices of a file are its text.  Cutting is exact:
where a run of slices parses by itself, the file parses to the same statements one after the other, since a tokenizer
that has come to the end of a complete top-level statement is in the state in which it began.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ..meaning.nodes import walk
from ..rewrite.edit import Edit

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic
    from ..report.found import FoundUnit
    from ..run.suppress import Ignore

_FRAMEWORKS = {"torch": "torch", "mxnet": "mxnet", "tensorflow": "tensorflow", "keras": "tensorflow"}
_ENTRIES = frozenset({"forward", "hybrid_forward", "call", "build"})
_FLAGS = frozenset({"set_np", "npx"})  # a file that has one of them anywhere is about MXNet's NumPy arrays
_DECLARING = frozenset({"example_inputs", "inputs"})  # a file may say with these what its nets take
_Def = ast.FunctionDef | ast.AsyncFunctionDef
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(eq=False)
class Slice:
    """Some lines of a file that hold one or more whole top-level statements (or, at the end of the file, none).

    ``nodes`` carry the line numbers of a file in which the slice begins at line ``at`` (1-based).  ``context`` slices
    (imports, docstrings) are part of every judgement.  ``binds`` and ``names`` are what the slice binds at module level
    and what it refers to there; ``members`` and ``attributes`` likewise for what is reached by a dot, ``own`` and
    ``writes`` for what its classes write to their own objects and what is written to others; ``flags`` are
    words whose mere presence decides for the whole file, ``whole`` the frameworks for which a slice like this one can
    only be judged with the whole file.
    """

    lines: tuple[str, ...]
    nodes: list[ast.stmt] = field(default_factory=list)
    at: int = 1
    context: bool = False
    binds: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    frameworks: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    # what judging found; offsets count from the start of the slice
    found: list[Diagnostic] = field(default_factory=list)
    units: list[tuple[FoundUnit, int]] = field(default_factory=list)
    counts_lines: bool = False  # whether a finding's text names a line, which moves
    comments: list[Ignore] | None = None
    shown: list[Diagnostic] | None = None
    drawn: object = None  # what the client was told of them
    # where it stands now: 0-based line (-1: not placed yet), offset
    line: int = -1
    start: int = 0

    @property
    def text(self) -> str:
        return "".join(self.lines)

    @cached_property
    def size(self) -> int:
        """The number of characters."""
        return sum(map(len, self.lines))

    def move_nodes(self, at: int) -> list[ast.stmt]:
        """Return the nodes with the line numbers that they have when the slice begins at 1-based line ``at``."""
        if at != self.at:
            delta = at - self.at
            for top in self.nodes:
                for node in ast.walk(top):
                    if hasattr(node, "lineno"):
                        node.lineno += delta
                        node.end_lineno = (node.end_lineno or node.lineno) + delta  # type: ignore[attr-defined]
            self.at = at
        return self.nodes


@dataclass(frozen=True)
class Placed(Edit):
    """An edit whose offsets count from the start of ``slice``."""

    slice: Slice = field(default_factory=lambda: Slice(()), compare=False)


def parse(lines: list[str], at: int = 1, known: Iterable[Slice] = ()) -> list[Slice] | None:
    """Cut lines that begin at 1-based line ``at``; ``None`` where they are no complete statements.

    Where one of the ``known`` slices has the lines of a new one, it stands for it, once.
    """
    same = {one.lines: one for one in known if one.nodes and not one.context}
    text = "".join(lines)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            body = ast.parse("\n" * (at - 1) + text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    slices: list[Slice] = []
    done = at  # the first line that is in no slice yet
    group: list[ast.stmt] = []
    for index, node in enumerate(body):
        group.append(node)
        end = node.end_lineno or node.lineno
        following = body[index + 1] if index + 1 < len(body) else None
        if following is not None and first_line(following) <= end:
            continue  # `a = 1; b = 2`
        own, first = tuple(lines[done - at : end + 1 - at]), index == 0 and at == 1
        old = None if first else same.pop(own, None)  # the first statement may be the docstring
        slices.append(old or _slice(own, group, done, first))
        group, done = [], end + 1
    if done - at < len(lines):
        slices.append(Slice(tuple(lines[done - at :]), at=done))
    return slices


def first_line(node: ast.stmt) -> int:
    """Return the line on which a statement begins, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _slice(lines: tuple[str, ...], nodes: list[ast.stmt], at: int, first: bool) -> Slice:
    made = Slice(lines, nodes, at)
    names = _Names()
    for node in nodes:
        names.module_level(node)
    made.binds, made.names = frozenset(names.binds), frozenset(names.names)
    made.attributes = frozenset(names.attributes)
    made.members = frozenset(names.members)
    made.own, made.writes = frozenset(names.own), frozenset(names.writes)
    made.flags = frozenset(names.attributes & _FLAGS)
    made.frameworks = frozenset(names.frameworks)
    docstring = first and isinstance(nodes[0], ast.Expr) and isinstance(nodes[0].value, ast.Constant)
    made.context = docstring or names.imports
    defines = any(isinstance(inner, _Def | ast.ClassDef) for node in nodes for inner in ast.walk(node))
    if (made.context and defines) or "cls.forward" in names.attributes:
        made.whole = frozenset(_FRAMEWORKS.values())
    elif names.binds & _DECLARING:
        made.whole = frozenset({"mxnet"})
    return made


class _Names:
    """Collects what statements of a module bind and refer to."""

    def __init__(self) -> None:
        self.binds: set[str] = set()
        self.names: set[str] = set()
        self.members: set[str] = set()
        self.attributes: set[str] = set()
        self.frameworks: set[str] = set()
        self.imports = False
        self.own: set[str] = set()
        self.writes: set[str] = set()
        self._instance = ""  # what the method around calls its object, and what its class gives that
        self._given: frozenset[str] = frozenset()
        self._naming = ""  # the attribute of its own object that a statement writes

    def module_level(self, node: ast.stmt) -> None:
        self._visit(node, frozenset(), None, False)

    def _visit(self, node: ast.AST, local: frozenset[str], owner: ast.ClassDef | None, inside: bool) -> None:
        """``local`` are names of enclosing functions, ``owner`` the class around, ``inside`` whether in a function."""
        if isinstance(node, ast.Name):
            if node.id not in local:
                self.names.add(node.id)
                if not inside and owner is None and not isinstance(node.ctx, ast.Load):
                    self.binds.add(node.id)
        elif isinstance(node, ast.Attribute):
            mine = isinstance(node.value, ast.Name) and node.value.id == self._instance
            # what the same class gives links nothing; where a subclass gives another, the name of the base links them
            if not (mine and node.attr in self._given):
                self.attributes.add(node.attr)
                if not isinstance(node.ctx, ast.Load):
                    self.writes.add(node.attr)
            if isinstance(node.value, ast.Name) and node.value.id == "cls" and node.attr == "forward":
                self.attributes.add("cls.forward")
            self._visit(node.value, local, owner, inside)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str) and len(node.value) < 200:  # an annotation, a name for `getattr`
                self.names.update(word for word in node.value.replace(".", " ").split() if word.isidentifier())
                if node.value.isidentifier() and node.value != self._naming:
                    self.attributes.add(node.value)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node, local, inside or owner is not None)
        elif isinstance(node, _Def):
            self._function(node, local, owner, inside)
        elif isinstance(node, ast.ClassDef):
            if not inside and owner is None:
                self.binds.add(node.name)
            elif node.name not in local:
                self.names.add(node.name)
            for part in (*node.decorator_list, *node.bases, *node.keywords):
                self._visit(part, local, owner, inside)
            around = self._given
            written = _written(node)
            self.own |= written
            self._given = written | {method.name for method in node.body if isinstance(method, _Def)}
            for statement in node.body:
                self._visit(statement, local, node, inside)
            self._given = around
        elif isinstance(node, ast.Lambda):
            own = frozenset(arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg))
            self._children(node, local | own, owner, True)
        elif isinstance(node, _COMPREHENSIONS):
            own = frozenset(
                n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)
            )  # what it binds is its own
            self._children(node, local | own, owner, True)
        elif isinstance(node, ast.Global):
            self.binds.update(node.names)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            target = node.targets[0]
            if isinstance(target.value, ast.Name) and target.value.id == self._instance:
                self._naming = target.attr  # ``self.weight = self.params.get("weight")``: a name is given, none is read
            self._children(node, local, owner, inside)
            self._naming = ""
        else:
            for name in _bound_by(node):
                if name not in local and not inside and owner is None:
                    self.binds.add(name)
            self._children(node, local, owner, inside)

    def _children(self, node: ast.AST, local: frozenset[str], owner: ast.ClassDef | None, inside: bool) -> None:
        for child in ast.iter_child_nodes(node):
            self._visit(child, local, owner, inside)

    def _function(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        local: frozenset[str],
        owner: ast.ClassDef | None,
        inside: bool,
    ) -> None:
        if not inside and owner is None:
            self.binds.add(node.name)
        elif owner is not None and not inside:
            self._method(node)
        for part in (*node.decorator_list, *(n for n in (node.returns,) if n is not None)):
            self._visit(part, local, owner, inside)
        inner = local | _locals(node)
        for arg in ast.walk(node.args):
            if isinstance(arg, ast.expr):
                self._visit(arg, local, owner, True)
        around = self._instance
        if owner is not None:
            self._instance = _instance(node)
        for statement in node.body:
            self._visit(statement, inner, None, True)
        self._instance = around

    def _method(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if not node.name.startswith("__") and node.name not in _ENTRIES:
            self.members.add(node.name)
        late = node.name != "__init__"
        for inner in ast.walk(node):
            if isinstance(inner, ast.Assign):
                for target in inner.targets:
                    if isinstance(target, ast.Attribute) and (late or _is_plain_call(inner.value)):
                        self.members.add(target.attr)

    def _import(self, node: ast.Import | ast.ImportFrom, local: frozenset[str], inner: bool) -> None:
        roots = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        if isinstance(node, ast.Import) or not node.level:
            firsts = {root.split(".")[0] for root in roots}
            self.frameworks.update(_FRAMEWORKS[first] for first in firsts if first in _FRAMEWORKS)
        if inner:
            self.names.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
        else:
            self.imports = True
            self.binds.update(alias.asname or alias.name.split(".")[0] for alias in node.names)


def _instance(method: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return what a method calls its object; empty where a decorator may give it something else."""
    parameters = [*method.args.posonlyargs, *method.args.args]
    return parameters[0].arg if parameters and not method.decorator_list else ""


def _written(owner: ast.ClassDef) -> frozenset[str]:
    """Return the attributes that the methods of a class write to their own object."""
    return frozenset(
        node.attr
        for method in owner.body
        if isinstance(method, _Def) and (name := _instance(method))
        for node in walk(method)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name) and node.value.id == name
    )  # fmt: skip


def _locals(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """Return the names that a function binds for itself."""
    found = {arg.arg for arg in ast.walk(function.args) if isinstance(arg, ast.arg)}
    outer: set[str] = set()
    work: list[ast.AST] = list(function.body)
    while work:
        node = work.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Global):
            outer.update(node.names)
        elif isinstance(node, _Def | ast.ClassDef):
            found.add(node.name)
            continue  # what it binds inside is its own
        elif isinstance(node, ast.Lambda):
            continue
        work.extend(ast.iter_child_nodes(node))
    return frozenset(found - outer)


def _bound_by(node: ast.AST) -> list[str]:
    """Return names that a node binds as plain strings."""
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        return [node.name]
    return [node.rest] if isinstance(node, ast.MatchMapping) and node.rest else []


def _is_plain_call(value: ast.expr) -> bool:
    """Whether a value is the result of a function, rather than an object of a class (``nn.Dense(3)``)."""
    if not isinstance(value, ast.Call):
        return False
    name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
    return not name[:1].isupper()
