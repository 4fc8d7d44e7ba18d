"""``*args`` and ``**kwargs`` in what TorchScript compiles.

What it does
    Finds functions that take a variable number of arguments.

Why is this bad
    ``torch.jit.script`` refuses them: "Compiled functions can't take variable number of arguments or use keyword-only
    arguments with defaults".

Fix safety
    A star parameter that the function doesn't use, or only hands on, and that no call in the repository fills, is
    dropped: safe for a private function all of whose calls are known, unsafe for others, whose signature it changes.
    What an object is called with (``layer(x, mask=mask)``) counts for every ``forward``.
    A method that doesn't use it gets a decorator (``takes_more_keywords`` and the like, added to the file) that
    takes what others give, drops it, and shows the signature that was there.  That is safe: TorchScript compiles what
    a decorator wraps, and Python does what it did.  A ``forward`` of up to nine lines that only hands its stars on is
    kept as it is for callers who give some, beside one without, which TorchScript compiles: safe, too.  One that asks
    its ``**kwargs`` for keys, or whose ``*args`` hand on all that it is given, is kept for Python alone.  And so is a
    ``forward`` of as many tensors as calls give at most, where ``*xs`` is used as a list could be: Python goes on
    taking any number (``inspect.signature`` shows the optional tensors before the star).

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#functions
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert
from ..rule import Example, Finding, UnitContext, rule
from ._callsites import CallSite, call_table
from ._classes import bind
from ._common import SCRIPT, is_method, reports
from ._copies import body_of
from ._decorators import OR_WITH_KEYWORDS, OR_WITH_MORE, takes_more
from ._helper import add_function
from ._rows import modules_for_decorators, with_fixed_number
from ._without_more import SHORT, without, without_more, without_star

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x, **kwargs):
        return self.fc(x)
""",
        after="""
import functools
import inspect

from torch import nn


def takes_more_keywords(_function):
    # callers may give more than the function uses; TorchScript compiles the function, which has no stars
    _names = inspect.signature(_function).parameters

    @functools.wraps(_function)
    def wrapper(*args, **kwargs):
        return _function(*args, **{name: value for name, value in kwargs.items() if name in _names})

    _stars = [inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)]
    wrapper.__signature__ = inspect.Signature([*_names.values(), *_stars])
    return wrapper


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    @takes_more_keywords
    def forward(self, x):
        return self.fc(x)
""",
    ),
    Example(
        title="keywords that are handed on",
        before="""
from torch import nn


class PreNorm(nn.Module):
    def __init__(self, dim=3):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fn = nn.Linear(dim, dim)

    def forward(self, x, **kwargs):
        return self.fn(self.norm(x), **kwargs)
""",
        after="""
import functools
import inspect

from torch import nn


def or_with_keywords(_whole):
    # TorchScript compiles the function below; calls with more keywords than it has go to the whole one
    def decorate(_function):
        _names = set(inspect.signature(_function).parameters)

        @functools.wraps(_function)
        def wrapper(*args, **kwargs):
            if _names.issuperset(kwargs):
                return _function(*args, **kwargs)
            return _whole(*args, **kwargs)

        wrapper.__signature__ = inspect.signature(_whole)
        return wrapper

    return decorate


class PreNorm(nn.Module):
    def __init__(self, dim=3):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fn = nn.Linear(dim, dim)

    def _forward_with_kwargs(self, x, **kwargs):
        return self.fn(self.norm(x), **kwargs)

    @or_with_keywords(_forward_with_kwargs)
    def forward(self, x):
        return self.fn(self.norm(x))
""",
    ),
    Example(
        title="keywords that are asked for",
        before="""
from torch import nn


class PreNorm(nn.Module):
    def __init__(self, dim=3):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fn = nn.Linear(dim, dim)

    def forward(self, x, **kwargs):
        scale = kwargs.get("scale", 1.0)
        if "shift" in kwargs:
            x = x + kwargs.pop("shift")
        return self.fn(self.norm(x) * scale)
""",
        after="""
import functools
import inspect

from torch import nn


def compiled_for_less(_whole):
    # TorchScript compiles the function below, for calls that give no more; Python runs the whole one
    def decorate(_function):
        @functools.wraps(_function)
        def wrapper(*args, **kwargs):
            return _whole(*args, **kwargs)

        wrapper.__signature__ = inspect.signature(_whole)
        return wrapper

    return decorate


class PreNorm(nn.Module):
    def __init__(self, dim=3):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fn = nn.Linear(dim, dim)

    def _forward_with_kwargs(self, x, **kwargs):
        scale = kwargs.get("scale", 1.0)
        if "shift" in kwargs:
            x = x + kwargs.pop("shift")
        return self.fn(self.norm(x) * scale)

    @compiled_for_less(_forward_with_kwargs)
    def forward(self, x):
        scale = 1.0
        return self.fn(self.norm(x) * scale)
""",
    ),
    Example(
        title="any number of tensors",
        before="""
import torch
from torch import nn


class Join(nn.Module):
    def forward(self, x, *skips):
        for skip in skips:
            x = torch.cat([x, skip], 1)
        return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.join = Join()

    def forward(self, x):
        return self.join(x, x * 2, x * 3)
""",
        after="""
import functools
import inspect

from typing import List, Optional

import torch
from torch import nn


def takes_any_number(_whole):
    # TorchScript compiles the function below, which takes a fixed number; Python gives the whole one all
    *_first, _row = inspect.signature(_whole).parameters.values()

    def decorate(_function):
        @functools.wraps(_function)
        def wrapper(*args, **kwargs):
            return _whole(*args[: len(_first)], **{_row.name: args[len(_first) :]}, **kwargs)

        _star = inspect.Parameter(_row.name, inspect.Parameter.VAR_POSITIONAL)
        wrapper.__signature__ = inspect.Signature([*inspect.signature(_function).parameters.values(), _star])
        return wrapper

    return decorate


class Join(nn.Module):
    def _forward_with_skips(self, x, skips: List[torch.Tensor]):
        for skip in skips:
            x = torch.cat([x, skip], 1)
        return x

    @takes_any_number(_forward_with_skips)
    def forward(self, x, skips1: Optional[torch.Tensor] = None, skips2: Optional[torch.Tensor] = None):
        skips: List[torch.Tensor] = []
        if skips1 is not None:
            skips.append(skips1)
        if skips2 is not None:
            skips.append(skips2)
        return self._forward_with_skips(x, skips)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.join = Join()

    def forward(self, x):
        return self.join(x, x * 2, x * 3)
""",
    ),
    Example(
        before="""
from torch import nn


class Sum(nn.Module):
    def forward(self, *args):
        total = args[0]
        for extra in args[1:]:
            total = total + extra
        return total
""",
    ),
]

