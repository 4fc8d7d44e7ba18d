"""Modules that are built where they are called, and hold nothing: ``Gram()(x)`` becomes a call of a function.

TorchScript can't build a module.  What doesn't ask for its object at all is a function, and TorchScript gets it as
one; Python goes on building the module and calling it.
"""

from __future__ import annotations

import ast
import re

from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, replace
from ..rule import UnitContext
from ._classes import self_name
from ._copies import body_of, can_be_copied, copied_body, parameter_names, same_names, stored_names
from ._helper import add_function
from ._parameters import parameters_with_defaults
from ._writing import of_torch


def as_function(built: ast.Call, name: str, ctx: UnitContext) -> tuple[Edit, ...]:
    """Return the edits that call a function in the place of the module ``built``; none where it is more than one."""
    call, info = ctx.module.parent(built), ctx.project.class_named(name)
    forward = info.methods.get("forward") if info is not None else None
    if info is None or not isinstance(forward, ast.FunctionDef) or not isinstance(call, ast.Call):
        return ()
    if call.func is not built or built.args or built.keywords or not _holds_nothing(info) or not _is_function(forward):
        return ()
    if not isinstance(built.func, ast.Name | ast.Attribute) or not same_names(forward, info.module, ctx):
        return ()
    text, given = ast.unparse(built.func), parameter_names(forward)[1:]
    root = text.partition(".")[0]
    if root in {*given, *stored_names(forward)} or ctx.module.scope_at(built).is_local(root):
        return ()
    lines = copied_body(forward, info.module, {}, "", "")
    asked = of_torch("torch.jit.is_scripting", ctx, built)
    if lines is None or asked is None:
        return ()
    word = "_scripted_" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", info.name).lower()
    guard = [f"    if not {asked[0]}():", f"        return {text}()({', '.join(given)})"]
    bound = ctx.module.scopes.top.bindings.get(word)
    known = bound[0].node if bound and len(bound) == 1 else None
    if isinstance(known, ast.FunctionDef) and _starts_with(known, guard):
        return (replace(ctx.source, built, word),)
    defaults = {arg.arg: default for arg, default in parameters_with_defaults(forward.args)}
    shown: list[str] = []
    for arg in forward.args.args[1:]:
        typed = f"{arg.arg}: {ast.unparse(arg.annotation)}" if arg.annotation is not None else arg.arg
        sign = " = " if arg.annotation is not None else "="
        shown.append(typed + (sign + ast.unparse(defaults[arg.arg]) if arg.arg in defaults else ""))
    written = [f"def {word}({', '.join(shown)}):", *guard, *("    " + line if line else "" for line in lines)]
    added = add_function(word, tuple(written), ctx)
    return (replace(ctx.source, built, word), *added, *asked[1]) if added is not None else ()


def _starts_with(function: ast.FunctionDef, guard: list[str]) -> bool:
    return ast.unparse(function.body[0]) == ast.unparse(ast.parse("\n".join(line[4:] for line in guard)))


def _holds_nothing(info: ClassInfo) -> bool:
    """Whether building the module does nothing but to keep constants, and it is called as modules are."""
    if info.bases != ("torch.nn.Module",) or info.node.keywords or info.node.decorator_list:
        return False
    if set(info.methods) - {"__init__", "forward", "extra_repr", "__repr__"}:
        return False
    init = info.methods.get("__init__")
    if init is None:
        return True
    if len(parameter_names(init)) - len(init.args.defaults) - len(init.args.kw_defaults) > 1 or init.args.vararg:
        return False
    names = {*parameter_names(init)} - {self_name(init)}
    for statement in body_of(init):
        if isinstance(statement, ast.Assign):
            target, value = statement.targets[0], statement.value
            kept = isinstance(target, ast.Attribute) and ast.unparse(target.value) == self_name(init)
            plain = isinstance(value, ast.Constant) or isinstance(value, ast.Name) and value.id in names
            if len(statement.targets) != 1 or not kept or not plain:
                return False
        elif not isinstance(statement, ast.Expr) or not re.fullmatch(
            r"super\(.*\)\.__init__\(\)", ast.unparse(statement)
        ):
            return False
    return True


def _is_function(forward: ast.FunctionDef) -> bool:
    """Whether a ``forward`` takes a fixed number of arguments, and doesn't ask for its object."""
    arguments = forward.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs or forward.decorator_list:
        return False
    if not arguments.args or any(not isinstance(default, ast.Constant) for default in arguments.defaults):
        return False
    me = self_name(forward)
    named = any(isinstance(n, ast.Name) and n.id == me for one in body_of(forward) for n in walk(one))
    return not named and can_be_copied(forward)
