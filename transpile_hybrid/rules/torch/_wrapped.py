"""Functions under a decorator that calls them: ``wrapper(x, scale=1.0, **kwargs)`` around ``function(x, **kwargs)``.

TorchScript compiles what stands below the decorator.  Where all that the wrapper does is known, it gets a function that
does the same with the concrete keywords, and Python goes on calling the decorated one.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...meaning.module import Module
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Part, add_import, insert, replace, shares_line
from ..rule import ModuleContext, UnitContext
from ._classes import bind
from ._common import is_literal, reports
from ._copies import body_of, can_be_copied, parameter_names, same_names, stored_names
from ._parameters import parameters_with_defaults
from ._reports import function_named
from ._writing import of_torch


@dataclass(frozen=True)
class Wrapped:
    """A function, the wrapper that its decorator makes, and the one call of the function in that.

    ``more`` are the parameters of the function that the wrapper's keywords are for.
    """

    function: ast.FunctionDef
    wrapper: ast.FunctionDef
    module: Module
    call: ast.Call
    given: str
    more: tuple[str, ...]


def wrapper_of(decorator: ast.expr, ctx: ModuleContext) -> tuple[ast.FunctionDef, str, Module] | None:
    """Return the inner function that a decorator of the repository gives, and what it calls the function.

    Only where it says by ``functools.wraps`` what it wraps, and does nothing else.
    """
    name = ctx.qualified(decorator) if isinstance(decorator, ast.Name | ast.Attribute) else None
    found = function_named(name, ctx.module, ctx.project) if name is not None else None
    if found is None or found[0].decorator_list or len(parameter_names(found[0])) != 1:
        return None
    outer, module = found
    given, body = outer.args.args[0].arg if outer.args.args else "", body_of(outer)
    if len(body) != 2 or outer.args.vararg or outer.args.kwarg:
        return None
    inner, result = body
    if not isinstance(inner, ast.FunctionDef) or not isinstance(result, ast.Return) or len(inner.decorator_list) != 1:
        return None
    if not isinstance(result.value, ast.Name) or result.value.id != inner.name:
        return None
    wraps = inner.decorator_list[0]
    plain = isinstance(wraps, ast.Call) and module.qualified(wraps.func) == "functools.wraps" and not wraps.keywords
    return (inner, given, module) if plain and [ast.unparse(one) for one in wraps.args] == [given] else None  # type: ignore[attr-defined]


def wrapped(function: ast.FunctionDef, ctx: ModuleContext) -> Wrapped | None:
    """Return what is known of a decorated function of this file; ``None`` where that isn't all."""
    if len(function.decorator_list) != 1 or not isinstance(ctx.module.parent(function), ast.Module):
        return None
    found = wrapper_of(function.decorator_list[0], ctx)
    if found is None:
        return None
    wrapper, given, module = found
    for one in (function.args, wrapper.args):
        if one.vararg or one.posonlyargs or one.kwonlyargs:
            return None
        if any(not is_literal(default) for _, default in parameters_with_defaults(one)):
            return None
    star = wrapper.args.kwarg.arg if wrapper.args.kwarg is not None else ""
    uses = [n for one in body_of(wrapper) for n in walk(one) if isinstance(n, ast.Name) and n.id in (given, star)]
    call = module.parent(uses[0]) if uses else None
    if function.args.kwarg or not isinstance(call, ast.Call) or call.func is not uses[0]:
        return None
    handed = [k for k in call.keywords if k.arg is None]
    if len(uses) != 1 + len(handed) or len(handed) != bool(star) or any(k.value not in uses for k in handed):
        return None
    if any(isinstance(one, ast.Starred) for one in call.args) or not can_be_copied(wrapper):
        return None
    settled = bind(ast.Call(call.func, call.args, [k for k in call.keywords if k.arg]), function, False)
    own = parameter_names(wrapper)
    if settled is None or given in own or given in stored_names(wrapper):
        return None
    more = [one for one in parameter_names(function) if one not in settled]
    if not star and any(one not in _defaulted(function) for one in more):
        return None
    more = [one for one in more if one not in own] if star else []
    free = {n.id for one in body_of(wrapper) for n in walk(one) if isinstance(n, ast.Name)}
    if set(more) & free:
        return None
    return Wrapped(function, wrapper, module, call, given, tuple(more))


