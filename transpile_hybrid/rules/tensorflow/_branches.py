"""What the two sides of a branch on a tensor leave different."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...meaning.values import Value
from ._dtypes import cast_away, dtype_family, dtype_source
from ._flow import assigned, ends, loops_on_tensor, on_tensor, own_nodes
from ._live import live_names
from ._program import AnyFunction, Program
from ._returns import half_returning


def one_sided(program: Program, function: AnyFunction, node: ast.If) -> str:
    """Return in words what only one side of ``node``, a branch on a tensor, does; '' if nothing."""
    if not on_tensor(program.kinds, node.test) or isinstance(function, ast.Lambda):
        return ""
    reason = _returns(program, function, node)
    if reason:
        return reason
    if ends(node.body) or ends(node.orelse):
        return ""
    traced = id(function) in program.hybrid_reach
    left, right = assigned(node.body), assigned(node.orelse)
    before = bound_before(function, node)
    live = live_names(function)
    later = live.after.get(id(node), frozenset())
    for name in sorted(left ^ right):
        if name not in before and name in later:
            return f"`{name}` is bound on one side only"
    for name in sorted((left | right) & (later | live.before.get(id(node), frozenset()))):
        sides = [side for body in (node.body, node.orelse) if (side := _node_in(body, name)) is not None]
        if len(sides) == 1 and name in before and (earlier := _node_before(function, node, name)) is not None:
            sides.append(earlier)
        known = [program.kinds.value(side) for side in sides]
        if len(known) == 2 and _clash(program, known[0], known[1]):
            return f"`{name}` is {known[0]} on one side and {known[1]} on the other"
        if (
            reason := _other_parts(sides)
            or _other_dtype(program, sides)
            or _number_beside_tensor(program, sides, traced)
        ):
            return f"`{name}` {reason}"
        if not traced and len(sides) == 2 and _is_gradient(sides[0]) != _is_gradient(sides[1]):
            return (
                f"`{name}` may be `IndexedSlices` (the gradient of an embedding) on one side, and a tensor on the other"
            )
    return ""


def unlike_sides(program: Program, function: AnyFunction, node: ast.IfExp) -> str:
    """Return in words why the sides of ``a if t else b``, of which ``t`` is a tensor, can't be one value; or ''."""
    if not on_tensor(program.kinds, node.test):
        return ""
    left, right = program.kinds.value(node.body), program.kinds.value(node.orelse)
    if _clash(program, left, right):
        return f"it is {left} on one side and {right} on the other"
    sides = [node.body, node.orelse]
    traced = id(function) in program.hybrid_reach
    reason = _other_dtype(program, sides) or _number_beside_tensor(program, sides, traced)
    return f"it {reason}" if reason else ""


def unlike_functions(program: Program, node: ast.Call) -> str:
    """Return in words why what the two functions of a ``tf.cond`` give can't be one value; or ''.

    Eagerly only one of them runs.
    """
    name = program.module.qualified(node.func) or ""
    if name not in ("tensorflow.cond", "tensorflow.compat.v1.cond", "keras.ops.cond"):
        return ""
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    given = dict(zip(("pred", "true_fn", "false_fn"), node.args, strict=False)) | named
    sides = [given_by(program, given[one]) for one in ("true_fn", "false_fn") if one in given]
    known = [side for side in sides if side is not None]
    if len(known) != 2 or "pred" not in given or not on_tensor(program.kinds, given["pred"]):
        return ""
    left, right = (side.elts if isinstance(side, ast.Tuple | ast.List) else [side] for side in known)
    if len(left) != len(right):
        return ""
    reasons = (_other_dtype(program, list(pair)) for pair in zip(left, right, strict=True))
    return next((f"what is given {reason}" for reason in reasons if reason), "")


def given_by(program: Program, node: ast.expr) -> ast.expr | None:
    """Return the one expression that a function given by its name or as a lambda gives; ``None`` if there is none."""
    if isinstance(node, ast.Lambda):
        return node.body
    function = program.kinds.functions.get(program.kinds.value(node).cls or "")
    if not isinstance(function, ast.FunctionDef):
        return None
    found = [one.value for one in own_nodes(function.body) if isinstance(one, ast.Return)]
    return found[0] if len(found) == 1 and function.body and isinstance(function.body[-1], ast.Return) else None


