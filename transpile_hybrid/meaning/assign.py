"""Assignment: what a target's name, attribute or element holds afterwards."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from .names import statements
from .nodes import walk
from .operators import binary, items_of, iterate
from .values import NOCONST, UNKNOWN, Value, element_of, join, join_all, sequence_of

if TYPE_CHECKING:
    from .frame import Frame


def path_of(node: ast.expr) -> str | None:
    """Return ``a.b.c`` for a plain dotted path, else ``None``."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))


def target(frame: Frame, node: ast.expr, value: Value, source: ast.expr | None = None) -> None:
    """Bind one target to ``value``."""
    env = frame.env
    if env is None:
        return
    if not isinstance(node, ast.Name):
        _other_target(frame, node, value, source)
        return
    frame.keep(node, value)
    if env.get(node.id) is not None:
        _forget_paths(env, node.id)
    env[node.id] = value


def _forget_paths(env: dict[str, Value], name: str) -> None:
    prefix = name + "."
    for path in [path for path in env if path.startswith(prefix)]:
        del env[path]


def _other_target(frame: Frame, node: ast.expr, value: Value, source: ast.expr | None) -> None:
    assert frame.env is not None
    if isinstance(node, ast.Tuple | ast.List):
        unpack(frame, node.elts, value, source)
    elif isinstance(node, ast.Starred):
        target(frame, node.value, value)
    elif isinstance(node, ast.Attribute):
        frame.eval(node.value)
        frame.keep(node, value)
        path = path_of(node)
        if path is None:
            return
        _forget_paths(frame.env, path)
        frame.env[path] = value
        if isinstance(node.value, ast.Name) and node.value.id == frame.self_name:
            stores = frame.summary.stores
            stores[node.attr] = join(stores[node.attr], value) if node.attr in stores else value
    elif isinstance(node, ast.Subscript):
        container = frame.eval(node.value)
        index = frame.eval(node.slice)
        frame.keep(node, value)
        if not isinstance(node.slice, ast.Slice) and container.is_("list", "dict"):
            mutate(frame, node.value, container, _with_item(container, index, value))


def _with_item(container: Value, index: Value, value: Value) -> Value:
    if container.is_("dict"):
        keys = None
        if container.keys is not None and isinstance(index.const, str) and len(container.keys) < 32:
            keys = (*((k, v) for k, v in container.keys if k != index.const), (index.const, value))
        element = None if container.keys is None and container.element is None else join(_all(container), value)
        return replace(container, keys=keys, element=element)
    if (
        container.elements is not None
        and isinstance(index.const, int)
        and -len(container.elements) <= index.const < len(container.elements)
    ):
        items = list(container.elements)
        items[index.const] = value
        return replace(container, elements=tuple(items))
    return replace(container, elements=None, element=join(element_of(container), value))


def _all(container: Value) -> Value:
    found = container.element or join_all(())
    return join(found, join_all(item for _, item in container.keys or ()))


def mutate(frame: Frame, node: ast.expr, old: Value, new: Value) -> None:
    """The container that ``node`` names now holds ``new``; so do the other names of the same container."""
    env = frame.env
    if env is None or old == new:
        return
    if old.site:
        for name, value in env.items():
            if value.site == old.site:
                env[name] = replace(new, site=old.site)
        stores = frame.summary.stores
        for name, value in stores.items():
            if value.site == old.site:
                stores[name] = replace(new, site=old.site)
    path = path_of(node)
    if path is not None:
        env[path] = new
        if path.count(".") == 1 and path.split(".")[0] == frame.self_name:
            frame.summary.stores[path.split(".")[1]] = new


def unpack(frame: Frame, targets: list[ast.expr], value: Value, source: ast.expr | None) -> None:
    """Bind several targets to the items of ``value``."""
    stars = [index for index, node in enumerate(targets) if isinstance(node, ast.Starred)]
    items = items_of(value)
    if stars:
        before, after = stars[0], len(targets) - stars[0] - 1
        if items is not None and len(items) >= before + after:
            middle = sequence_of("list", join_all(items[before : len(items) - after]))
            values = [*items[:before], middle, *items[len(items) - after :]]
        else:
            each = iterate(value)
            values = [sequence_of("list", each) if index in stars else each for index in range(len(targets))]
    elif items is not None and len(items) == len(targets):
        values = list(items)
    else:
        each = iterate(value)
        values = [each if each.kinds else UNKNOWN] * len(targets)
        if source is not None and value.is_("shape"):
            _learn_rank(frame, source, len(targets))
    for node, item in zip(targets, values, strict=True):
        target(frame, node, item)