def _defaulted(function: ast.FunctionDef) -> dict[str, ast.expr]:
    return {arg.arg: default for arg, default in parameters_with_defaults(function.args)}


def calls_in(found: Wrapped, unit: Unit, ctx: UnitContext) -> list[ast.Call]:
    """Return the calls of the decorated function in what TorchScript reads of a unit."""
    calls: list[ast.Call] = []
    names = {f"_scripted_{found.function.name}", found.function.name}
    for function, report in reports(unit, ctx):
        if report.module is not ctx.module or function.name in names:
            continue
        for node in walk(function):
            if isinstance(node, ast.Call) and id(node) in report.types and node not in calls:
                named = ctx.qualified(node.func) if isinstance(node.func, ast.Name) else None
                target = function_named(named, ctx.module, ctx.project) if named is not None else None
                if target is not None and target[0] is found.function:
                    calls.append(node)
    return calls


def specialised(found: Wrapped, calls: list[ast.Call], ctx: UnitContext) -> tuple[Edit, ...]:
    """Return the edits that write the function for TorchScript and call it; none where one of them can't be made."""
    name = found.function.name
    required = [one for one in found.more if one not in _defaulted(found.function)]
    first = [a.arg for a in found.wrapper.args.args if a.arg not in _defaulted(found.wrapper)]
    edits: list[Edit] = []
    for call in calls:
        bound = bind(call, found.wrapper, False)
        keywords = {k.arg for k in call.keywords}
        if bound is None or not keywords <= {*parameter_names(found.wrapper), *found.more}:
            return ()
        if not {*required} <= keywords or not {*first} <= {*bound}:
            return ()
        edits.append(_called(call, found, len(first) if required else len(call.args), ctx))
    known = [ctx.module.scopes.top.bindings.get(f"{kind}_{name}") for kind in ("_plain", "_scripted")]
    if all(known):
        return tuple(edits) if _is_split(found.function) else ()
    written = _functions(found, first, required, ctx) if not any(known) else None
    return (*written, *edits) if written is not None else ()


def _called(call: ast.Call, found: Wrapped, count: int, ctx: UnitContext) -> Edit:
    """Call the other function: what is given behind the first ``count`` arguments is given by name."""
    names = parameter_names(found.wrapper)
    parts: list[Part] = []
    for index, one in enumerate(call.args):
        parts += [", ", *([f"{names[index]}="] if index >= count else []), one]
    for keyword in call.keywords:
        parts += [", ", f"{keyword.arg}=", keyword.value]
    return replace(ctx.source, call, f"_scripted_{found.function.name}(", *parts[1:], ")")


def _is_split(function: ast.FunctionDef) -> bool:
    """Whether a decorated function calls the one that was made of its body."""
    body = body_of(function)
    value = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    return isinstance(value, ast.Call) and ast.unparse(value.func) == f"_plain_{function.name}"


def _functions(found: Wrapped, first: list[str], required: list[str], ctx: UnitContext) -> tuple[Edit, ...] | None:
    """Put the body of the decorated function into one of its own, and write the wrapper as a function."""
    function, source, newline = found.function, ctx.source, ctx.source.newline
    body = body_of(function)
    asked = of_torch("torch.jit.is_scripting", ctx, function)
    imports = _imports(found, ctx)
    lines = _wrapper_lines(found)
    if not body or shares_line(source, body[0]) or asked is None or imports is None or lines is None:
        return None
    names, indent = parameter_names(function), source.indent_of(body[0])
    plain = f"_plain_{function.name}"
    parameters = ", ".join(_shown(function, name, True, found) for name in names)
    split = f"return {plain}({', '.join(names)}){newline * 3}def {plain}({parameters}):{newline}{indent}"
    every = parameter_names(found.wrapper)
    signature = [_shown(found.wrapper, one, True, found) for one in every]
    optional = [one for one in found.more if one not in required]
    signature[len(first) : len(first)] = [_shown(function, one, False, found) for one in required]
    signature += [_shown(function, one, True, found) for one in optional]
    handed = ", ".join([*every, *(f"{one}={one}" for one in found.more)])
    text = [f"def _scripted_{function.name}({', '.join(signature)}):", f"    if not {asked[0]}():"]
    text += [f"        return {function.name}({handed})", *(f"    {line}" if line else "" for line in lines)]
    end = source.line_starts[function.end_lineno] if function.end_lineno < len(source.line_starts) else None  # type: ignore[operator,index]
    if end is None or not source.text[:end].endswith("\n"):
        return None
    return (
        insert(source.span(body[0]).start, split),
        insert(end, newline * 2 + newline.join(text) + newline),
        *asked[1],
        *imports,
    )


