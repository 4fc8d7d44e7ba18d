"""Something to call, or a module, that is given to a function as an argument.

What it does
    Finds calls of functions and methods of the repository that are given a module, a method, a function or a lambda:
    ``attention(q, k, v, dropout=self.dropout)``, ``self.sublayer[0](x, lambda x: self.attend(x, x, x, mask))``.

Why is this bad
    TorchScript has no values to call.  It takes the parameter for a Tensor ("cannot call a value of type 'Tensor'"),
    and its parser takes no lambda ("Lambda aren't supported").

Fix safety
    Safe: the class gets a method of its own with the text of what is called, in which the argument is called by its
    own name, and that is called instead.  A lambda becomes a method too, which is given what it takes from around it.
    What is called stays as it is for others.  Where it is a module, Python goes on calling that module, with its
    hooks: only TorchScript takes the text (``if not torch.jit.is_scripting()``), and a ``forward`` that must be given
    something to call is marked ``@torch.jit.unused``, since TorchScript could never compile it.
    It isn't made where the parameter gets another value in the function, where the argument is no attribute or name
    that stays the same, where a subclass puts another method or module in the place of what is called, or where the
    text would mean something else in this class.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, Part, insert, insert_line_before, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import bind, family_of, self_name, takes_no_self
from ._common import SCRIPT, decorators, is_literal, is_method, reports
from ._copies import Change, can_be_copied, copied_body, parameter_names, same_names, stored_names
from ._handed import Callee, Given, callee_of, given_to, hands_any, lasts, path_of, word_for
from ._parameters import parameters_with_defaults
from ._reports import Report
from ._types import TENSOR, T, has_no_value
from ._writing import annotate, of_torch, writable
from .tht608_nested_function import variable_type

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


def attention(query, key, value, dropout=None):
    weights = torch.matmul(query, key.transpose(-2, -1)).softmax(dim=-1)
    if dropout is not None:
        weights = dropout(weights)
    return torch.matmul(weights, value), weights


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        x, _ = attention(x, x, x, dropout=self.dropout)
        return x
""",
        after="""
import torch
from torch import nn


def attention(query, key, value, dropout=None):
    weights = torch.matmul(query, key.transpose(-2, -1)).softmax(dim=-1)
    if dropout is not None:
        weights = dropout(weights)
    return torch.matmul(weights, value), weights


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.1)

    def _attention_with_dropout(self, query, key, value):
        weights = torch.matmul(query, key.transpose(-2, -1)).softmax(dim=-1)
        if self.dropout is not None:
            weights = self.dropout(weights)
        return torch.matmul(weights, value), weights

    def forward(self, x):
        x, _ = self._attention_with_dropout(x, x, x)
        return x
""",
    ),
    Example(
        title="a module that is given something to call",
        before="""
import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(dim)

    def forward(self, x, sublayer):
        return x + sublayer(self.norm(x))


class Block(nn.Module):
    def __init__(self, dim=3):
        super().__init__()
        self.mix = nn.Linear(dim, dim)
        self.feed = nn.Linear(dim, dim)
        self.residual = nn.ModuleList([Residual(dim), Residual(dim)])

    def forward(self, x, scale):
        x = self.residual[0](x, lambda y: self.mix(y) * scale)
        return self.residual[1](x, self.feed)
""",
        after="""
import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(dim)

    @torch.jit.unused
    def forward(self, x, sublayer):
        return x + sublayer(self.norm(x))


class Block(nn.Module):
    def __init__(self, dim=3):
        super().__init__()
        self.mix = nn.Linear(dim, dim)
        self.feed = nn.Linear(dim, dim)
        self.residual = nn.ModuleList([Residual(dim), Residual(dim)])

    def _sublayer_of_residual_0(self, y, scale):
        return self.mix(y) * scale

    def _residual_0_with_sublayer(self, x, scale):
        if not torch.jit.is_scripting():
            return self._residual_0_in_python(x, scale)
        return x + self._sublayer_of_residual_0(self.residual[0].norm(x), scale)

    @torch.jit.unused
    def _residual_0_in_python(self, x, scale):
        return self.residual[0](x, lambda y: self.mix(y) * scale)

    def _residual_1_with_feed(self, x):
        if not torch.jit.is_scripting():
            return self.residual[1](x, self.feed)
        return x + self.feed(self.residual[1].norm(x))

    def forward(self, x, scale):
        x = self._residual_0_with_sublayer(x, scale)
        return self._residual_1_with_feed(x)
""",
    ),
    Example(
        title="what is called varies",
        before="""
from torch import nn


def twice(x, layer):
    return layer(layer(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])

    def forward(self, x):
        for layer in self.layers:
            x = twice(x, layer)
        return x
""",
    ),
]

