#!/usr/bin/env python3
"""Write ``transpile_hybrid/rules/mxnet/_positions.json``: how many arguments may be given by position.

An operator of ``nd``, ``np`` or ``npx`` has a twin for Symbols, whose later parameters are others: what is ``out`` for
arrays is ``name`` for Symbols.  For each operator where they part: in how many leading parameters they agree.
Run it with the MXNet that the rules should know::

    python tools/mxnet_positions.py
"""

from __future__ import annotations

import builtins
import inspect
import json
from pathlib import Path
from typing import Any

import numpy

for _name in ("bool", "int", "float", "object", "complex", "str"):
    if _name not in vars(numpy):  # MXNet 1.9.1 wants the aliases that NumPy 1.24 dropped
        setattr(numpy, _name, getattr(builtins, _name))

import mxnet as mx  # noqa: E402

OUT = Path(__file__).parents[1] / "transpile_hybrid" / "rules" / "mxnet" / "_positions.json"
SPACES = {"nd": (mx.nd, mx.sym), "np": (mx.np, mx.sym.np), "npx": (mx.npx, mx.sym.npx)}
BELOW = ("", "linalg", "random", "contrib", "image", "sparse")
# a parameter of this name means something of its own; others that differ are two names of one thing (`a` and `data`)
OWN = frozenset(["out", "name", "attr", "ctx", "dtype", "initial", "keepdims"])


def positional(function: Any) -> list[str] | None:
    """Return the parameters that may be given by position; ``None`` where that can't be told or there may be more."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return None
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def agree(eager: list[str], symbol: list[str]) -> int:
    """Return in how many leading parameters the two agree."""
    for index, (one, other) in enumerate(zip(eager, symbol, strict=False)):
        if one != other and {one, other} & OWN:
            return index
    return min(len(eager), len(symbol))


def main() -> None:
    """Write the table."""
    table: dict[str, int] = {}
    for api, (eager, symbol) in SPACES.items():
        for below in BELOW:
            mine, theirs = (getattr(space, below, None) if below else space for space in (eager, symbol))
            for name in sorted(vars(mine) if mine is not None and theirs is not None else ()):
                one, other = getattr(mine, name), getattr(theirs, name, None)
                if name.startswith("_") or not callable(one) or isinstance(one, type) or not callable(other):
                    continue
                first, second = positional(one), positional(other)
                if first is not None and second is not None and agree(first, second) < len(first):
                    table[f"{api}.{below + '.' if below else ''}{name}"] = agree(first, second)
    rows = ",\n".join(f"{json.dumps(name)}: {count}" for name, count in sorted(table.items()))
    OUT.write_text("{\n" + rows + "\n}\n", encoding="utf-8")
    print(f"wrote {len(table)} operators to {OUT}")


if __name__ == "__main__":
    main()