def _learn_rank(frame: Frame, source: ast.expr, rank: int) -> None:
    """After ``b, c, h, w = x.shape`` the rank of ``x`` is known."""
    node: ast.expr | None = None
    if isinstance(source, ast.Attribute) and source.attr == "shape":
        node = source.value
    elif (
        isinstance(source, ast.Call)
        and isinstance(source.func, ast.Attribute)
        and source.func.attr in ("size", "get_shape")
    ):
        node = None if source.args or source.keywords else source.func.value
    if isinstance(node, ast.Name) and frame.env is not None:
        value = frame.env.get(node.id)
        if value is not None and value.is_tensor and value.rank is None:
            frame.env[node.id] = replace(value, rank=rank)


def assign(frame: Frame, node: ast.stmt) -> None:
    """``a = b = value``."""
    assert isinstance(node, ast.Assign)
    value = frame.eval(node.value)
    for item in node.targets:
        target(frame, item, value, node.value)


def annotated(frame: Frame, node: ast.stmt) -> None:
    """``a: T = value``."""
    assert isinstance(node, ast.AnnAssign)
    if node.value is None:
        return
    value = frame.eval(node.value)
    if not value.known:
        from .seeds import annotation_value

        stated = annotation_value(frame.engine, frame.module, node.annotation, frame.framework)
        value = stated if stated is not None else value
    target(frame, node.target, value, node.value)


def augmented(frame: Frame, node: ast.stmt) -> None:
    """``a += value``."""
    assert isinstance(node, ast.AugAssign)
    loaded = _as_load(node.target)
    left = frame.peek(loaded)
    frame.keep(node.target, left)
    value = binary(node.op, left, frame.eval(node.value))
    if left.is_("list") and isinstance(node.op, ast.Add):
        right = frame.summary.values.get(id(node.value), UNKNOWN)
        items, more = items_of(left), items_of(right)
        if items is not None and more is not None:
            value = replace(left, elements=(*items, *more))
        else:
            value = replace(left, elements=None, element=join(element_of(left), iterate(right)))
        mutate(frame, node.target, left, value)
        return
    if isinstance(node.target, ast.Subscript):
        return
    target(frame, node.target, value)
    frame.keep(node.target, left)


def _as_load(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Name):
        return ast.copy_location(ast.Name(node.id, ast.Load()), node)
    if isinstance(node, ast.Attribute):
        return ast.copy_location(ast.Attribute(node.value, node.attr, ast.Load()), node)
    assert isinstance(node, ast.Subscript)
    return ast.copy_location(ast.Subscript(node.value, node.slice, ast.Load()), node)


def delete(frame: Frame, node: ast.stmt) -> None:
    """``del a``."""
    assert isinstance(node, ast.Delete)
    for item in node.targets:
        path = path_of(item)
        if path is not None and frame.env is not None:
            _forget_paths(frame.env, path)
            frame.env.pop(path, None)
        elif isinstance(item, ast.Subscript):
            container = frame.eval(item.value)
            if container.is_("list", "dict"):
                element = element_of(container) if container.is_("list") else None
                mutate(frame, item.value, container, replace(container, elements=None, keys=None, element=element))


def bound_names(body: list[ast.stmt]) -> set[str]:
    """Return the names that ``body`` binds at any depth."""
    found: set[str] = set()
    for statement in statements(body):
        for node in _own_nodes(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
    return found


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    targets: list[ast.AST] = []
    for name in ("targets", "target", "items", "value", "test", "iter"):
        part = getattr(statement, name, None)
        targets += part if isinstance(part, list) else [part] if isinstance(part, ast.AST) else []
    for part in targets:
        yield from walk(part)


def pattern_names(pattern: ast.pattern) -> list[str]:
    """Return the names that a ``case`` pattern binds."""
    found: list[str] = []
    for node in walk(pattern):
        if isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            found.append(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.append(node.rest)
    return found


def fresh_const(value: Value) -> Value:
    """Return ``value`` without its constant."""
    return replace(value, const=NOCONST) if value.const is not NOCONST and value.const is not None else value
