"""What a parameter without annotation holds: told by its default, its uses and the calls of the repository."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ..rule import ModuleContext
from ._callsites import CallSite, call_table
from ._classes import bind, self_name, takes_no_self
from ._common import is_method
from ._instances import calls_of_instances, class_around, on_self
from ._reports import Report, function_named, is_replaced, module_types, report_of
from ._types import (
    DEVICE,
    DTYPE,
    FLOAT,
    INT,
    SHARED_METHODS,
    STR,
    TENSOR,
    UNKNOWN,
    Parameter,
    Signature,
    T,
    constant,
    function_signatures,
    method_signatures,
    module_signature,
    tables,
    tuple_of,
    unify,
)  # fmt: skip


@dataclass
class Uses:
    """How a parameter is used: a tensor for sure, one probably, an ``int``, a text; ``other`` speaks against all.

    ``supposed`` counts the probable ones that only stand beside another parameter of which nothing is known, ``size``
    where it is an argument that is declared to be an ``int`` or several (``many`` where it may be the whole list of
    them), ``bound`` where it ends a slice, ``row`` where a list of tensors is declared;
    ``exact`` are a device, a dtype or the state of a recurrent module, where it is given to what takes just that.  Of
    ``other`` are what goes to a ``float`` (``real``), and loops (``looped``).
    """

    tensor: int = 0
    weak: int = 0
    supposed: int = 0
    integer: int = 0
    size: int = 0
    text: int = 0
    many: int = 0
    bound: int = 0
    row: int = 0
    real: int = 0
    looped: int = 0
    other: int = 0
    exact: set[T] = field(default_factory=set)
    passed: list[T] = field(default_factory=list)

    @property
    def verdict(self) -> T:
        known = [t for t in self.passed if t.known and t.kind != "none"]
        inner = {t.args[0] if t.kind == "optional" else t.bare for t in known}
        if len(inner) == 1:
            (only,) = inner
            return only
        if inner or self.other:
            return UNKNOWN
        if self.exact:
            alone = len(self.exact) == 1 and not (self.tensor or self.weak or self.integer or self.text)
            return next(iter(self.exact)) if alone else UNKNOWN
        if self.text:
            return UNKNOWN if self.tensor or self.weak or self.integer else STR
        if self.tensor and not self.integer:
            return TENSOR
        if self.integer and not self.tensor:
            return INT
        return TENSOR if self.weak and not self.integer else UNKNOWN


def uses_of(function: FunctionNode, name: str, report: Report, ctx: ModuleContext) -> Uses:
    """Return how ``function`` uses what it is given for its parameter ``name``, up to where the name gets another."""
    found = Uses()
    for statement in function.body:
        bound = False
        for node in walk(statement):
            if isinstance(node, ast.Name) and node.id == name:
                if isinstance(node.ctx, ast.Load):
                    _use(node, report, ctx, found)
                bound = bound or isinstance(node.ctx, ast.Store)
        if bound and isinstance(statement, ast.Assign | ast.AnnAssign):
            break
    return found


def uses_of_items(function: FunctionNode, name: str, report: Report, ctx: ModuleContext) -> Uses | None:
    """Return how ``function`` uses ``name["..."]``; ``None`` where it does anything else with ``name``."""
    found = Uses()
    nodes = [node for one in function.body for node in walk(one) if isinstance(node, ast.Name) and node.id == name]
    for node in nodes:
        item = ctx.module.parent(node)
        if not (isinstance(item, ast.Subscript) and item.value is node and isinstance(item.ctx, ast.Load)):
            return None
        if not (isinstance(item.slice, ast.Constant) and isinstance(item.slice.value, str)):
            return None
        _use(item, report, ctx, found)
    return found if nodes else None


def _use(node: ast.expr, report: Report, ctx: ModuleContext, found: Uses) -> None:
    parent = ctx.module.parent(node)
    if isinstance(parent, ast.Attribute):
        if (
            parent.attr in tables()["methods"]
            and parent.attr not in SHARED_METHODS
            or parent.attr in ("shape", "dtype", "device")
        ):
            found.tensor += 1
        elif parent.attr not in SHARED_METHODS:
            found.other += 1
    elif isinstance(parent, ast.BinOp):
        other = report.type(parent.right if parent.left is node else parent.left)
        if isinstance(parent.op, ast.MatMult):
            found.tensor += 1
        elif other.kind == "tensor":
            found.weak += 1
            found.supposed += _is_bare_parameter(parent.right if parent.left is node else parent.left, report)
        elif isinstance(parent.op, ast.FloorDiv | ast.Mod):
            found.integer += 1
    elif isinstance(parent, ast.Subscript) and parent.value is node:
        if isinstance(parent.slice, ast.Tuple | ast.Slice):
            found.weak += 1
        elif isinstance(parent.slice, ast.Constant) and isinstance(parent.slice.value, str):
            found.other += 1
    elif isinstance(parent, ast.Subscript) and report.type(parent.value).kind == "module":
        if report.type(parent.value).name == "torch.nn.ModuleDict":
            found.text += 1
        else:
            found.integer += 1
    elif isinstance(parent, ast.Slice):
        found.integer += 1
        found.bound += 1
    elif isinstance(parent, ast.List | ast.Tuple):
        call = ctx.module.parent(parent)
        sizes = isinstance(call, ast.Call) and taken_types(parent, call, report, ctx) == {T("list", (INT,))}
        found.integer += sizes
        found.size += sizes
    elif isinstance(parent, ast.Call | ast.keyword):
        call = parent if isinstance(parent, ast.Call) else ctx.module.parent(parent)
        if isinstance(call, ast.Call) and node is not call.func:
            _argument(node, call, report, ctx, found)
        elif isinstance(call, ast.Call):
            found.other += 1
    elif isinstance(parent, ast.For | ast.comprehension):
        found.looped += 1
        found.other += 1
    elif isinstance(parent, ast.Compare) and not isinstance(parent.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn):
        # x.masked_fill(mask == 0, ...): what it gives is taken as a tensor
        outer = ctx.module.parent(parent)
        if isinstance(outer, ast.Call) and parent in outer.args:
            _argument(parent, outer, report, ctx, found)
        found.text += any(report.type(one).kind == "str" for one in (parent.left, *parent.comparators))
    elif isinstance(parent, ast.Compare) and isinstance(parent.ops[0], ast.In | ast.NotIn) and parent.left is node:
        held = parent.comparators[0]
        listed = held.elts if isinstance(held, ast.List | ast.Tuple) else []
        found.text += any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in listed)
    elif isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Invert):
        found.weak += 1


def _is_bare_parameter(node: ast.expr, report: Report) -> bool:
    """Whether ``node`` is a Tensor to TorchScript only because a parameter has no annotation."""
    return isinstance(node, ast.Name) and _unwritten(node.id, report.function)


# what recurrent modules take as their state; their first argument may be a packed sequence
_STATES = {
    **{f"torch.nn.{name}": TENSOR for name in ("RNN", "GRU")},
    **{f"torch.nn.{name}": tuple_of((TENSOR, TENSOR)) for name in ("LSTM", "LSTMCell")},
}


def wanted_type(node: ast.expr, call: ast.Call, report: Report, ctx: ModuleContext) -> set[T] | None:
    """Return the types that ``call`` takes where ``node`` is given, as far as they are declared."""
    taken = taken_types(node, call, report, ctx)
    return taken if taken is not None and len(taken) == 1 else None


def taken_types(node: ast.expr, call: ast.Call, report: Report, ctx: ModuleContext) -> set[T] | None:
    """Return the types that the overloads of what is called take where ``node`` is given."""
    where: int | str | None = next((i for i, one in enumerate(call.args) if one is node), None)
    if where is None:
        where = next((k.arg for k in call.keywords if k.value is node), None)
    return _wanted(call, where, report, ctx) if where is not None else None


def _argument(node: ast.expr, call: ast.Call, report: Report, ctx: ModuleContext, found: Uses) -> None:
    taken = taken_types(node, call, report, ctx) or set()
    if taken & {DEVICE, DTYPE}:
        if len(taken) == 1:
            found.exact |= taken
        else:  # x.to(...) takes a device, a dtype or a tensor
            found.other += 1
        return
    for one in taken if len(taken) == 1 else ():
        if one.kind == "optional":
            one = one.args[0]
        if one.kind == "tuple":
            found.exact.add(one)
        if one.kind == "tensor":
            found.tensor += 1
        elif one == T("list", (INT,)) or one.kind == "int":
            found.integer += 1
            found.size += 1
            found.many += one.kind == "list" and not _is_spread(node, call, report, ctx)
        elif one == T("list", (TENSOR,)):
            found.row += 1
        elif one.kind in ("float", "bool", "str"):
            found.real += one.kind == "float"
            found.other += 1


def _is_spread(node: ast.expr, call: ast.Call, report: Report, ctx: ModuleContext) -> bool:
    """``x.view(a, b)`` and ``torch.zeros(a, b)``: sizes one by one, where a list of them is declared."""
    if len(call.args) < 2 or node not in call.args or any(isinstance(one, ast.Starred) for one in call.args):
        return False
    name = ctx.module.qualified(call.func) or ""
    signatures, shift = function_signatures(name), 0
    if not signatures and isinstance(call.func, ast.Attribute):
        signatures, shift = method_signatures(call.func.attr), 1
    firsts = [one.parameters[shift] for one in signatures if len(one.parameters) > shift]
    return any(one.type == T("list", (INT,)) and not one.sized for one in firsts)


def _wanted(call: ast.Call, where: int | str, report: Report, ctx: ModuleContext) -> set[T] | None:
    """Return the types that the callee's signatures take there; ``None`` where it has none that are known."""
    callee = call.func
    name = ctx.module.qualified(callee) if isinstance(callee, ast.Name | ast.Attribute) else None
    shift = 0
    if name == "builtins.range":
        return {INT}
    named = function_named(name, ctx.module, ctx.project) if name is not None else None
    if named is not None:
        if is_replaced(named[0], named[1]):
            return None
        return _declared(named[0], where, False, report) if named[1] is report.module else None
    if name is not None and function_signatures(name):
        signatures = function_signatures(name)
    elif isinstance(callee, ast.Attribute) and report.type(callee.value).kind == "tensor":
        signatures, shift = method_signatures(callee.attr), 1
    else:
        held = report.type(callee)
        if all(one.kind == "function" for one in held.alternatives):  # an attribute that holds one or another
            return _of_functions(held.alternatives, where, report, ctx)
        if held.kind == "vary":
            held = next((one for one in held.args if one.kind == "module"), held)
        if held.kind == "module":
            info = ctx.project.class_named(held.name)
            forward = ctx.project.method(info, "forward") if info is not None else None
            if forward is not None:
                return _declared(forward[1], where, True, report)
            if where in (1, "hx") and held.name in _STATES:
                return {_STATES[held.name]}
            signature = module_signature(held.name)
            signatures = (signature,) if signature is not None else ()
        elif isinstance(callee, ast.Attribute) and report.info is not None:
            method = ctx.project.method(report.info, callee.attr)
            return _declared(method[1], where, True, report) if method is not None else None
        else:
            return None
    types: set[T] = set()
    for signature in signatures:
        if isinstance(where, str):
            parameter = next((p for p in signature.parameters if p.name == where), None)
        else:
            parameter = _positional(signature, where, shift)
        if parameter is not None:
            types.add(parameter.type)
    return {t.args[0] if t.kind == "optional" else t for t in types}