def _is_gradient(node: ast.expr) -> bool:
    """Whether a tape gives this: of what was looked up, it is ``IndexedSlices``, which arithmetic makes dense."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "gradient"


def _number_beside_tensor(program: Program, nodes: list[ast.expr], traced: bool) -> str:
    """Return in words that a Python number stands beside a tensor of another type, or ''.

    The number becomes an int32 (float32, bool) tensor.  Of a tensor whose dtype the text doesn't tell, it is assumed
    that it doesn't fit, but in what is ``traced`` already: that works for whoever wrote it so.
    """
    if len(nodes) != 2:
        return ""
    for one, other in (nodes, nodes[::-1]):
        number, tensor = program.kinds.value(one), program.kinds.value(other)
        if not number.is_("int", "float", "bool") or not tensor.is_tensor:
            continue
        family = dtype_family(program, other)
        if family != number.kind and (family or (not traced and number.kind != "float")):
            return f"is a Python {number.kind} on one side and a tensor of {family or 'another type'} on the other"
    return ""


def _other_parts(nodes: list[ast.expr]) -> str:
    """Return in words that lists of other lengths, or dicts of other keys, are written on the two sides; or ''."""
    if len(nodes) != 2:
        return ""
    one, other = nodes
    if isinstance(one, ast.List | ast.Tuple) and isinstance(other, ast.List | ast.Tuple):
        starred = any(isinstance(item, ast.Starred) for item in [*one.elts, *other.elts])
        return "" if starred or len(one.elts) == len(other.elts) else "has another number of parts on the other side"
    if isinstance(one, ast.Dict) and isinstance(other, ast.Dict):
        keys = [{ast.dump(key) for key in side.keys if key is not None} for side in (one, other)]
        spread = None in [*one.keys, *other.keys]
        return "" if spread or keys[0] == keys[1] else "has other keys on the other side"
    return ""


def _made_floating(program: Program, node: ast.expr) -> set[str]:
    """Return the names that ``node`` casts to ``tf.float32``, to give a tensor of floating point."""
    if dtype_family(program, node) != "float":
        return set()
    return {
        inner.args[0].id
        for inner in walk(node)
        if isinstance(inner, ast.Call) and inner.args and isinstance(inner.args[0], ast.Name)
        and program.module.qualified(inner.func) == "tensorflow.cast"
    }  # fmt: skip


def _other_dtype(program: Program, nodes: list[ast.expr]) -> str:
    """Return in words that the text gives tensors of different dtypes, or ''."""
    families = {family for node in nodes if (family := dtype_family(program, node))}
    if len(families) > 1:
        return f"is of type {' on one side and '.join(sorted(families))} on the other"
    for node in nodes:
        name = cast_away(program, node)
        if name and any(other is not node and dtype_source(program, other) == name for other in nodes):
            return f"has the type of `{name}` on one side and is cast to another on the other"
        bare = {other.id for other in nodes if isinstance(other, ast.Name) and not dtype_family(program, other)}
        if named := bare & _made_floating(program, node):
            return f"is `{min(named)}` on one side and made of its cast on the other"
    return ""


def _returns(program: Program, function: AnyFunction, node: ast.If) -> str:
    """A ``return`` on one side: then every other way through the function has to return a value too."""
    body = function.body if isinstance(function.body, list) else []
    left = [n for n in own_nodes(node.body) if isinstance(n, ast.Return)]
    right = [n for n in own_nodes(node.orelse) if isinstance(n, ast.Return)]
    if not left and not right:
        return ""
    whole = [n for n in own_nodes(body) if isinstance(n, ast.Return)]
    if any(node is other for other in half_returning(program, function)):
        if not ends(body):
            return "one side returns and the end of the function is reached without a `return`"
        return "one side returns, and the other one doesn't within the same block (further AutoGraph doesn't look)"
    empty = [n for n in whole if n.value is None or (isinstance(n.value, ast.Constant) and n.value.value is None)]
    if empty and len(empty) != len(whole):
        return "one side returns `None`"
    values = [program.kinds.value(n.value) for n in whole if n.value is not None]
    texts = [value for value in values if value.is_("str")]
    if texts:
        return "text is returned"
    tensors = [n.value for n, value in zip(whole, values, strict=False) if n.value is not None and value.is_tensor]
    if reason := _other_dtype(program, tensors):
        return f"what is returned {reason}"
    shapes = {_length(value) for value in values}
    if len(shapes - {None}) > 1 or (None in shapes and len(shapes) > 1 and all(v.known for v in values)):
        return "the sides return another number of values"
    numbers = {_number(n.value) for n in whole if n.value is not None} - {""}
    if numbers and any(value.is_tensor for value in values) and not numbers <= {"int"}:
        # a float literal beside a float tensor is fine, and nothing tells that it is one
        return ""
    return ""


def _number(node: ast.expr) -> str:
    return type(node.value).__name__ if isinstance(node, ast.Constant) else ""


def _length(value: Value) -> int | None:
    return len(value.elements) if value.is_("tuple", "list") and value.elements is not None else None


def bound_before(function: AnyFunction, node: ast.stmt) -> set[str]:
    """Return the names that are bound on the way to ``node``: parameters, and statements before it around it."""
    arguments = function.args
    names = {arg.arg for arg in arguments.posonlyargs + arguments.args + arguments.kwonlyargs}
    names |= {arg.arg for arg in (arguments.vararg, arguments.kwarg) if arg is not None}
    body = function.body if isinstance(function.body, list) else []
    _collect(body, node, names)
    return names


def _collect(body: list[ast.stmt], node: ast.stmt, names: set[str]) -> bool:
    for statement in body:
        if statement is node:
            return True
        if any(inner is node for inner in walk(statement)):
            if isinstance(statement, ast.For):
                names |= assigned([statement]) & {n.id for n in walk(statement.target) if isinstance(n, ast.Name)}
            if isinstance(statement, ast.With):
                for item in statement.items:
                    if item.optional_vars is not None:
                        names |= {n.id for n in walk(item.optional_vars) if isinstance(n, ast.Name)}
            for field in ("body", "orelse", "finalbody"):
                if _collect(getattr(statement, field, []), node, names):
                    return True
            for handler in getattr(statement, "handlers", []):
                if _collect(handler.body, node, names):
                    return True
            return True
        names |= _surely(statement)
    return False


def _surely(statement: ast.stmt) -> set[str]:
    """Return the names that ``statement`` binds whichever way it goes."""
    if isinstance(statement, ast.If):
        if ends(statement.body):
            return _all_surely(statement.orelse)
        if ends(statement.orelse):
            return _all_surely(statement.body)
        return _all_surely(statement.body) & _all_surely(statement.orelse)
    if isinstance(statement, ast.For | ast.While):
        return set()
    if isinstance(statement, ast.With):
        names = _all_surely(statement.body)
        for item in statement.items:
            if item.optional_vars is not None:
                names |= {n.id for n in walk(item.optional_vars) if isinstance(n, ast.Name)}
        return names
    if isinstance(statement, ast.Try):
        return _all_surely(statement.body) | _all_surely(statement.finalbody)
    return assigned([statement])


def _all_surely(body: list[ast.stmt]) -> set[str]:
    names: set[str] = set()
    for statement in body:
        names |= _surely(statement)
    return names


def _node_in(body: list[ast.stmt], name: str) -> ast.expr | None:
    """Return what ``body`` assigns to ``name`` last."""
    found = None
    for node in own_nodes(body):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            found = node.value
    return found


def _node_before(function: AnyFunction, node: ast.If, name: str) -> ast.expr | None:
    """Return what is assigned to ``name`` last before ``node``, by the order of the text."""
    found = None
    for other in own_nodes(function.body if isinstance(function.body, list) else []):
        if getattr(other, "lineno", 0) >= node.lineno:
            continue
        if isinstance(other, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in other.targets):
            found = other.value
    return found


def _clash(program: Program, left: Value, right: Value) -> bool:
    """Whether one graph variable can't hold both."""
    if left.cls == right.cls and _of_tensors(program, left):
        return False
    for one, other in ((left, right), (right, left)):
        if one.is_none and not other.is_none:
            return True
        if one.is_("str") and (not other.is_("str") or one.const != other.const):
            return True
        if one.is_("int", "bool") and other.is_("float"):
            return True
        if one.is_("list", "tuple", "dict") and other.is_tensor:
            return True
        if one.is_("module", "function", "object"):
            return True
    return False


