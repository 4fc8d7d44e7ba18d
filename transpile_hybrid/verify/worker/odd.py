"""Odd calls: inputs that a model is not meant for, and other layouts in memory.

They show checks that were dropped, and shortcuts that hold for usual inputs only.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from .adapter import Adapter
from .cases import Case
from .load import parameters_of
from .tree import map_leaves

_LONG, _LARGE = 130, 1 << 14  # sequences get longer than most limits; what is large already, stays as it is
SCATTERED = "not contiguous in memory"


def odd_cases(adapter: Adapter, case: Case) -> list[Case]:
    """Return odd variants of ``case``."""
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
        "a second dimension of over a hundred": lambda a: (
            np.repeat(a, -(-_LONG // a.shape[1]), axis=1) if a.ndim > 1 and a.shape[1] and a.size < _LARGE else a
        ),
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
    return found


def signature(entry: Any, dropped: frozenset[str] = frozenset()) -> list[list[str]]:
    """Return ``[name, kind]`` of each parameter that a caller sees; empty where there is no signature.

    What is gathered by stars has a name inside only.
    """
    hidden = {"self", "F", *dropped}
    stars: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return [
        [stars.get(p.kind, p.name), f"{p.kind.name}{'' if p.default is p.empty else ' with a default'}"]
        for p in parameters_of(entry) or []
        if p.name not in hidden
    ]