def _positional(signature: Signature, index: int, shift: int) -> Parameter | None:
    """Return the parameter that an argument goes to; a list of sizes takes all that follow (``x.view(2, n)``)."""
    parameters = signature.parameters[shift:]
    given = parameters[index] if index < len(parameters) else None
    if given is not None and not given.keyword_only:
        return given
    first = parameters[0] if parameters else None
    return first if first is not None and first.type == T("list", (INT,)) and not first.sized else None


def _of_functions(kinds: tuple[T, ...], where: int | str, report: Report, ctx: ModuleContext) -> set[T] | None:
    """Return the types that functions, of which some object holds one, declare there; those that declare none say
    nothing."""
    found: set[T] = set()
    for kind in kinds:
        kept = function_named(kind.name, ctx.module, ctx.project)
        if kept is None or kept[1] is not report.module or is_replaced(*kept):
            return None
        found |= _declared(kept[0], where, False, report) or set()
    return {one.args[0] if one.kind == "optional" else one for one in found} or None


def _declared(function: FunctionNode, where: int | str, skip_self: bool, report: Report) -> set[T] | None:
    arguments = [*function.args.posonlyargs, *function.args.args][1 if skip_self else 0 :]
    every = [*arguments, *function.args.kwonlyargs]
    arg = (
        next((a for a in every if a.arg == where), None)
        if isinstance(where, str)
        else (arguments[where] if where < len(arguments) else None)
    )
    if arg is None or arg.annotation is None:
        return None
    from ._annotations import annotation_type

    return {annotation_type(arg.annotation, report.module)}