def _of_tensors(program: Program, value: Value) -> bool:
    """Whether ``value`` is an object of an extension type: a graph takes it apart into its tensors."""
    info = program.kinds.info_of(value.cls)
    bases = info.bases if info is not None else ()
    return any(base is not None and base.rsplit(".", 1)[-1].endswith("ExtensionType") for base in bases)


def tensor_regions(program: Program, function: AnyFunction) -> list[ast.stmt]:
    """Return the branches and loops in ``function`` that become graph ops."""
    body = function.body if isinstance(function.body, list) else []
    out: list[ast.stmt] = []
    for node in own_nodes(body):
        branch = isinstance(node, ast.If) and on_tensor(program.kinds, node.test)
        if isinstance(node, ast.If | ast.For | ast.While) and (branch or loops_on_tensor(program.kinds, node)):
            out.append(node)
    return out


def is_state(program: Program, region: ast.stmt, target: ast.Subscript) -> bool:
    """Whether AutoGraph carries ``target``, an element that is assigned in ``region``, as it carries a variable.

    It does so for names and literals as keys.  The element has to be a tensor on every way: one that the container was
    made with, or that both sides of a branch give.
    """
    key, container = target.slice, target.value
    if not isinstance(container, ast.Name) or not isinstance(key, ast.Constant | ast.Name):
        return False
    if isinstance(key, ast.Name) and not program.kinds.value(key).is_("int", "str"):
        return False
    held = program.kinds.value(container)
    parts = held.elements if held.elements is not None else [held.element] if held.element is not None else []
    if not parts or not all(part.is_tensor for part in parts):
        return False
    if held.is_("list"):
        return True
    if not held.is_("dict") or not isinstance(key, ast.Constant):
        return False
    if isinstance(region, ast.If) and all(
        _sets(body, container.id, key.value) for body in (region.body, region.orelse)
    ):
        return True
    found = program.module.scope_at(container).lookup(container.id)
    made = found[1][0].value if found is not None and len(found[1]) == 1 else None
    return isinstance(made, ast.Dict) and any(isinstance(k, ast.Constant) and k.value == key.value for k in made.keys)


def _sets(body: list[ast.stmt], name: str, key: object) -> bool:
    """Whether a statement of ``body`` itself assigns ``name[key]``."""
    return any(
        isinstance(target, ast.Subscript)
        and isinstance(target.value, ast.Name)
        and target.value.id == name
        and isinstance(target.slice, ast.Constant)
        and target.slice.value == key
        for statement in body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
    )