def _shown(function: ast.FunctionDef, name: str, with_default: bool, found: Wrapped) -> str:
    """Return a parameter as it is written: with its annotation and its default."""
    arg = next(one for one in function.args.args if one.arg == name)
    default = _defaulted(function).get(name) if with_default else None
    text = name if arg.annotation is None else f"{name}: {ast.unparse(arg.annotation)}"
    if default is None:
        return text
    return f"{text} = {ast.unparse(default)}" if arg.annotation is not None else f"{text}={ast.unparse(default)}"


def _wrapper_lines(found: Wrapped) -> list[str] | None:
    """Return the lines of the wrapper's body, in which the function's text is called with its own keywords."""
    keywords = [keyword for keyword in found.call.keywords if keyword.arg is not None]
    keywords += [ast.keyword(one, ast.Name(one, ast.Load())) for one in found.more]
    call = ast.Call(ast.Name(f"_plain_{found.function.name}", ast.Load()), found.call.args, keywords)
    source = found.module.source
    body, span = body_of(found.wrapper), source.span(found.call)
    start, end = source.line_starts[body[0].lineno - 1], source.span(body[-1]).end
    text = source.text[start : span.start] + ast.unparse(call) + source.text[span.end : end]
    indent = source.indent_of(body[0])
    lines = text.splitlines()
    if any(line.strip() and not line.startswith(indent) for line in lines):
        return None
    spread = (n for one in body for n in walk(one) if isinstance(n, ast.Constant | ast.JoinedStr))
    if any(n.lineno != n.end_lineno for n in spread):
        return None
    return [line[len(indent) :].rstrip() for line in lines]


def _imports(found: Wrapped, ctx: UnitContext) -> tuple[Edit, ...] | None:
    """Return the imports that the wrapper's text needs in this file; ``None`` where its names mean something else."""
    if found.module is ctx.module or same_names(_without(found), found.module, ctx):
        return ()
    statement = _import_of(found.function.decorator_list[0], ctx)
    if statement is None:
        return None
    there, here = found.module.scopes.top, ctx.module.scopes.top
    own = {*parameter_names(found.wrapper), *stored_names(found.wrapper), found.given}
    own |= {found.wrapper.args.kwarg.arg} if found.wrapper.args.kwarg is not None else set()
    missing: list[str] = []
    for node in (n for one in body_of(found.wrapper) for n in walk(one) if isinstance(n, ast.Name)):
        meant = there.qualified(node) if node.id not in own else "builtins."
        if meant is None:
            return None
        if meant.startswith("builtins.") or meant == here.qualified(node):
            continue
        bound = there.bindings.get(node.id, [])
        if len(bound) != 1 or bound[0].kind != "def" or here.bindings.get(node.id):
            return None
        missing.append(node.id)
    module = "." * statement.level + (statement.module or "")
    return tuple(add_import(ctx.source, f"from {module} import {one}") for one in dict.fromkeys(missing))


def _without(found: Wrapped) -> ast.FunctionDef:
    """Return the wrapper as a function whose own names hold what the decorator was given, too."""
    wrapper, extra = found.wrapper, [found.given]
    extra += [wrapper.args.kwarg.arg] if wrapper.args.kwarg is not None else []
    arguments = ast.arguments([], [*wrapper.args.args, *(ast.arg(one) for one in extra)], None, [], [], None, [])
    return ast.FunctionDef(wrapper.name, arguments, wrapper.body, [], lineno=wrapper.lineno)


def _import_of(decorator: ast.expr, ctx: UnitContext) -> ast.ImportFrom | None:
    """Return the ``from ... import decorator`` of the file, where the name is imported under its own name."""
    for statement in ctx.source.tree.body:
        named = statement.names if isinstance(statement, ast.ImportFrom) and isinstance(decorator, ast.Name) else []
        if any(one.name == ast.unparse(decorator) and one.asname is None for one in named):
            return statement if isinstance(statement, ast.ImportFrom) else None
    return None