def passed_to(function: FunctionNode, name: str, ctx: ModuleContext) -> list[T]:
    """Return the types that calls in the repository give to a parameter."""
    return [type_at(node, module, ctx) for node, module in given_to(function, name, ctx)]


def given_to(function: FunctionNode, name: str, ctx: ModuleContext) -> list[tuple[ast.expr, Module]]:
    """Return what calls in the repository give to a parameter, each with the module it stands in."""
    method = is_method(function, ctx)
    table = call_table(ctx.project)
    sites = table.of_method(function.name) if method else table.of(ctx.module.scopes.of(function).path)
    found: list[tuple[ast.expr, Module]] = []
    for site in sites:
        if method and not (on_self(site.node) and _may_have(function, site, ctx)):
            continue
        bound = bind(site.node, function, method and not takes_no_self(function))
        if bound is None or name not in bound:
            continue
        found.append((bound[name], site.module))
    if method and function.name == "forward":
        for site in calls_of_instances(function, ctx):
            bound = bind(site.node, function, True)
            if bound is not None and name in bound:
                found.append((bound[name], site.module))
    return found


def _may_have(function: FunctionNode, site: CallSite, ctx: ModuleContext) -> bool:
    """Whether a call of a method of that name may be one of this method: not if the object is known to be another."""
    receiver = site.node.func.value if isinstance(site.node.func, ast.Attribute) else None
    if not isinstance(receiver, ast.Name):
        return True
    scope = site.module.scope_at(receiver)
    if not scope.is_local(receiver.id):
        return False  # what is imported or defined in the file is no instance
    around = site.module.enclosing_function(site.node)
    home = class_around(site.node, site.module)
    if around is None or home is None or receiver.id != self_name(around):
        return True
    own = ctx.module.scopes.of(function).parent
    classes = [one for module in {ctx.module, site.module} for one in ctx.project.classes_of(module)]
    mine = next((one for one in classes if own is not None and one.node is own.node), None)
    other = next((one for one in classes if one.node is home), None)
    if mine is None or other is None or ctx.project.method(other, function.name) is None:
        return True
    return mine in ctx.project.mro(other) or other in ctx.project.mro(mine)


