"""``forward(self, x, *more)``: a function of a list for both, and one of a fixed number of tensors for TorchScript."""

from __future__ import annotations

import ast

from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, insert
from ..rule import UnitContext
from ._helper import add_function, first_definition
from ._instances import calls_of_instances
from ._writing import import_modules, of_torch, typing_words

MOST = 8
_GATHER = frozenset({"torch.cat", "torch.stack", "torch.concat", "builtins.len", "builtins.enumerate"})

_HELPER = (
    "def takes_any_number(_whole):",
    "    # TorchScript compiles the function below, which takes a fixed number; Python gives the whole one all",
    "    *_first, _row = inspect.signature(_whole).parameters.values()",
    "",
    "    def decorate(_function):",
    "        @functools.wraps(_function)",
    "        def wrapper(*args, **kwargs):",
    "            return _whole(*args[: len(_first)], **{_row.name: args[len(_first) :]}, **kwargs)",
    "",
    "        _star = inspect.Parameter(_row.name, inspect.Parameter.VAR_POSITIONAL)",
    "        wrapper.__signature__ = inspect.Signature([*inspect.signature(_function).parameters.values(), _star])",
    "        return wrapper",
    "",
    "    return decorate",
)


def with_fixed_number(function: FunctionNode, ctx: UnitContext, methods: set[str]) -> tuple[Edit, ...]:
    """Return the edits that divide ``forward`` so; none where it does more with the row than a list can.

    ``methods`` are the names that the class has.
    """
    arguments, star = function.args, function.args.vararg
    if star is None or star.annotation or not isinstance(function, ast.FunctionDef) or function.returns:
        return ()
    if arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs or arguments.defaults:
        return ()
    count = _count(function, star.arg, ctx)
    whole = f"_forward_with_{star.arg.strip('_')}"
    names = [one.arg for one in arguments.args]
    at = first_definition(ctx)
    if not 0 < count <= MOST or whole in methods or at is None or any(one.annotation for one in arguments.args):
        return ()
    tensors = [f"{star.arg}{index + 1}" for index in range(count)]
    words, torch = typing_words(["List", "Optional"], ctx, at), of_torch("torch.Tensor", ctx, at)
    imports = modules_for_decorators(ctx)
    added = add_function("takes_any_number", _HELPER, ctx)
    if words is None or torch is None or imports is None or added is None or set(tensors) & set(names):
        return ()
    listed, maybe = (f"{word}[{torch[0]}]" for word in words[0])
    source, newline, indent = ctx.source, ctx.source.newline, ctx.source.indent_of(function)
    given = ", ".join([*names, *(f"{one}: {maybe} = None" for one in tensors)])
    lines = [
        "",
        f"@takes_any_number({whole})",
        f"def forward({given}):",
        f"    {star.arg}: {listed} = []",
    ]
    for one in tensors:
        lines += [f"    if {one} is not None:", f"        {star.arg}.append({one})"]
    lines.append(f"    return {names[0]}.{whole}({', '.join([*names[1:], star.arg])})")
    start = source.text.index("forward", source.span(function).start)
    span = source.span(star)
    mark = source.text.rindex("*", 0, span.start)
    end = source.span(function).end
    text = newline.join(f"{indent}{line}" if line else "" for line in lines)
    return (
        Edit(start, start + len("forward"), (whole,)),
        Edit(mark, span.end, (f"{star.arg}: {listed}",)),
        insert(end, newline + text),
        *added, *imports, *words[1], *torch[1],
    )  # fmt: skip


def modules_for_decorators(ctx: UnitContext) -> tuple[Edit, ...] | None:
    """Return the edit that imports what decorators need; ``None`` where a name is something else."""
    missing: list[str] = []
    for word in ("functools", "inspect"):
        bound = ctx.module.scopes.top.bindings.get(word)
        if not bound:
            missing.append(word)
        elif not all(one.kind == "import" and one.target == word for one in bound):
            return None
    return (import_modules(missing, ctx),) if missing else ()


def _count(function: FunctionNode, row: str, ctx: UnitContext) -> int:
    """Return how many are given at most, by calls and by the items that are asked for; 0 where that is not known."""
    asked, open_ended = 0, False
    for node in (n for statement in function.body for n in walk(statement)):
        if not (isinstance(node, ast.Name) and node.id == row):
            continue
        parent = ctx.module.parent(node)
        if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(node.ctx, ast.Load):
            index = parent.slice
            if isinstance(index, ast.Constant) and type(index.value) is int:
                asked = max(asked, index.value + 1)
            else:
                open_ended = True
        elif isinstance(parent, ast.Call) and node in parent.args and ctx.qualified(parent.func) in _GATHER:
            open_ended = open_ended or ctx.qualified(parent.func) != "builtins.len"
        elif isinstance(parent, ast.For | ast.comprehension) and parent.iter is node:
            open_ended = True
        else:
            return 0
    before = len(function.args.args) - 1
    sites = [site.node for site in calls_of_instances(function, ctx)]
    if any(isinstance(one, ast.Starred) for call in sites for one in call.args) or any(c.keywords for c in sites):
        return 0
    given = max((len(call.args) - before for call in sites), default=0)
    return max(asked, given) if given or not open_ended else 0
