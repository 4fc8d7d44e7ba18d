"""The program as TensorFlow sees it: which functions are tf.functions, which are worth it, what each one reaches."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.values import Value
from ..rule import ModuleContext
from . import _tables as tables
from ._decorated import asks_autograph_for, gives_function
from ._defaults import default_of
from ._handed import Handed, find_handed
from ._kinds import Kinds, kinds_of
from ._wanted import why_not

AnyFunction = FunctionNode | ast.Lambda
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_MAX_REGION = 200


@dataclass(eq=False)
class Unit:
    """One function with what this package wants to know of it.

    ``hybrid`` is the decorator or wrapping call that makes it a tf.function.  ``wanted`` tells whether it takes tensors
    and computes on them, so that compiling it is worth a thought; ``why_not`` says in words why it isn't wanted.
    """

    function: FunctionNode
    name: str
    info: ClassInfo | None
    hybrid: ast.expr | None = None
    wanted: bool = False
    why_not: str = ""
    region: list[AnyFunction] = field(default_factory=list)


@dataclass(eq=False)
class NamedLambda:
    """``name = lambda ...`` that takes tensors and computes on them, with the unit that rules ask about."""

    node: ast.Lambda
    name: str
    unit: Unit


class Program:
    """All functions of one module, with the tf.functions among them."""

    def __init__(self, module: Module, project: Project) -> None:
        self.module = module
        self.project = project
        self.nodes: list[ast.AST] = list(ast.walk(module.tree))
        self.kinds: Kinds = kinds_of(module, project)
        self.wraps: list[tuple[ast.Call, AnyFunction | None]] = []
        self.units: dict[int, Unit] = {}
        for function in module.scopes.functions:
            name = module.scopes.of(function).name
            unit = Unit(function, name, self.kinds.owner.get(id(function)), self.decorator(function))
            self.units[id(function)] = unit
        self._find_wraps()
        self._reach: dict[int, list[AnyFunction]] = {}
        self.uses_of_classes: dict[str, object] = {}
        self.traced: list[AnyFunction] = []
        for unit in self.units.values():
            unit.why_not = why_not(self, unit)
            unit.wanted = not unit.why_not
        self.lambdas = [] if self.is_legacy else list(self._named_lambdas())
        self.hybrid_reach: frozenset[int] = frozenset(
            id(function)
            for unit in self.units.values()
            if unit.hybrid is not None or self.run_by_fit(unit)
            for function in self.reach(unit.function)
        )
        self.compiled = self._compiled()
        self.traced = self.compiled

    # tf.function

    def is_function_call(self, node: ast.expr) -> bool:
        """Whether ``node`` is ``tf.function`` or a call that gives its decorator."""
        return gives_function(self.module, node)

    def decorator(self, function: FunctionNode) -> ast.expr | None:
        """Return the decorator that makes ``function`` a tf.function."""
        return next((d for d in function.decorator_list if self.is_function_call(d)), None)

    def converts(self, function: AnyFunction, feature: str) -> bool:
        """Whether ``function`` is a tf.function that asks AutoGraph for ``feature`` as well."""
        unit = self.units.get(id(function))
        return unit is not None and asks_autograph_for(unit.hybrid, feature)

    def _find_wraps(self) -> None:
        """Find ``tf.function(f)`` wherever it stands."""
        for node in self.nodes:
            if not isinstance(node, ast.Call) or not node.args or isinstance(node.args[0], ast.Constant):
                continue
            if self.module.qualified(node.func) not in tables.FUNCTION_NAMES:
                continue
            value = self.kinds.value(node.args[0])
            function = self.callable_of(value)
            self.wraps.append((node, function))
            unit = self.units.get(id(function)) if function is not None else None
            if unit is not None and unit.hybrid is None:
                unit.hybrid = node

    def callable_of(self, value: Value) -> AnyFunction | None:
        """Return the function of this module that runs when ``value`` is called."""
        from ._calls import entry_of

        if value.cls and value.cls.startswith("fn:"):
            return self.kinds.functions.get(value.cls)
        if value.cls and value.is_("module", "object") and self.kinds.info_of(value.cls) is not None:
            info = self.kinds.info_of(value.cls)
            return entry_of(self.kinds, info) if info is not None else None
        return None

    def _named_lambdas(self) -> Iterator[NamedLambda]:
        """Yield the lambdas that a name is bound to, once, and that take tensors by what they do with them."""
        wrapped = {id(function) for _, function in self.wraps}
        for node in self.kinds.lambdas:
            statement = self.module.parent(node)
            if id(node) in wrapped or not isinstance(statement, ast.Assign):
                continue
            (target,) = statement.targets
            assert isinstance(target, ast.Name)
            found = self.module.scope_at(target).lookup(target.id)
            if found is None or len(found[1]) != 1 or not self.kinds.evidence.get(id(node)):
                continue
            if self.computes(node) > 1:
                yield NamedLambda(node, target.id, Unit(node, target.id, None))  # type: ignore[arg-type]

    # reach

    def calls_in(self, function: AnyFunction) -> Iterator[ast.Call]:
        """Yield the calls in the body of ``function`` (nested functions included)."""
        for node in walk(function):
            if isinstance(node, ast.Call):
                yield node

    def reach(self, function: AnyFunction) -> list[AnyFunction]:
        """Return ``function`` and the functions of this module that a trace of it runs."""
        found = self._reach.get(id(function))
        if found is not None:
            return found
        order: list[AnyFunction] = []
        work: list[AnyFunction] = [function]
        while work and len(order) < _MAX_REGION:
            current = work.pop(0)
            if any(current is other for other in order):
                continue
            order.append(current)
            work += self.direct(current)
        self._reach[id(function)] = order
        return order

    def direct(self, function: AnyFunction) -> list[AnyFunction]:
        """Return the functions that ``function`` calls, or hands to something that calls them."""
        out: list[AnyFunction] = []
        for call in self.calls_in(function):
            out += self.kinds.callees(call)
            if self.module.qualified(call.func) in tables.RUN_IN_PYTHON:
                continue
            for arg in [*call.args, *(keyword.value for keyword in call.keywords)]:
                value = self.kinds.value(arg)
                if value.is_("function") and value.cls and value.cls.startswith("fn:"):
                    out.append(self.kinds.functions[value.cls])
        out += self._asked(function)
        return [other for other in out if not _inside(other, function)]

    def _asked(self, function: AnyFunction) -> Iterator[AnyFunction]:
        """Yield the methods that Python calls for ``obj.name`` of a property, and for ``obj[key]``."""
        for node in walk(function):
            if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Load):
                info = self.kinds.info_of(self.kinds.value(node.value).cls)
                if info is None:
                    continue
                for name in (node.attr,) if isinstance(node, ast.Attribute) else ("__getitem__", "__missing__"):
                    method = self.project.method(info, name)
                    if method is None or id(method[1]) not in self.units or method[1] is function:
                        continue
                    plain = isinstance(node, ast.Subscript)
                    if plain or any(self.module.qualified(d) == "builtins.property" for d in method[1].decorator_list):
                        yield method[1]

    def _compiled(self) -> list[AnyFunction]:
        """Functions that are traced, now or if what is wanted is decorated; each once."""
        order: list[AnyFunction] = []
        seen: set[int] = set()
        for unit in self.units.values():
            if unit.hybrid is None and not unit.wanted and not self.run_by_fit(unit):
                continue
            for function in self.reach(unit.function):
                if id(function) not in seen:
                    seen.add(id(function))
                    order.append(function)
        lambdas = [wrapped for _, wrapped in self.wraps if isinstance(wrapped, ast.Lambda)]
        for wrapped in lambdas + [named.node for named in self.lambdas]:
            if id(wrapped) not in seen:
                for function in self.reach(wrapped):
                    if id(function) not in seen:
                        seen.add(id(function))
                        order.append(function)
        return order

    def run_by_fit(self, unit: Unit) -> bool:
        """Whether ``unit`` is the step of a Keras model that ``fit`` and the like compile."""
        if unit.info is None or unit.function.name not in ("train_step", "test_step", "predict_step"):
            return False
        base = self.project.framework_base(unit.info)
        return base is not None and base.root.endswith(".Model") and not self._runs_eagerly

    @cached_property
    def _runs_eagerly(self) -> bool:
        """Whether the file tells some model, or all functions, to run op by op."""
        for node in self.nodes:
            if isinstance(node, ast.keyword) and node.arg == "run_eagerly":
                return True
            if isinstance(node, ast.Attribute) and node.attr in ("run_eagerly", "run_functions_eagerly"):
                return True
        return False

    # is it worth it?

    def parameters(self, unit: Unit) -> dict[str, Value]:
        """Return the parameters of a function, ``self`` left out."""
        function = unit.function
        scope = self.module.scopes.of(function)
        arguments = function.args
        positional = arguments.posonlyargs + arguments.args
        if unit.info is not None and not any(
            isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list
        ):
            positional = positional[1:]
        values: dict[str, Value] = {}
        gathered = self.kinds.seeds.get((id(scope.node), arguments.vararg.arg)) if arguments.vararg else None
        if gathered is not None and arguments.vararg is not None:
            values[arguments.vararg.arg] = gathered  # ``*tensors``
        for arg in positional + arguments.kwonlyargs:
            given = self.kinds.params.get(id(function), {}).get(arg.arg)
            seed = self.kinds.seeds.get((id(scope.node), arg.arg))
            told = given is not None and given.kinds and (given.known or seed is None or not seed.has_tensor)
            values[arg.arg] = given if told and given is not None else (seed or self.kinds.unknown)
        return values

    def supplied(self, unit: Unit, name: str) -> bool:
        """Whether some call in this module gives the parameter ``name`` (and doesn't leave it to its default)."""
        function = unit.function
        if default_of(function, name) is None:
            return True
        arguments = function.args
        positional = [arg.arg for arg in arguments.posonlyargs + arguments.args]
        if unit.info is not None:
            positional = positional[1:]
        for call, _ in self.kinds.sites(function):
            if any(keyword.arg in (name, None) for keyword in call.keywords):
                return True
            if any(isinstance(arg, ast.Starred) for arg in call.args):
                return True
            if name in positional and positional.index(name) < len(call.args):
                return True
        return False

    def computes(self, function: AnyFunction) -> int:
        """Return the number of tensor operations in the text of ``function`` and what it reaches."""
        return sum(self._own_ops(other) for other in self.reach(function))

    def _own_ops(self, function: AnyFunction) -> int:
        count = 0
        for node in walk(function):
            if isinstance(node, ast.Call):
                name = self.module.qualified(node.func) or ""
                if name.startswith("tensorflow."):
                    small = tables.short(name)
                    value = self.kinds.value(node)
                    if small not in tables.CREATORS and (value.has_tensor or small in ("cond", "while_loop", "map_fn")):
                        count += 1
                    elif small in ("constant", "ones", "zeros", "range") and value.is_tensor:
                        count += 1 if any(not isinstance(arg, ast.Constant) for arg in node.args) else 0
                elif (
                    name.startswith(("keras.ops.", "keras.activations.", "keras.losses.", "keras.backend."))
                    or (self.kinds.value(node.func).is_("module"))
                    or self.kinds.value(node.func).cls in ("tensor.assign", "tensor.assign_add", "tensor.assign_sub")
                ):
                    count += 1
            elif isinstance(node, ast.BinOp) and self.kinds.value(node).is_tensor:
                count += 1
        return count

    @cached_property
    def is_legacy(self) -> bool:
        """Whether the file imports TensorFlow 1, or uses what only that one has: it builds graphs by hand."""
        top = self.module.scopes.top
        if any(
            (binding.target or "").startswith("tensorflow.compat.v1")
            for bindings in top.bindings.values()
            for binding in bindings
            if binding.kind == "import"
        ):
            return True
        attributes = (node for node in self.nodes if isinstance(node, ast.Attribute) and node.attr in tables.REMOVED)
        return any(self.module.qualified(node) == f"tensorflow.{node.attr}" for node in attributes)

    def makes_function(self, function: FunctionNode, node: ast.expr) -> bool:
        """Whether ``node``, which ``function`` returns, is a function that it makes, and no custom gradient."""
        if any(self.is_custom_gradient(decorator) for decorator in function.decorator_list):
            return False
        if isinstance(node, ast.Name):
            return any(isinstance(inner, ast.FunctionDef) and inner.name == node.id for inner in walk(function))
        return isinstance(node, ast.Lambda)

    def is_custom_gradient(self, decorator: ast.expr) -> bool:
        """Whether ``decorator`` is ``tf.custom_gradient``, which wants a function that returns another one."""
        return self.module.qualified(decorator) == "tensorflow.custom_gradient"

    @cached_property
    def eager_reach(self) -> frozenset[int]:
        """Return the ids of functions that would be compiled anew: reached by what is wanted and also run eagerly."""
        return frozenset(
            id(function)
            for unit in self.units.values()
            if unit.wanted
            and any(
                caller is None or id(caller) not in self.hybrid_reach for _, caller in self.kinds.sites(unit.function)
            )
            for function in self.reach(unit.function)
        )

    def called_by_program(self, function: AnyFunction) -> bool:
        """Whether some call of ``function``, or a use of it as a value, stands outside of classes' methods."""
        return any(self.module_level(site) for site, _ in self.kinds.sites(function)) or self._handed_on(function)

    def module_level(self, node: ast.AST) -> bool:
        """Whether ``node`` stands in no class."""
        return not any(isinstance(parent, ast.ClassDef) for parent in self.module.ancestors(node))

    def _handed_on(self, function: AnyFunction) -> bool:
        return any(self.module_level(node) for node in self.values_of(function))

    @cached_property
    def made_attributes(self) -> dict[str, str]:
        """By attribute name: the qualified name of the call that it is assigned somewhere in the file."""
        found: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Attribute):
                        found[target.attr] = self.module.qualified(node.value.func) or found.get(target.attr, "")
        return found

    @cached_property
    def handed(self) -> Handed:
        """Where the functions of this module are used as values."""
        return find_handed(self.module, self.kinds, self.nodes)

    @cached_property
    def makes_symbolic(self) -> bool:
        """Whether the file makes symbolic inputs of Keras, which values that can't be followed may be.

        One that is only an element of a ``Sequential`` (listed or added) goes nowhere else.
        """
        for node in self.nodes:
            if isinstance(node, ast.Call) and (self.module.qualified(node.func) or "").startswith(tables.INPUTS):
                parent = self.module.parent(node)
                func = parent.func if isinstance(parent, ast.Call) else None
                added = isinstance(func, ast.Attribute) and func.attr == "add"
                if not added and not isinstance(parent, ast.List | ast.Tuple):
                    return True
        return False

    def values_of(self, function: AnyFunction) -> list[ast.expr]:
        """Return the places where ``function`` is used as a value (returned, handed on), not called."""
        return self.handed.values.get(f"fn:{id(function)}", [])

    def in_pipelines(self, function: AnyFunction) -> bool:
        """Whether ``function`` is given to a ``tf.data`` pipeline or to Keras' training, which trace it."""
        return f"fn:{id(function)}" in self.handed.traced


