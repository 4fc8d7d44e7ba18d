"""Kinds of values over a whole TensorFlow program, call sites included.

A tf.function must be judged by what its callers give it: a tensor is traced once, a Python number each time anew.  So
the kinds are found for the whole module at once: every name, attribute, parameter and result is a cell, each
statement joins what it gives into the cells that it writes, and rounds are made until nothing moves.  Which value a
name has *where* doesn't matter here (rules that need it look at the statements themselves).  What is read of a cell on
the way is read through a method that notes it, so that a statement is looked at again only when a cell has changed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode, Scope
from ...meaning.nodes import walk
from ...meaning.values import (
    BOOL,
    NONE,
    NOTHING,
    UNKNOWN,
    Value,
    element_of,
    join,
    join_all,
    of,
    sequence_of,
)
from . import _tables as tables
from ._decorated import is_decorated
from ._defaults import default_of
from ._evidence import DICT, LIST, MAPPING, VARIABLES, Weighed
from ._expressions import evaluate
from ._reaching import Reached, Test, reaching
from ._rounds import Rounds, Step
from ._values import (
    TENSOR,
    VARIABLE,
    annotated,
    arithmetic,
    holds,
    iterate,
)

MAX_ROUNDS = 6
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_PLAIN = (ast.Pass, ast.Break, ast.Continue, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Try)
"""Statements in which nothing is evaluated."""
_NO_VALUES: Mapping[str, Value] = MappingProxyType({})
_TAPE_METHODS = frozenset({"gradient", "jacobian", "batch_jacobian"})
_ARRAY_METHODS = frozenset({"numpy"})


class Kinds:
    """The kinds of one module's values."""

    def __init__(self, module: Module, project: Project) -> None:
        self.module = module
        self.project = project
        self.names: dict[tuple[int, str], Value] = {}
        self.attrs: dict[tuple[str, str], Value] = {}
        self.params: dict[int, dict[str, Value]] = {}
        self.returns: dict[int, Value] = {}
        self.calls: dict[int, list[tuple[ast.Call, ast.AST | None]]] = {}
        self.targets: dict[int, list[FunctionNode | ast.Lambda]] = {}
        self.functions: dict[str, FunctionNode | ast.Lambda] = {}
        self.infos: dict[str, ClassInfo | None] = {}
        self.owner: dict[int, ClassInfo] = {}
        for info in project.classes_of(module):
            for method in info.methods.values():
                self.owner[id(method)] = info
        self.lambdas = [
            node.value
            for node in walk(module.tree)
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Lambda)
            and len(node.targets) == 1
            and isinstance(node.targets[0], ast.Name)
        ]
        self.lambdas.sort(key=lambda node: sum(1 for _ in module.ancestors(node)))  # the outer ones first
        self.seeds: dict[tuple[int, str], Value] = {}
        self.unknown = UNKNOWN
        self.evidence: dict[int, frozenset[str]] = {}
        self.bound: dict[int, Value] = {}
        self.reached: dict[int, Reached] = {}
        self.arguments: set[int] = set()
        self._qualified: dict[int, tuple[ast.expr, str | None]] = {}
        for function in module.scopes.functions:
            self.reached |= reaching(module, function)
        self.rounds = Rounds()
        self.guessing = False
        self._run()

    # what rules ask

    def info_of(self, key: str | None) -> ClassInfo | None:
        """Return the class that the ``cls`` of a value names, where it is one of the repository."""
        if not key or not key.startswith("cls:"):
            return None
        if key not in self.infos:
            self.infos[key] = self.project.class_named(key.removeprefix("cls:"))
        return self.infos[key]

    def value(self, node: ast.expr) -> Value:
        """Return what ``node`` can be, anywhere in the program."""
        found = self.rounds.value(node)
        return found if found is not None and found.kinds else UNKNOWN

    def callees(self, call: ast.Call) -> list[FunctionNode | ast.Lambda]:
        """Return the functions of this module that ``call`` reaches."""
        return self.targets.get(id(call), [])

    def sites(self, function: FunctionNode | ast.Lambda) -> list[tuple[ast.Call, ast.AST | None]]:
        """Return the calls of ``function`` with the function that each stands in (``None`` at module level)."""
        return self.calls.get(id(function), [])

    @property
    def values(self) -> dict[int, Value]:
        """What is known of expressions, by the ids of their nodes."""
        return self.rounds.values

    def given(self, function: FunctionNode | ast.Lambda) -> Mapping[str, Value]:
        """Return what calls give the parameters of ``function``."""
        self.rounds.reads(("given", id(function)))
        return self.params.get(id(function), _NO_VALUES)

    def gives(self, function: FunctionNode | ast.Lambda, otherwise: Value = NOTHING) -> Value:
        """Return what ``function`` returns."""
        self.rounds.reads(("gives", id(function)))
        return self.returns.get(id(function), otherwise)

    def proven(self, function: FunctionNode | ast.Lambda) -> frozenset[str]:
        """Return what the text of ``function`` says of its parameters."""
        self.rounds.reads(("proven", id(function)))
        return self.evidence.get(id(function), frozenset())

    def guesses(self) -> bool:
        """Whether all that calls tell has been found out, so that the rest may be guessed."""
        self.rounds.reads("guessing")
        return self.guessing

    # the rounds

    def _run(self) -> None:
        steps = list(self._steps(self.module.tree.body, self.module.scopes.top, None))
        for function in self.module.scopes.functions:
            scope = self.module.scopes.of(function)
            steps.append(Step(partial(self._enter, function, scope)))
            steps += self._steps(function.body, scope, function)
            if not any(isinstance(node, ast.Return) and node.value is not None for node in walk(function)):
                steps.append(Step(partial(self.join_return, function, NONE)))
        for node in self.module.scopes.classes:
            steps += self._steps(node.body, self.module.scopes.of(node), None)
        weighed = [Weighed(self, function) for function in [*self.module.scopes.functions, *self.lambdas]]
        for _ in range(2 * MAX_ROUNDS):
            self.rounds.take(steps)
            if self.guessing:
                self._weigh(weighed)
            if not self.rounds.moved:
                if self.guessing:
                    break
                self.guessing = True  # only now is it known which parameters no call gives
                self.rounds.changed("guessing")
                self._weigh(weighed)
        self.rounds.close()

    def _weigh(self, weighed: list[Weighed]) -> None:
        for one in weighed:
            if one.stands():
                continue
            key, found = id(one.function), one.weigh()
            if found != self.evidence.get(key):
                self.evidence[key] = found
                self.rounds.changed(("proven", key))

    def _enter(self, function: FunctionNode, scope: Scope) -> None:
        info = self.owner.get(id(function))
        arguments = function.args
        positional = arguments.posonlyargs + arguments.args
        first = positional[0].arg if positional and info and not _is_static(function) else None
        mine = self.given(function)
        traced = is_decorated(self.module, function)
        for arg in positional + arguments.kwonlyargs:
            if arg.arg == first and info is not None:
                kind = "class" if _is_class_method(function) else self._instance_kind(info)
                self.cell(scope, arg.arg, of(kind, cls=f"cls:{info.qualified}"))
                self.bind(arg, of(kind, cls=f"cls:{info.qualified}"))
                continue
            value = annotated(arg.annotation, scope)
            known = mine.get(arg.arg, NOTHING)
            if value is not None and (not known.kinds or not known.known):
                known = join(value, known) if known.known and known.kinds else value
            if not known.kinds:
                known = self._unfed(function, arg.arg, info)
            elif not known.known and self.guesses() and arg.arg in self.proven(function):
                known = replace(TENSOR, assumed=True)
            elif not known.known and self.guesses() and LIST + arg.arg in self.proven(function):
                known = replace(sequence_of("list", TENSOR), assumed=True)
            if traced and "array" in known.kinds and known.kinds <= {"array", "tensor", "variable"}:
                known = TENSOR  # a tf.function makes tensors of the arrays that it is given
            self.seeds[id(function), arg.arg] = known
            self.cell(scope, arg.arg, known)
            self.arguments.add(id(arg))
            self.bind(arg, known)
        gathered = sequence_of("tuple", UNKNOWN)
        star = arguments.vararg
        if star is not None and self.guesses() and {star.arg, LIST + star.arg} & self.proven(function):
            gathered = replace(sequence_of("tuple", TENSOR), assumed=True)
            self.seeds[id(function), star.arg] = gathered
        for rest, value in ((star, gathered), (arguments.kwarg, of("dict"))):
            if rest is not None:
                self.cell(scope, rest.arg, value)
                self.bind(rest, value)

    def _unfed(self, function: FunctionNode, name: str, info: ClassInfo | None) -> Value:
        """What a parameter is that no call in this module gives: its default, or a guess."""
        if not self.guesses():
            return NOTHING
        evidence = self.proven(function)
        if name in evidence:
            return replace(TENSOR, assumed=True)
        if DICT + name in evidence:
            return Value(frozenset({"dict"}), element=replace(TENSOR, assumed=True), assumed=True)
        if VARIABLES + name in evidence:
            return replace(sequence_of("list", VARIABLE), assumed=True)
        if LIST + name in evidence:
            return replace(sequence_of("list", TENSOR), assumed=True)
        default = default_of(function, name)
        if default is not None:
            value = self.eval(default, self.module.scope_at(function))
            return value if not value.is_none else join(NONE, UNKNOWN)
        if name in tables.BOOL_PARAMETERS:
            return BOOL
        if info is not None and function.name == "call" and self.is_layer(info):
            tensor = replace(TENSOR, assumed=True)
            held = MAPPING + name in evidence
            return Value(frozenset({"dict"}), element=tensor, assumed=True) if held else tensor
        return UNKNOWN

    def is_layer(self, info: ClassInfo) -> bool:
        """Whether ``info`` is a Keras layer or model."""
        base = self.project.framework_base(info)
        return base is not None and base.framework == "tensorflow" and base.root != "tensorflow.Module"

    def _instance_kind(self, info: ClassInfo) -> str:
        return "module" if self.is_layer(info) else "object"

    def cell(self, scope: Scope, name: str, value: Value) -> None:
        """Join ``value`` into a name."""
        found = scope.lookup(name)
        owner = found[0] if found is not None else scope
        key = (id(owner.node), name)
        self.rounds.join(self.names, key, value, key)

    def bind(self, node: ast.AST, value: Value) -> None:
        """Join ``value`` into what ``node`` binds, a parameter or a name where it is stored."""
        self._bind(id(node), value)

    def _bind(self, key: int, value: Value) -> None:
        self.rounds.join(self.bound, key, value, key)

    def here(self, node: ast.Name) -> Value | None:
        """Return what a local name is where ``node`` reads it; ``None`` where it isn't followed."""
        found = self.reached.get(id(node))
        if found is None:
            return None
        return join_all(self._tested(one, tests) for one, tests in found)

    def _tested(self, one: int, tests: tuple[Test, ...]) -> Value:
        """Return what ``one`` binds where it has passed ``tests``; nothing, if the text says that it can't."""
        self.rounds.reads(one)
        value = self.bound.get(one, NOTHING)
        for test in tests:
            if not test.holds and value.is_none and "none" in test.kinds and one not in self.arguments:
                return NOTHING
            value = test.of(value)
        return value

    def anywhere(self, node: ast.Name, scope: Scope) -> Value:
        """Return what a name is wherever it is bound."""
        found = scope.lookup(node.id)
        return (self.named(found[0], node.id) or NOTHING) if found is not None else NOTHING

    def named(self, owner: Scope, name: str) -> Value | None:
        """Return what is known of a name that ``owner`` binds."""
        key = id(owner.node), name
        self.rounds.reads(key)
        return self.names.get(key)

    def attribute(self, owner: str, name: str) -> Value | None:
        """Return what is known of an attribute by the ``cls`` of what has it."""
        self.rounds.reads((owner, name))
        return self.attrs.get((owner, name))

    def _attr(self, owner: str, name: str, value: Value) -> None:
        self.rounds.join(self.attrs, (owner, name), value, (owner, name))

    def join_return(self, function: ast.AST, value: Value) -> None:
        """Join ``value`` into what ``function`` gives."""
        self.rounds.join(self.returns, id(function), value, ("gives", id(function)))

    def feed(self, function: FunctionNode | ast.Lambda, given: dict[str, Value]) -> None:
        """Join what a call gives into the parameters of ``function``."""
        mine = self.params.setdefault(id(function), {})
        for name, value in given.items():
            self.rounds.join(mine, name, value, ("given", id(function)))

    # statements

    def _steps(self, body: list[ast.stmt], scope: Scope, function: FunctionNode | None) -> Iterator[Step]:
        """Yield a step for each statement in which something is evaluated, those in blocks included."""
        for node in body:
            if isinstance(node, _FUNCTIONS):
                if node.decorator_list:
                    yield Step(partial(self._decorators, node, scope))
                continue
            if isinstance(node, ast.ClassDef):
                continue
            if not isinstance(node, _PLAIN):
                yield Step(partial(self._statement, node, scope, function))
            for name in ("body", "orelse", "finalbody"):
                yield from self._steps(getattr(node, name, []), scope, function)
            for name in ("handlers", "cases"):
                for part in getattr(node, name, []):
                    yield from self._steps(part.body, scope, function)

    def _decorators(self, node: FunctionNode, scope: Scope) -> None:
        for decorator in node.decorator_list:
            self.eval(decorator, scope)

    def _statement(self, node: ast.stmt, scope: Scope, function: FunctionNode | None) -> None:
        """Evaluate what stands in ``node`` itself, and join what it gives into what it writes."""
        if isinstance(node, ast.Assign):
            value = self.eval(node.value, scope)
            for target in node.targets:
                self.store(target, value, scope)
        elif isinstance(node, ast.AnnAssign):
            value = self.eval(node.value, scope) if node.value else (annotated(node.annotation, scope) or NOTHING)
            self.store(node.target, value, scope)
        elif isinstance(node, ast.AugAssign):
            right = self.eval(node.value, scope)
            left = self.eval(node.target, scope)
            self.store(node.target, arithmetic(left, right), scope)
        elif isinstance(node, ast.For | ast.AsyncFor):
            self.store(node.target, iterate(self.eval(node.iter, scope)), scope)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                value = self.eval(item.context_expr, scope)
                if item.optional_vars is not None:
                    self.store(item.optional_vars, value, scope)
        elif isinstance(node, ast.Return):
            value = self.eval(node.value, scope) if node.value is not None else NONE
            if function is not None:
                self.join_return(function, value)
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.eval(child, scope)

    def store(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Join ``value`` into what ``target`` writes."""
        if isinstance(target, ast.Name):
            self.cell(scope, target.id, value)
            self.bind(target, value)
        elif isinstance(target, ast.Tuple | ast.List):
            for index, item in enumerate(target.elts):
                if isinstance(item, ast.Starred):
                    self.store(item.value, sequence_of("list", iterate(value)), scope)
                elif value.elements is not None and len(value.elements) == len(target.elts):
                    self.store(item, value.elements[index], scope)
                else:
                    self.store(item, iterate(value), scope)
        elif isinstance(target, ast.Attribute):
            base = self.eval(target.value, scope)
            if base.cls:
                self._attr(base.cls, target.attr, value)
        elif isinstance(target, ast.Subscript):
            self.eval(target.slice, scope)
            self.grow(target.value, value, scope)

    def grow(self, container: ast.expr, value: Value, scope: Scope) -> None:
        """Join ``value`` into the elements of a list or dict."""
        base = self.eval(container, scope)
        if base.kinds & {"list", "dict"}:
            grown = Value(base.kinds, element=join(element_of(base) if holds(base) else NOTHING, value), cls=base.cls)
            if isinstance(container, ast.Name):
                self.cell(scope, container.id, grown)
                for one, _ in self.reached.get(id(container), ()):
                    self.rounds.reads(one)
                    if self.bound.get(one, NOTHING).kinds:
                        self._bind(one, grown)
            elif isinstance(container, ast.Attribute):
                owner = self.eval(container.value, scope)
                if owner.cls:
                    self._attr(owner.cls, container.attr, grown)

    # expressions

    def eval(self, node: ast.expr, scope: Scope) -> Value:
        """Return the value of ``node``, and note it for the rules."""
        value = evaluate(self, node, scope)
        self.rounds.own[id(node)] = value
        return value

    def qualified(self, node: ast.expr, scope: Scope) -> str | None:
        """Return the qualified name that ``node`` stands for: the same in each round, if star imports don't decide."""
        found = self._qualified.get(id(node))
        if found is None:
            found = node, scope.qualified(node)
            if not self.module.scopes.top.star_imports:
                self._qualified[id(node)] = found
        return found[1]

    def function_value(self, node: FunctionNode | ast.Lambda) -> Value:
        """Return the value of a function of this module."""
        key = f"fn:{id(node)}"
        self.functions[key] = node
        return of("function", cls=key)

    def attribute_of(self, info: ClassInfo, name: str) -> Value | None:
        """Return what ``instance.name`` is: an attribute that some method sets, or a method."""
        for owner in self.project.mro(info):
            value = self.attribute(f"cls:{owner.qualified}", name)
            if value is not None and value.kinds:
                return value
            if name in owner.methods and owner.module is self.module:
                method = owner.methods[name]
                if any(isinstance(d, ast.Name) and d.id == "property" for d in method.decorator_list):
                    return self.gives(method, UNKNOWN)
                return self.function_value(method)
            scope = owner.module.scopes.of(owner.node)
            value = self.named(scope, name)
            if value is not None:
                return value
        if self.is_layer(info) and name in tables.VARIABLE_LISTS:
            return sequence_of("list", VARIABLE)
        return None


def _is_static(function: FunctionNode) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)


def _is_class_method(function: FunctionNode) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "classmethod" for d in function.decorator_list)


def kinds_of(module: Module, project: Project) -> Kinds:
    """Return the kinds of ``module``, computed once."""
    found = module.__dict__.get("_tensorflow_kinds")
    if not isinstance(found, Kinds):
        found = Kinds(module, project)
        module.__dict__["_tensorflow_kinds"] = found
    return found