def type_at(node: ast.expr, module: object, ctx: ModuleContext) -> T:
    if isinstance(node, ast.Constant):
        return constant(node.value)
    if module is not ctx.module:
        return UNKNOWN
    function = ctx.module.enclosing_function(node)
    if function is None:
        return module_types(ctx.module, ctx.project).get(id(node), UNKNOWN)
    info = None
    parent = ctx.module.scopes.of(function).parent
    if parent is not None and isinstance(parent.node, ast.ClassDef):
        info = next((i for i in ctx.project.classes_of(ctx.module) if i.node is parent.node), None)
    if isinstance(node, ast.Name) and function.name != "forward" and _is_as_given(node, function, ctx.module):
        return UNKNOWN  # TorchScript takes it for a tensor because nothing says what it is
    report = report_of(function, ctx.module, ctx.project, info)
    return report.type(node) if report is not None else UNKNOWN


def is_supposed(node: ast.expr, module: Module, ctx: ModuleContext, proven: bool = False) -> bool:
    """Whether ``node`` is a Tensor to TorchScript only because nothing says what a parameter of ``forward`` is.

    Arithmetic beside a tensor (``x * alpha``) says so, but not where a ``proven`` one is asked for: so do numbers.
    """
    function = ctx.module.enclosing_function(node) if module is ctx.module else None
    if not isinstance(node, ast.Name) or function is None or not _unwritten(node.id, function):
        return False
    parent = ctx.module.scopes.of(function).parent
    info = next((i for i in ctx.project.classes_of(ctx.module) if parent is not None and i.node is parent.node), None)
    report = report_of(function, ctx.module, ctx.project, info)
    uses = uses_of(function, node.id, report, ctx) if report is not None else None
    return uses is not None and not (uses.tensor or uses.weak and not proven)