VALID = [
    """
from torch import nn


def scaled(x, weight, scale=2.0):
    return x * weight * scale


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
        self.scale = 2.0

    def forward(self, x):
        return scaled(self.fc(x), x, self.scale)
""",
]


@rule("THT616", "callable-argument", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    made: dict[str, str] = {}
    for function, report in reports(unit, ctx):
        me = self_name(function) if is_method(function, ctx) else ""
        told: set[int] = set()
        for node in walk(function):
            if not isinstance(node, ast.Call) or id(node) not in report.types:
                continue
            callee = callee_of(node, me, report, ctx) if hands_any(node, me, report, ctx) else None
            given = given_to(node, callee, me, report, ctx) if callee is not None else []
            if callee is None or not given:
                continue
            told |= {id(one.value) for one in given}
            copy = _specialised(node, callee, given, function, report, made, unit, ctx)
            first = given[0]
            yield Finding(
                first.value,
                f"TorchScript has no value for {_WORDS[first.kind]} that is given to `{callee.label}`",
                help=f"write a method that does what `{callee.label}` does and calls {_shown(first)} by its name",
                fix=Fix(copy) if copy else None,
            )
        yield from _others(function, report, told, ctx)


_WORDS = {"lambda": "a lambda", "method": "a method", "module": "a module", "function": "a function"}


def _shown(given: Given) -> str:
    return "what the lambda says" if given.kind == "lambda" else f"`{ast.unparse(given.value)}`"


def _others(function: FunctionNode, report: Report, told: set[int], ctx: UnitContext) -> Iterator[Finding]:
    """Lambdas that are given to anything else, and what TorchScript takes for a Tensor."""
    for node in walk(function):
        call = ctx.module.parent(node) if isinstance(node, ast.Lambda) else None
        call = ctx.module.parent(call) if isinstance(call, ast.keyword) else call
        if isinstance(call, ast.Call) and id(node) not in told and ctx.qualified(call.func) != "builtins.map":
            yield Finding(
                node,
                f"TorchScript has no value for a lambda that is given to `{ast.unparse(call.func)}`",
                help="write out what is called with it",
            )
    for problem in report.problems:
        if problem.kind == "argument" and id(problem.node) not in told:
            _, _, kind, callee = problem.detail
            if isinstance(kind, T) and has_no_value(kind) and isinstance(callee, ast.FunctionDef):
                yield Finding(
                    problem.node,
                    f"TorchScript has no value for a {kind.kind} that is given to `{callee.name}`",
                    help=f"write a method that does what `{callee.name}` does and names the {kind.kind}",
                )


@dataclass
class _Copy:
    """A method that is being written: what comes above and below it, and what stands for the parameters."""

    me: str
    above: list[list[str]] = field(default_factory=list)
    below: list[str] = field(default_factory=list)
    changes: dict[str, Change] = field(default_factory=dict)
    captured: dict[str, str] = field(default_factory=dict)  # variables of the caller, and their names in the copy
    imports: list[Edit] = field(default_factory=list)


def _specialised(
    call: ast.Call, callee: Callee, given: list[Given], function: FunctionNode, report: Report, made: dict[str, str],
    unit: Unit, ctx: UnitContext,
) -> tuple[Edit, ...]:  # fmt: skip
    """Return the edits that write the method and call it."""
    info, entry = unit.cls, unit.entry
    if info is None or entry is None or function is not info.methods.get(function.name) or function.decorator_list:
        return ()
    if report.info is not info or info.scope.outer is not ctx.module.scopes.top or not is_method(function, ctx):
        return ()
    if not _may_be_copied(callee, given, ctx) or takes_no_self(function):
        return ()
    copy = _Copy(self_name(function))
    label = callee.label.strip("_") or "function"
    for one in given:
        change = _change(one, callee, label, copy, function, report, made, unit, ctx)
        if change is None:
            return ()
        copy.changes[one.parameter] = change
    own = self_name(callee.function) if callee.path else ""
    lines = copied_body(callee.function, callee.module, copy.changes, own, callee.path)
    if lines is None or (not own and copy.me in {*stored_names(callee.function), *parameter_names(callee.function)}):
        return ()
    if own and own != copy.me and copy.me in {*stored_names(callee.function), *parameter_names(callee.function)}:
        return ()
    suffix = "_and_".join(dict.fromkeys(_suffix(one) for one in given))
    wanted = f"_{label}_with_{suffix}"
    written = _method(wanted, lines, call, callee, given, copy, report, made, unit, ctx)
    left_out = _left_out(callee, given, ctx)
    if written is None or left_out is None:
        return ()
    source, newline = ctx.source, ctx.source.newline
    indent = source.indent_of(entry)
    start = source.line_starts[min([entry.lineno, *(d.lineno for d in entry.decorator_list)]) - 1]
    methods = [
        insert(start, newline.join(indent + line if line else "" for line in method) + newline * 2)
        for method in (*copy.above, [*written[1], *copy.below])
    ]
    return (*methods, _called(written[0], call, callee, given, copy, ctx), *copy.imports, *left_out)


def _suffix(given: Given) -> str:
    word = word_for(given.value) if given.kind != "lambda" else ""
    return word or given.parameter.strip("_")


def _may_be_copied(callee: Callee, given: list[Given], ctx: UnitContext) -> bool:
    function = callee.function
    arguments = function.args
    if not isinstance(function, ast.FunctionDef) or arguments.vararg or arguments.kwarg or arguments.kwonlyargs:
        return False
    if callee.owner is not None and callee.owner.scope.outer is not callee.module.scopes.top:
        return False
    if arguments.posonlyargs or not can_be_copied(function) or not same_names(function, callee.module, ctx):
        return False
    static = takes_no_self(function) and len(function.decorator_list) == 1
    left_out = callee.apart and callee.module is ctx.module and set(decorators(function, ctx)) == {"torch.jit.unused"}
    if function.decorator_list and not (static or left_out) or callee.path and not static and not arguments.args:
        return False
    if callee.apart and (static or any(one.kind == "lambda" for one in given) and callee.module is not ctx.module):
        return False
    names = {one.parameter for one in given}
    for node in walk(function):
        if isinstance(node, ast.Call) and _runs_itself(node, function):
            return False
        if isinstance(node, ast.Name) and node.id in names and not isinstance(node.ctx, ast.Load):
            return False
    return True


def _runs_itself(call: ast.Call, function: FunctionNode) -> bool:
    func = call.func
    if isinstance(func, ast.Name):
        return func.id == function.name
    return isinstance(func, ast.Attribute) and func.attr == function.name and isinstance(func.value, ast.Name)


def _change(
    given: Given, callee: Callee, label: str, copy: _Copy, function: FunctionNode, report: Report,
    made: dict[str, str], unit: Unit, ctx: UnitContext,
) -> Change | None:  # fmt: skip
    """Return what stands in the place of the parameter."""
    assert unit.cls is not None
    value = given.value
    if given.kind == "method":
        return Change(ast.unparse(value), answer=True)
    if given.kind == "function":
        top = ctx.module.scopes.top.qualified(value)
        taken = {*stored_names(callee.function), *parameter_names(callee.function)}
        root = ast.unparse(value).split(".")[0]
        return Change(ast.unparse(value), answer=True) if top is not None and root not in taken else None
    if given.kind == "module":
        fixed = path_of(value, copy.me) is not None and lasts(value, copy.me, unit.cls, ctx.project)
        return Change(ast.unparse(value)) if fixed else None
    assert isinstance(value, ast.Lambda)
    return _lambda(value, given, callee, label, copy, function, report, made, unit, ctx)


def _lambda(
    value: ast.Lambda, given: Given, callee: Callee, label: str, copy: _Copy, function: FunctionNode, report: Report,
    made: dict[str, str], unit: Unit, ctx: UnitContext,
) -> Change | None:  # fmt: skip
    """Make a method of a lambda, which is given the variables around it that it reads."""
    arguments = value.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs or arguments.defaults:
        return None
    own = [one.arg for one in arguments.args]
    captured: list[str] = []
    for node in walk(value.body):
        if isinstance(node, ast.Lambda | ast.Yield | ast.YieldFrom | ast.Await | ast.NamedExpr | ast.comprehension):
            return None
        if isinstance(node, ast.Name) and node.id not in {*own, copy.me, *captured}:
            if node.id in ("super", "__class__", "locals"):
                return None
            if ctx.module.scope_at(value).is_local(node.id):
                captured.append(node.id)
    if (
        value.lineno != value.end_lineno
        or copy.me in own
        or not all(_is_set(n, value, function, ctx) for n in captured)
    ):
        return None
    taken = {*parameter_names(callee.function), *stored_names(callee.function), *_free(callee.function)}
    for one in captured:
        copy.captured.setdefault(one, _other(one, taken | set(copy.captured.values())))
    shown = [*own]
    for one in captured:
        kind = variable_type(one, function, report)
        text = writable(kind, ctx, function) if kind.known and kind.bare != TENSOR else None
        shown.append(f"{one}: {text[0]}" if text is not None else one)
        copy.imports += text[1] if text is not None else ()
    lines = [f"({', '.join([copy.me, *shown])}):", f"{_step(unit, ctx)}return {ctx.source.segment(value.body)}"]
    name = _place(f"_{given.parameter.strip('_')}_of_{label}", lines, made, unit, ctx)
    if name is None:
        return None
    copy.above.append([f"def {name}{lines[0]}", *lines[1:]])
    return Change(f"{copy.me}.{name}", tuple(copy.captured[one] for one in captured), answer=True)


def _is_set(name: str, value: ast.expr, function: FunctionNode, ctx: UnitContext) -> bool:
    """Whether a variable of the surroundings certainly has a value where the lambda stands."""
    if name in parameter_names(function):
        return True
    for parent in ctx.module.ancestors(value):
        if isinstance(parent, ast.For | ast.comprehension) and _stores(parent.target, name):
            return True
        rows = parent.generators if isinstance(parent, ast.ListComp | ast.DictComp | ast.GeneratorExp) else []
        if any(_stores(one.target, name) for one in rows):
            return True
        if parent is function:
            break
    before = [one for one in function.body if (one.end_lineno or one.lineno) < value.lineno]
    plain = [one for one in before if isinstance(one, ast.Assign | ast.AnnAssign | ast.AugAssign)]
    return any(_stores(one, name) for one in plain)


def _stores(node: ast.AST, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in walk(node))


def _free(function: FunctionNode) -> set[str]:
    return {n.id for n in walk(function) if isinstance(n, ast.Name)}


def _other(name: str, taken: set[str]) -> str:
    found, count = name, 2
    while found in taken:
        found, count = f"{name}_{count}", count + 1
    return found


def _place(wanted: str, lines: list[str], made: dict[str, str], unit: Unit, ctx: UnitContext) -> str | None:
    """Return a name for a method of these lines that nothing else has; the same lines get the same name."""
    text = "\n".join(lines)
    assert unit.cls is not None
    family = family_of(unit.cls, ctx.project)
    if len(family) > 1:  # another class of the family may get one of its own at the same time
        wanted += f"_of_{unit.cls.name.lower()}"
    for count in range(1, 20):
        name = f"{wanted}_{count}" if count > 1 else wanted
        if made.get(name, text) == text and not any(name in one.module.source.text for one in family):
            made[name] = text
            return name
    return None


def _defaults(function: FunctionNode) -> dict[str, ast.expr]:
    return {arg.arg: default for arg, default in parameters_with_defaults(function.args)}


def _method(
    wanted: str, lines: list[str], call: ast.Call, callee: Callee, given: list[Given], copy: _Copy, report: Report,
    made: dict[str, str], unit: Unit, ctx: UnitContext,
) -> tuple[str, list[str]] | None:  # fmt: skip
    """Return the method's name and lines."""
    step = _step(unit, ctx)
    bound = bind(call, callee.function, bool(callee.path) and not takes_no_self(callee.function)) or {}
    defaults = _defaults(callee.function)
    first: list[str] = []
    last: list[str] = []
    body: list[str] = []
    own = self_name(callee.function) if callee.path else ""
    for arg in callee.function.args.args:
        if arg.arg == own or any(one.parameter == arg.arg for one in given):
            continue
        default = defaults.get(arg.arg)
        literal = default is not None and is_literal(default)
        if arg.arg not in bound and (not literal or default is None):
            return None
        if arg.arg not in bound and callee.apart:
            body.append(f"{arg.arg} = {ast.unparse(default)}")  # type: ignore[arg-type]
            continue
        shown = callee.module.source.segment(arg)
        if arg.annotation is None and arg.arg in bound and not literal:
            kind = report.type(bound[arg.arg])
            text = writable(kind, ctx, unit.node) if kind.known and kind.bare != TENSOR else None
            shown += f": {text[0]}" if text is not None else ""
            copy.imports += text[1] if text is not None else ()
        if literal:
            assert default is not None
            last.append(f"{shown} = {ast.unparse(default)}" if ":" in shown else f"{shown}={ast.unparse(default)}")
        elif last:
            return None
        else:
            first.append(shown)
    signature = ", ".join([copy.me, *first, *_captured(copy, call, report, ctx), *last])
    if callee.apart:
        asked = of_torch("torch.jit.is_scripting", ctx, unit.node)
        if asked is None:
            return None
        copy.imports += asked[1]
        python = _in_python(call, callee, given, copy, made, unit, ctx)
        if python is None:
            return None
        body = [f"if not {asked[0]}():", f"{step}return {python}", *body]
    body += lines
    name = _place(wanted, [signature, *body], made, unit, ctx)
    if name is None:
        return None
    return name, [f"def {name}({signature}):", *(step + line if line else "" for line in body)]


def _step(unit: Unit, ctx: UnitContext) -> str:
    """Return the blanks by which the body of a method stands in."""
    assert unit.entry is not None
    inner, outer = ctx.source.indent_of(unit.entry.body[0]), ctx.source.indent_of(unit.entry)
    return inner[len(outer) :] if len(inner) > len(outer) else "    "


def _captured(copy: _Copy, call: ast.Call, report: Report, ctx: UnitContext) -> list[str]:
    """Return the parameters for the variables that lambdas take from around them."""
    found: list[str] = []
    for name, other in copy.captured.items():
        kind = variable_type(name, report.function, report)
        text = writable(kind, ctx, call) if kind.known and kind.bare != TENSOR else None
        found.append(f"{other}: {text[0]}" if text is not None else other)
    return found


def _in_python(
    call: ast.Call, callee: Callee, given: list[Given], copy: _Copy, made: dict[str, str], unit: Unit,
    ctx: UnitContext,
) -> str | None:  # fmt: skip
    """Return the call that Python makes, as it was; a lambda stands in a method that TorchScript doesn't parse."""
    source = ctx.source
    bound = bind(call, callee.function, not takes_no_self(callee.function)) or {}
    kept = {one.parameter: source.segment(one.value) for one in given}
    has_lambda = any(one.kind == "lambda" for one in given)
    names = {name: _other(name, set(copy.captured)) if has_lambda else name for name in bound}
    where = {id(value): name for name, value in bound.items()}

    def written(value: ast.expr) -> str:
        name = where[id(value)]
        return kept.get(name) or names[name]

    arguments = [written(one) for one in call.args]
    arguments += [f"{keyword.arg}={written(keyword.value)}" for keyword in call.keywords]
    text = f"{source.segment(call.func)}({', '.join(arguments)})"
    if not has_lambda:
        return text
    rest = [name for name in bound if name not in kept]
    unused = of_torch("torch.jit.unused", ctx, unit.node)
    if unused is None or any(value.lineno != value.end_lineno for value in (call.func, *bound.values())):
        return None
    copy.imports += unused[1]
    inner = [copy.me, *(names[name] for name in rest), *copy.captured]
    lines = [f"({', '.join(inner)}):", f"{_step(unit, ctx)}return {text}"]
    name = _place(f"_{callee.label.strip('_')}_in_python", lines, made, unit, ctx)
    if name is None:
        return None
    copy.below = ["", f"@{unused[0]}", f"def {name}{lines[0]}", lines[1]]
    return f"{copy.me}.{name}({', '.join([*rest, *copy.captured.values()])})"


def _called(name: str, call: ast.Call, callee: Callee, given: list[Given], copy: _Copy, ctx: UnitContext) -> Edit:
    """Call the method in the place of what was called."""
    gone = {id(one.value) for one in given}
    bound = bind(call, callee.function, bool(callee.path) and not takes_no_self(callee.function)) or {}
    defaults = _defaults(callee.function)
    where = {id(value): parameter for parameter, value in bound.items()}
    parts: list[Part] = []
    added = not copy.captured
    for one in call.args:
        if id(one) in gone:
            continue
        default = defaults.get(where[id(one)])
        if not added and default is not None and is_literal(default):
            parts += [part for other in copy.captured for part in (", ", other)]
            added = True
        parts += [", ", one]
    by_name = [keyword for keyword in call.keywords if id(keyword.value) not in gone]
    if not added and not by_name:
        parts += [part for other in copy.captured for part in (", ", other)]
    for keyword in by_name:
        parts += [", ", f"{keyword.arg}=", keyword.value]
    if not added and by_name:
        parts += [part for other, inner in copy.captured.items() for part in (", ", f"{inner}={other}")]
    return replace(ctx.source, call, f"{copy.me}.{name}(", *parts[1:], ")")


def _left_out(callee: Callee, given: list[Given], ctx: UnitContext) -> tuple[Edit, ...] | None:
    """Keep TorchScript from a ``forward`` that it can't compile: it would, as it does with every module inside.

    Where all that is called may be left out, nothing but ``None`` can be given to the compiled ``forward``.
    """
    function = callee.function
    if not callee.apart or function.name != "forward" or function.decorator_list:
        return ()
    if callee.module is not ctx.module:
        return None
    names = {one.parameter for one in given}
    defaults = {arg.arg: (arg, default) for arg, default in parameters_with_defaults(function.args)}
    edits: list[Edit] = []
    for name in names:
        arg, default = defaults.get(name, (None, None))
        none = isinstance(default, ast.Constant) and default.value is None
        if arg is None or not none or arg.annotation is not None:
            unused = of_torch("torch.jit.unused", ctx, function)
            return (insert_line_before(ctx.source, function, f"@{unused[0]}"), *unused[1]) if unused else None
        edits.append(annotate(ctx, arg, default, "None"))
    return tuple(edits)


__all__ = ["check"]