VALID = [
    """
from torch import nn


class Sum(nn.Module):
    def __init__(self, *layers, **options):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
""",
]


@rule("THT501", "star-parameters", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, _ in reports(unit, ctx):
        for star, mark in ((function.args.vararg, "*"), (function.args.kwarg, "**")):
            if star is None:
                continue
            edits: tuple[Edit, ...] = ()
            safety = "safe" if function.name.startswith("_") and not function.name.startswith("__") else "unsafe"
            handed = _handed_on(function, star.arg, ctx)
            if handed is not None and _never_filled(function, ctx):
                edit = _drop(function, star, mark, ctx)
                edits = (edit, *handed) if edit is not None else ()
            kept = (
                _decorated(function, unit, ctx)
                or _divided(function, unit, ctx)
                or _listed(function, unit, ctx)
                or _lessened(function, unit, ctx)
            )
            if kept:
                edits, safety = kept, "safe"
            yield Finding(
                star,
                f"TorchScript takes no `{mark}{star.arg}` in `{function.name}`",
                help="name the parameters that callers give",
                fix=Fix(edits, safety) if edits else None,
            )


def _decorated(function: FunctionNode, unit: Unit, ctx: UnitContext) -> tuple[Edit, ...]:
    """Take the stars that a function doesn't use out of it, and give it a decorator that takes what they took."""
    abstract = all(ctx.qualified(one) == "abc.abstractmethod" for one in function.decorator_list)
    entry = _is_own_forward(function, unit, decorated=abstract)
    if not entry and not _is_own_method(function, unit, ctx) and not _is_plain(function, ctx):
        return ()
    arguments = function.args
    stars = _stars(function)
    if arguments.posonlyargs or arguments.kwonlyargs or any(_handed_on(function, n, ctx) != () for n in stars):
        return ()
    imports = modules_for_decorators(ctx)
    word = "takes_more" if len(stars) == 2 else f"takes_more_{'arguments' if arguments.vararg else 'keywords'}"
    added = add_function(word, takes_more(word, bool(arguments.vararg), bool(arguments.kwarg)), ctx)
    if added is None or imports is None:
        return ()
    drops = []
    for star, mark in ((arguments.vararg, "*"), (arguments.kwarg, "**")):
        drop = _drop(function, star, mark, ctx) if star is not None else None
        if star is not None and drop is None:
            return ()
        drops += [drop] if drop is not None else []
    span, indent = ctx.source.span(function), ctx.source.indent_of(function)
    line = insert(span.start, f"@{word}{ctx.source.newline}{indent}")  # below other decorators, which see what they saw
    return (*added, line, *drops, *imports)


def _divided(function: FunctionNode, unit: Unit, ctx: UnitContext) -> tuple[Edit, ...]:
    """Keep a short ``forward`` that only hands its stars on as it is, for callers who give some, beside one without.

    ``f(x, *(), **{})`` is ``f(x)``: called without more, both do the same.
    """
    arguments = function.args
    stars = [one for one in ((arguments.vararg, "*"), (arguments.kwarg, "**")) if one[0] is not None]
    if not _is_own_forward(function, unit) or not stars or not _short(function):
        return ()
    if arguments.posonlyargs or arguments.kwonlyargs or len(arguments.args) < 2:
        return ()
    edits: list[Edit] = []
    for star, mark in stars:
        assert star is not None
        handed, drop = _handed_on(function, star.arg, ctx), _drop(function, star, mark, ctx)
        if handed is None or drop is None:
            return ()
        edits += [drop, *handed]
    named = [star.arg.strip("_") for star, _ in stars if star is not None]
    whole = "_forward_with_" + "_and_".join(named)
    word, helper = ("or_with_more", OR_WITH_MORE) if arguments.vararg else ("or_with_keywords", OR_WITH_KEYWORDS)
    added, imports = add_function(word, helper, ctx), modules_for_decorators(ctx)
    if added is None or imports is None or whole in _methods(unit, ctx) or len(edits) == len(stars):
        return ()
    span, newline, indent = ctx.source.span(function), ctx.source.newline, ctx.source.indent_of(function)
    first = ctx.source.span(body_of(function)[0]).start
    head = ctx.source.span(function.body[0]).start
    copy = ctx.source.text[span.start : head] + ctx.source.text[first : span.end]
    copy = copy.replace("def forward", f"def {whole}", 1)
    edit = insert(span.start, f"{copy}{newline}{newline}{indent}@{word}({whole}){newline}{indent}")
    return (edit, *edits, *added, *imports)


def _listed(function: FunctionNode, unit: Unit, ctx: UnitContext) -> tuple[Edit, ...]:
    """Give what a star takes as a list, and TorchScript a ``forward`` of as many tensors as are given at most."""
    return with_fixed_number(function, ctx, _methods(unit, ctx)) if _is_own_forward(function, unit) else ()


def _lessened(function: FunctionNode, unit: Unit, ctx: UnitContext) -> tuple[Edit, ...]:
    """Give TorchScript a ``forward`` for calls that fill no ``**kwargs``, and as many of ``*args`` as calls do."""
    own = _is_own_forward(function, unit) and unit.cls is not None
    return without_more(function, unit.cls, ctx, _methods(unit, ctx)) if own and unit.cls is not None else ()


def _is_own_forward(function: FunctionNode, unit: Unit, decorated: bool = False) -> bool:
    plain = function is unit.entry and unit.kind == "class" and function.name == "forward"
    return plain and (decorated or not function.decorator_list)


def _is_plain(function: FunctionNode, ctx: UnitContext) -> bool:
    """Whether it is a function of the file's top level, and no call names anything that it drops."""
    if ctx.module.enclosing_function(function) is not None or function not in ctx.module.tree.body:
        return False
    return _gives_no_more(function, call_table(ctx.project).of(ctx.module.scopes.of(function).path), 0)


def _is_own_method(function: FunctionNode, unit: Unit, ctx: UnitContext) -> bool:
    """Whether it is a method of the unit, and no call names anything that it drops."""
    if unit.cls is None or function.decorator_list or not is_method(function, ctx):
        return False
    if not _gives_no_more(function, call_table(ctx.project).of_method(function.name), 1):
        return False
    return function is not unit.entry and any(function in owner.methods.values() for owner in ctx.project.mro(unit.cls))


def _gives_no_more(function: FunctionNode, sites: Iterable[CallSite], own: int) -> bool:
    """Whether calls give what has a name alone; ``own`` parameters are not given by them."""
    names = {a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    for site in sites:
        given = [one for one in site.node.args if not isinstance(one, ast.Starred)]
        if len(given) > len(names) - own or any(k.arg is not None and k.arg not in names for k in site.node.keywords):
            return False
    return True


def _methods(unit: Unit, ctx: UnitContext) -> set[str]:
    return {name for owner in (ctx.project.mro(unit.cls) if unit.cls else []) for name in owner.methods}


def _short(function: FunctionNode) -> bool:
    """Whether a function is so short that there can be two of it."""
    body = body_of(function)
    lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else SHORT + 1
    return lines <= SHORT and isinstance(function, ast.FunctionDef)


def _stars(function: FunctionNode) -> list[str]:
    return [star.arg for star in (function.args.vararg, function.args.kwarg) if star is not None]


def _handed_on(function: FunctionNode, name: str, ctx: UnitContext) -> tuple[Edit, ...] | None:
    """Return the edits that take ``*args`` and ``**kwargs`` out of the calls that they are handed on to.

    ``None`` where the function does more with them: then they can't be dropped.
    """
    words = {"locals", "vars", "eval", "exec"}
    edits: list[Edit] = []
    for statement in function.body:
        for node in walk(statement):
            if not isinstance(node, ast.Name) or node.id not in {name, *words}:
                continue
            parent = ctx.module.parent(node)
            call = ctx.module.parent(parent) if isinstance(parent, ast.Starred | ast.keyword) else None
            if node.id != name or not isinstance(call, ast.Call):
                return None
            if isinstance(parent, ast.keyword) and parent.arg is not None:
                return None
            edits.append(without(parent, ctx))
    return tuple(edits)


def _never_filled(function: FunctionNode, ctx: UnitContext) -> bool:
    """Whether no call in the repository relies on the star parameters."""
    method = is_method(function, ctx)
    table = call_table(ctx.project)
    sites = table.of_method(function.name) if method else table.ending(function.name)
    names = {a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    if method and function.name == "forward" and _may_be_filled(function, names, ctx):
        return False
    for site in sites:
        bound = bind(site.node, function, method)
        if bound is None or len(bound) < len(site.node.args) or any(k.arg not in names for k in site.node.keywords):
            return False
    return True


def _may_be_filled(function: FunctionNode, names: set[str], ctx: UnitContext) -> bool:
    """Whether some call of an object gives what the ``forward`` has no parameter for: a module is called as such."""
    most = len(function.args.posonlyargs) + len(function.args.args) - 1
    own = {id(node) for node in walk(function)}  # what it hands on itself goes with the parameter
    for site in call_table(ctx.project).everywhere():
        call = site.node
        more = function.args.vararg is not None and (
            len(call.args) > most or any(isinstance(one, ast.Starred) for one in call.args)
        )
        if id(call) in own or not (more or any(k.arg not in names for k in call.keywords)):
            continue
        if not site.module.qualified(call.func):
            return True
    return False


def _drop(function: FunctionNode, star: ast.arg, mark: str, ctx: UnitContext) -> Edit | None:
    return None if mark == "*" and function.args.kwonlyargs else without_star(star, mark, ctx)