def _unwritten(name: str, function: FunctionNode) -> bool:
    """Whether ``name`` is a parameter without annotation that keeps what the caller gave."""
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    if not any(one.arg == name and one.annotation is None for one in arguments):
        return False
    return not any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in walk(function))


def _is_as_given(node: ast.Name, function: FunctionNode, module: Module) -> bool:
    """Whether a parameter without annotation is what the caller gave where it is read: ``y, h = net(x, h)``."""
    if _unwritten(node.id, function):
        return True
    if not any(one.arg == node.id and one.annotation is None for one in function.args.args):
        return False
    around: list[ast.AST] = [node, *module.ancestors(node)]
    own = around[: around.index(function)] if function in around else []
    statement = next((one for one in own if isinstance(one, ast.stmt)), None)
    if statement is None or any(isinstance(one, ast.For | ast.AsyncFor | ast.While | ast.FunctionDef) for one in own):
        return False
    inside = {id(one) for one in walk(statement)} if isinstance(statement, ast.Assign) else set()
    stored = [n for n in walk(function) if isinstance(n, ast.Name) and n.id == node.id and isinstance(n.ctx, ast.Store)]
    return all(id(one) in inside or one.lineno > (statement.end_lineno or 0) for one in stored)


def _power(exponent: ast.expr) -> T:
    """Return what an int is to the power of a whole number."""
    if isinstance(exponent, ast.Constant):
        return INT
    if isinstance(exponent, ast.UnaryOp) and isinstance(exponent.op, ast.USub):
        return FLOAT if isinstance(exponent.operand, ast.Constant) else UNKNOWN
    return UNKNOWN


def literal_type(node: ast.expr) -> T:
    """Return the type of a literal default."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return literal_type(node.operand).bare
    if isinstance(node, ast.Constant):
        return constant(node.value)
    if isinstance(node, ast.BinOp):
        sides = [literal_type(node.left).bare, literal_type(node.right).bare]
        if any(one not in (INT, FLOAT) for one in sides):
            return UNKNOWN
        if isinstance(node.op, ast.Pow) and not isinstance(node.left, ast.Constant):
            return UNKNOWN  # (-2) ** 0.5 is complex
        if isinstance(node.op, ast.Pow) and sides == [INT, INT]:
            return _power(node.right)
        if FLOAT in sides or isinstance(node.op, ast.Div):
            return FLOAT
        return INT if isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.FloorDiv) else UNKNOWN
    if isinstance(node, ast.Tuple) and node.elts:
        parts = [literal_type(one) for one in node.elts]
        return tuple_of(p.bare for p in parts) if all(p.known for p in parts) else UNKNOWN
    if isinstance(node, ast.List) and node.elts:
        element: T | None = literal_type(node.elts[0]).bare
        for one in node.elts[1:]:
            element = unify(element, literal_type(one).bare) if element is not None else None
        return T("list", (element,)) if element is not None and element.known else UNKNOWN
    return UNKNOWN


def parameters_with_defaults(node: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr]]:
    """Yield each parameter that has a default, with the default."""
    positional = [*node.posonlyargs, *node.args]
    yield from zip(positional[len(positional) - len(node.defaults) :], node.defaults, strict=True)
    for arg, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
        if default is not None:
            yield arg, default
