"""Odd calls: inputs that a model is not meant for, other layouts in memory, optional arguments given.

They show checks that were dropped, branches on a flag that were frozen, and shortcuts that hold for usual inputs only.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from .adapter import Adapter
from .cases import Case
from .tree import map_leaves

SCATTERED = "not contiguous in memory"
_MODES = frozenset(["training", "mask", "self", "F"])  # what a framework gives by itself


def odd_cases(adapter: Adapter, entry: Any, case: Case) -> list[Case]:
    """Return odd variants of ``case`` for a unit whose called function is ``entry``."""
    np = adapter.np
    args, kwargs = case.args, case.kwargs

    def every(change: Callable[[Any], Any]) -> tuple[Any, Any]:
        def one(leaf: Any) -> Any:
            host = adapter.host(leaf)
            if host is None or host.dtype in ("string", "bfloat16") or host.dtype.startswith("float8"):
                return leaf
            array = change(np.frombuffer(host.data, dtype=host.dtype).reshape(host.shape).copy())
            data = np.ascontiguousarray(array).tobytes()
            return adapter.device(host.kind, tuple(array.shape), str(array.dtype), data)

        return map_leaves(tuple(args), one), map_leaves(dict(kwargs), one)

    changes: dict[str, Callable[[Any], Any]] = {
        "one dimension less": lambda a: a[0] if a.ndim > 1 and a.shape[0] else a,
        "one dimension more": lambda a: a[None],
        "a longer last dimension": lambda a: np.concatenate([a, a[..., :1]], axis=-1) if a.ndim else a,
    }
    if adapter.name != "mxnet":
        changes["as float64"] = lambda a: a.astype("float64") if a.dtype.kind == "f" else a
        changes["as integers"] = lambda a: a.astype("int64") if a.dtype.kind == "f" else a
    found = [Case(name, "odd", *every(change)) for name, change in changes.items()]
    if adapter.name == "torch":
        found.append(Case(SCATTERED, "odd", args, kwargs))
    if adapter.name != "mxnet":

        def plain(leaf: Any) -> Any:
            host = adapter.host(leaf)
            if host is None or host.dtype in ("string", "bfloat16") or host.dtype.startswith("float8"):
                return leaf
            return np.frombuffer(host.data, dtype=host.dtype).reshape(host.shape).copy()

        found.append(Case("numpy arrays", "odd", map_leaves(tuple(args), plain), map_leaves(dict(kwargs), plain)))
    for name, value, before in _options(entry, len(args), kwargs):
        if adapter.name == "mxnet":  # its blocks take no keywords
            found.append(Case(f"{name}={value!r}", "odd", (*args, *before, value), kwargs))
        else:
            found.append(Case(f"{name}={value!r}", "odd", args, {**kwargs, name: value}))
    return found


def _options(entry: Any, given: int, kwargs: dict[str, Any]) -> list[tuple[str, Any, list[Any]]]:
    """Return another value for each optional flag and number that the calls leave at its default.

    With each come the defaults of the optional parameters before it.
    """
    try:
        parameters = [p for p in inspect.signature(entry).parameters.values() if p.name not in ("self", "F")]
    except (TypeError, ValueError):
        return []
    found: list[tuple[str, Any, list[Any]]] = []
    before: list[Any] = []
    for p in parameters[given:]:
        default = p.default
        skipped, before = before, [*before, default]
        if p.name in kwargs or p.name in _MODES or p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL, p.POSITIONAL_ONLY):
            continue
        if isinstance(default, bool):
            found.append((p.name, not default, skipped))
        elif isinstance(default, (int, float)):
            found.append((p.name, default + 1, skipped))
    return found[:6]


def signature(entry: Any, dropped: frozenset[str] = frozenset()) -> list[list[str]]:
    """Return ``[name, kind]`` of each parameter that a caller sees; empty where there is no signature.

    What is gathered by stars has a name inside only.
    """
    try:
        parameters = inspect.signature(entry).parameters.values()
    except (TypeError, ValueError):
        return []
    hidden = {"self", "F", *dropped}
    stars: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return [
        [stars.get(p.kind, p.name), f"{p.kind.name}{'' if p.default is p.empty else ' with a default'}"]
        for p in parameters
        if p.name not in hidden
    ]