def walk(function: AnyFunction) -> Iterator[ast.AST]:
    """Yield the nodes of the body of ``function`` in the order of the text, nested functions included."""
    kept: list[ast.AST] | None = function.__dict__.get("_walked")
    if kept is None:
        body = function.body if isinstance(function.body, list) else [function.body]
        kept = []
        work: list[ast.AST] = list(reversed(body))
        while work:
            node = work.pop()
            kept.append(node)
            work.extend(reversed(list(ast.iter_child_nodes(node))))
        function.__dict__["_walked"] = kept  # a function is walked by every rule
    yield from kept


def _inside(inner: ast.AST, outer: ast.AST) -> bool:
    first = getattr(outer, "lineno", 0)
    last = getattr(outer, "end_lineno", 0) or 0
    here = getattr(inner, "lineno", 0)
    if inner is outer or not first <= here <= last:
        return False
    if first < here < last:
        return True
    return any(node is inner for node in ast.walk(outer))


def program_of(ctx: ModuleContext) -> Program:
    """Return the program of the file that ``ctx`` judges, built once."""
    found = ctx.module.__dict__.get("_tensorflow_program")
    if not isinstance(found, Program):
        found = Program(ctx.module, ctx.project)
        ctx.module.__dict__["_tensorflow_program"] = found
    return found
