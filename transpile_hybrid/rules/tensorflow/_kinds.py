"""Kinds of values over a whole TensorFlow program, call sites included.

A tf.function must be judged by what its callers give it: a tensor is traced once, a Python number each time anew.  So
the kinds are found for the whole module at once: every name, attribute, parameter and result is a cell, each
statement joins what it gives into the cells that it writes, and rounds are made until nothing moves.  Which value a
name has *where* doesn't matter here (rules that need it look at the statements themselves).
"""

from __future__ import annotations

import ast
from dataclasses import replace

from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode, Scope
from ...meaning.nodes import walk
from ...meaning.values import (
    ARRAY,
    BOOL,
    DTYPE,
    FLOAT,
    INT,
    NONE,
    NOTHING,
    STR,
    UNKNOWN,
    Value,
    constant,
    element_of,
    join,
    join_all,
    of,
    sequence,
    sequence_of,
    shallow,
)
from . import _tables as tables
from ._decorated import is_decorated
from ._defaults import default_of
from ._evidence import DICT, tensor_parameters
from ._values import (
    DTYPES,
    SHAPE,
    TENSOR,
    VARIABLE,
    annotated,
    arithmetic,
    holds,
    iterate,
    tensor_attribute,
)

MAX_ROUNDS = 6
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
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
        self.seeds: dict[tuple[int, str], Value] = {}
        self.unknown = UNKNOWN
        self.evidence: dict[int, frozenset[str]] = {}
        self.moved = False
        self._guessing = False
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
        found = self._values.get(id(node))
        return found if found is not None and found.kinds else UNKNOWN

    def callees(self, call: ast.Call) -> list[FunctionNode | ast.Lambda]:
        """Return the functions of this module that ``call`` reaches."""
        return self.targets.get(id(call), [])

    def sites(self, function: FunctionNode | ast.Lambda) -> list[tuple[ast.Call, ast.AST | None]]:
        """Return the calls of ``function`` with the function that each stands in (``None`` at module level)."""
        return self.calls.get(id(function), [])

    # the rounds

    def _run(self) -> None:
        self._values: dict[int, Value] = {}
        top = self.module.scopes.top
        without_return = {
            id(function)
            for function in self.module.scopes.functions
            if not any(isinstance(node, ast.Return) and node.value is not None for node in walk(function))
        }
        for _ in range(2 * MAX_ROUNDS):
            self.moved = False
            self._values = {}
            self._body(self.module.tree.body, top, None)
            for function in self.module.scopes.functions:
                scope = self.module.scopes.of(function)
                self._enter(function, scope)
                self._body(function.body, scope, function)
                if id(function) in without_return:
                    self._join_return(function, NONE)
            for node in self.module.scopes.classes:
                self._body(node.body, self.module.scopes.of(node), None)
            if self._guessing:
                self._weigh()
            if not self.moved:
                if self._guessing:
                    break
                self._guessing = True  # only now is it known which parameters no call gives
                self._weigh()

    def _weigh(self) -> None:
        for function in self.module.scopes.functions:
            found = tensor_parameters(self, function)
            if found != self.evidence.get(id(function)):
                self.evidence[id(function)] = found
                self.moved = True

    def _enter(self, function: FunctionNode, scope: Scope) -> None:
        info = self.owner.get(id(function))
        arguments = function.args
        positional = arguments.posonlyargs + arguments.args
        first = positional[0].arg if positional and info and not _is_static(function) else None
        mine = self.params.setdefault(id(function), {})
        traced = is_decorated(self.module, function)
        for arg in positional + arguments.kwonlyargs:
            if arg.arg == first and info is not None:
                kind = "class" if _is_class_method(function) else self._instance_kind(info)
                self._cell(scope, arg.arg, of(kind, cls=f"cls:{info.qualified}"))
                continue
            value = annotated(arg.annotation, scope)
            known = mine.get(arg.arg, NOTHING)
            if value is not None and (not known.kinds or not known.known):
                known = join(value, known) if known.known and known.kinds else value
            if not known.kinds:
                known = self._unfed(function, arg.arg, info)
            elif not known.known and self._guessing and arg.arg in self.evidence.get(id(function), frozenset()):
                known = replace(TENSOR, assumed=True)
            if traced and "array" in known.kinds and known.kinds <= {"array", "tensor", "variable"}:
                known = TENSOR  # a tf.function makes tensors of the arrays that it is given
            self.seeds[id(function), arg.arg] = known
            self._cell(scope, arg.arg, known)
        if arguments.vararg:
            self._cell(scope, arguments.vararg.arg, sequence_of("tuple", UNKNOWN))
        if arguments.kwarg:
            self._cell(scope, arguments.kwarg.arg, of("dict"))

    def _unfed(self, function: FunctionNode, name: str, info: ClassInfo | None) -> Value:
        """What a parameter is that no call in this module gives: its default, or a guess."""
        if not self._guessing:
            return NOTHING
        evidence = self.evidence.get(id(function), frozenset())
        if name in evidence:
            return replace(TENSOR, assumed=True)
        if DICT + name in evidence:
            return Value(frozenset({"dict"}), element=replace(TENSOR, assumed=True), assumed=True)
        default = default_of(function, name)
        if default is not None:
            value = self._eval(default, self.module.scope_at(function))
            return value if not value.is_none else join(NONE, UNKNOWN)
        if name in tables.BOOL_PARAMETERS:
            return BOOL
        if info is not None and function.name == "call" and self.is_layer(info):
            return replace(TENSOR, assumed=True)
        return UNKNOWN

    def is_layer(self, info: ClassInfo) -> bool:
        """Whether ``info`` is a Keras layer or model."""
        base = self.project.framework_base(info)
        return base is not None and base.framework == "tensorflow" and base.root != "tensorflow.Module"

    def _instance_kind(self, info: ClassInfo) -> str:
        return "module" if self.is_layer(info) else "object"

    def _cell(self, scope: Scope, name: str, value: Value) -> None:
        found = scope.lookup(name)
        owner = found[0] if found is not None else scope
        key = (id(owner.node), name)
        old = self.names.get(key, NOTHING)
        new = shallow(join(old, value))
        if new != old:
            self.names[key] = new
            self.moved = True

    def _attr(self, owner: str, name: str, value: Value) -> None:
        old = self.attrs.get((owner, name), NOTHING)
        new = shallow(join(old, value))
        if new != old:
            self.attrs[owner, name] = new
            self.moved = True

    def _join_return(self, function: ast.AST, value: Value) -> None:
        old = self.returns.get(id(function), NOTHING)
        new = shallow(join(old, value))
        if new != old:
            self.returns[id(function)] = new
            self.moved = True

    # statements

    def _body(self, body: list[ast.stmt], scope: Scope, function: FunctionNode | None) -> None:
        for statement in body:
            self._statement(statement, scope, function)

    def _statement(self, node: ast.stmt, scope: Scope, function: FunctionNode | None) -> None:
        if isinstance(node, _FUNCTIONS):
            for decorator in node.decorator_list:
                self._eval(decorator, scope)
            return
        if isinstance(node, ast.ClassDef):
            return
        if isinstance(node, ast.Assign):
            value = self._eval(node.value, scope)
            for target in node.targets:
                self._store(target, value, scope)
        elif isinstance(node, ast.AnnAssign):
            value = self._eval(node.value, scope) if node.value else (annotated(node.annotation, scope) or NOTHING)
            self._store(node.target, value, scope)
        elif isinstance(node, ast.AugAssign):
            right = self._eval(node.value, scope)
            left = self._eval(node.target, scope)
            self._store(node.target, arithmetic(left, right), scope)
        elif isinstance(node, ast.For | ast.AsyncFor):
            self._store(node.target, iterate(self._eval(node.iter, scope)), scope)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                value = self._eval(item.context_expr, scope)
                if item.optional_vars is not None:
                    self._store(item.optional_vars, value, scope)
        elif isinstance(node, ast.Return):
            value = self._eval(node.value, scope) if node.value is not None else NONE
            if function is not None:
                self._join_return(function, value)
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self._eval(child, scope)
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            for child in getattr(node, name, []):
                if isinstance(child, ast.stmt):
                    self._statement(child, scope, function)
                else:
                    for inner in child.body:
                        self._statement(inner, scope, function)

    def _store(self, target: ast.expr, value: Value, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            self._cell(scope, target.id, value)
        elif isinstance(target, ast.Tuple | ast.List):
            for index, item in enumerate(target.elts):
                if isinstance(item, ast.Starred):
                    self._store(item.value, sequence_of("list", iterate(value)), scope)
                elif value.elements is not None and len(value.elements) == len(target.elts):
                    self._store(item, value.elements[index], scope)
                else:
                    self._store(item, iterate(value), scope)
        elif isinstance(target, ast.Attribute):
            base = self._eval(target.value, scope)
            if base.cls:
                self._attr(base.cls, target.attr, value)
        elif isinstance(target, ast.Subscript):
            self._eval(target.slice, scope)
            self._grow(target.value, value, scope)

    def _grow(self, container: ast.expr, value: Value, scope: Scope) -> None:
        """A list or dict got an element."""
        base = self._eval(container, scope)
        if base.kinds & {"list", "dict"}:
            grown = Value(base.kinds, element=join(element_of(base) if holds(base) else NOTHING, value), cls=base.cls)
            if isinstance(container, ast.Name):
                self._cell(scope, container.id, grown)
            elif isinstance(container, ast.Attribute):
                owner = self._eval(container.value, scope)
                if owner.cls:
                    self._attr(owner.cls, container.attr, grown)

    # expressions

    def _eval(self, node: ast.expr, scope: Scope) -> Value:
        value = self._evaluate(node, scope)
        self._values[id(node)] = value
        return value

    def _evaluate(self, node: ast.expr, scope: Scope) -> Value:
        if isinstance(node, ast.Constant):
            return constant(node.value)
        if isinstance(node, ast.Name):
            return self._name(node, scope)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, scope)
        if isinstance(node, ast.Call):
            from ._calls import evaluate_call

            return evaluate_call(self, node, scope)
        if isinstance(node, ast.BinOp):
            left, right = self._eval(node.left, scope), self._eval(node.right, scope)
            if isinstance(node.op, ast.Mod) and left.is_("str"):
                return STR
            return arithmetic(left, right)
        if isinstance(node, ast.UnaryOp):
            value = self._eval(node.operand, scope)
            if isinstance(node.op, ast.Not):
                return TENSOR if value.is_tensor else BOOL
            return (
                replace(value, const=-value.const)
                if isinstance(node.op, ast.USub) and isinstance(value.const, int | float)
                else (value if not value.has_const else replace(value, const=constant(None).const))
            )
        if isinstance(node, ast.Compare):
            values = [self._eval(node.left, scope), *(self._eval(c, scope) for c in node.comparators)]
            if all(isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in node.ops):
                return BOOL
            if any(value.is_tensor for value in values):
                return TENSOR
            if any("array" in value.kinds for value in values):
                return ARRAY
            return BOOL if any(value.known for value in values) else UNKNOWN
        if isinstance(node, ast.BoolOp):
            return join_all([self._eval(value, scope) for value in node.values])
        if isinstance(node, ast.IfExp):
            self._eval(node.test, scope)
            return join(self._eval(node.body, scope), self._eval(node.orelse, scope))
        if isinstance(node, ast.Subscript):
            return self._subscript(node, scope)
        if isinstance(node, ast.Tuple | ast.List):
            items = [self._eval(item, scope) for item in node.elts]
            kind = "tuple" if isinstance(node, ast.Tuple) else "list"
            if any(isinstance(item, ast.Starred) for item in node.elts):
                return sequence_of(
                    kind,
                    join_all(
                        [iterate(v) if isinstance(n, ast.Starred) else v for n, v in zip(node.elts, items, strict=True)]
                    ),
                )
            return sequence(kind, items)
        if isinstance(node, ast.Starred):
            return self._eval(node.value, scope)
        if isinstance(node, ast.Dict):
            values = [self._eval(value, scope) for value in node.values]
            for key in node.keys:
                if key is not None:
                    self._eval(key, scope)
            return Value(frozenset({"dict"}), element=join_all(values))
        if isinstance(node, ast.Set):
            return sequence_of("set", join_all([self._eval(item, scope) for item in node.elts]))
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            return self._comprehension(node)
        if isinstance(node, ast.Lambda):
            inner = self.module.scopes.of(node)
            for arg in node.args.posonlyargs + node.args.args + node.args.kwonlyargs:
                fed = self.params.get(id(node), {}).get(arg.arg)
                self._cell(inner, arg.arg, fed if fed is not None else UNKNOWN if self._guessing else NOTHING)
            self._join_return(node, self._eval(node.body, inner))
            return self.function_value(node)
        if isinstance(node, ast.JoinedStr):
            for piece in node.values:
                if isinstance(piece, ast.FormattedValue):
                    self._eval(piece.value, scope)
            return STR
        if isinstance(node, ast.NamedExpr):
            value = self._eval(node.value, scope)
            self._store(node.target, value, scope)
            return value
        if isinstance(node, ast.Slice):
            for part in (node.lower, node.upper, node.step):
                if part is not None:
                    self._eval(part, scope)
            return of("slice")
        if isinstance(node, ast.Yield | ast.YieldFrom | ast.Await) and node.value is not None:
            self._eval(node.value, scope)
        return UNKNOWN

    def function_value(self, node: FunctionNode | ast.Lambda) -> Value:
        """Return the value of a function of this module."""
        key = f"fn:{id(node)}"
        self.functions[key] = node
        return of("function", cls=key)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        inner = self.module.scopes.of(node)
        outer = inner.parent or inner
        for index, generator in enumerate(node.generators):
            self._store(generator.target, iterate(self._eval(generator.iter, outer if index == 0 else inner)), inner)
            for test in generator.ifs:
                self._eval(test, inner)
        if isinstance(node, ast.DictComp):
            self._eval(node.key, inner)
            return Value(frozenset({"dict"}), element=self._eval(node.value, inner))
        kind = {"ListComp": "list", "SetComp": "set"}.get(type(node).__name__, "iterator")
        return sequence_of(kind, self._eval(node.elt, inner))

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        found = scope.lookup(node.id)
        if found is None:
            return UNKNOWN
        owner, bindings = found
        definition = bindings[-1].node
        if bindings[-1].kind == "def" and isinstance(definition, _FUNCTIONS):
            return self.function_value(definition)
        if bindings[-1].kind == "class":
            qualified = owner.qualified(node)
            return of("class", cls=f"cls:{qualified}") if qualified else UNKNOWN
        if bindings[0].kind == "import" and len({b.kind for b in bindings}) == 1:
            return of("namespace", cls=owner.qualified(node))
        value = self.names.get((id(owner.node), node.id))
        return value if value is not None else NOTHING

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        qualified = scope.qualified(node)
        if qualified and qualified.startswith("tensorflow."):
            name = tables.short(qualified)
            if name in DTYPES or name.startswith("dtypes."):
                return DTYPE
            return constant(None) if name == "newaxis" else of("namespace", cls=qualified)
        if qualified and qualified.startswith("numpy."):
            return (
                FLOAT
                if qualified in ("numpy.pi", "numpy.e", "numpy.inf", "numpy.nan")
                else of("namespace", cls=qualified)
            )
        if qualified in ("math.pi", "math.e", "math.inf", "math.nan", "math.tau"):
            return FLOAT
        base = self._eval(node.value, scope)
        name = node.attr
        if base.is_tensor or (base.kinds & {"tensor", "variable"} and base.kinds <= {"tensor", "variable", "array"}):
            return tensor_attribute(base, name)
        if base.cls and base.cls.startswith("cls:"):
            info = self.info_of(base.cls)
            if info is not None:
                known = self.attribute_of(info, name)
                if known is not None:
                    return known
        if name in tables.VARIABLE_LISTS:
            return sequence_of("list", VARIABLE)
        if base.is_("shape"):
            return INT if name in ("rank", "ndims") else UNKNOWN
        if base.is_("array") and name in ("T", "real", "imag", "flat"):
            return ARRAY
        if name == "shape":
            return of("shape")
        if name in ("dtype",):
            return DTYPE
        if not base.kinds:
            return NOTHING
        return self.attrs.get((base.cls, name), UNKNOWN) if base.cls else UNKNOWN

    def attribute_of(self, info: ClassInfo, name: str) -> Value | None:
        """Return what ``instance.name`` is: an attribute that some method sets, or a method."""
        for owner in self.project.mro(info):
            value = self.attrs.get((f"cls:{owner.qualified}", name))
            if value is not None and value.kinds:
                return value
            if name in owner.methods and owner.module is self.module:
                method = owner.methods[name]
                if any(isinstance(d, ast.Name) and d.id == "property" for d in method.decorator_list):
                    return self.returns.get(id(method), UNKNOWN)
                return self.function_value(method)
            scope = owner.module.scopes.of(owner.node)
            value = self.names.get((id(scope.node), name))
            if value is not None:
                return value
        if self.is_layer(info) and name in tables.VARIABLE_LISTS:
            return sequence_of("list", VARIABLE)
        return None

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        base = self._eval(node.value, scope)
        self._eval(node.slice, scope)
        if not base.kinds:
            return NOTHING
        if base.is_tensor:
            return replace(base, rank=None, dims=None, kinds=TENSOR.kinds)
        if base.is_("shape"):
            return SHAPE if isinstance(node.slice, ast.Slice) else INT
        if base.kinds & {"list", "tuple", "shape"}:
            if isinstance(node.slice, ast.Slice):
                return Value(base.kinds, element=element_of(base))
            index = self.value(node.slice).const
            if (
                isinstance(index, int)
                and base.elements is not None
                and -len(base.elements) <= index < len(base.elements)
            ):
                return base.elements[index]
            return element_of(base)
        if "dict" in base.kinds:
            return base.element if base.element is not None else UNKNOWN
        if base.is_("array"):
            return ARRAY
        if base.kinds & {"tensor", "variable"}:
            return join(TENSOR, UNKNOWN)
        return UNKNOWN


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
