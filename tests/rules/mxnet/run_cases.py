"""Run rewritten cases on MXNet itself, all in this one process: ``run_cases.py FILE.json``.

The file holds ``[[name, original text, rewritten text], ...]``.  One line is printed for each case: ``name ok``, or
``name`` and the first thing that differs.  Every case is compared eagerly, hybridized (with static_alloc too), in its
gradients, and after export and reload.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
import tempfile
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy

for _name, _type in {
    "bool": bool,
    "int": int,
    "float": float,
    "object": object,
    "complex": complex,
    "str": str,
}.items():
    if _name not in numpy.__dict__:
        setattr(numpy, _name, _type)  # MXNet 1.9.1 uses aliases that NumPy 1.24 removed
warnings.filterwarnings("ignore")

import mxnet as mx  # noqa: E402


def flat(value: Any) -> list[Any]:
    """Return the arrays in a nested result."""
    return [part for item in value for part in flat(item)] if isinstance(value, list | tuple) else [value]


def load(name: str, text: str) -> types.ModuleType:
    """Run a case's text as a module."""
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
    return module


def build(module: types.ModuleType, parameters: dict[str, Any] | None) -> Any:
    """Return the case's net with the same parameters each time."""
    mx.random.seed(0)
    numpy.random.seed(0)
    net = module.make()
    net.initialize(mx.init.Normal(0.3))
    for key, value in (parameters or {}).items():
        parameter = net._collect_params_with_prefix()[key]
        parameter.shape = value.shape
        if parameter._deferred_init:
            parameter._finish_deferred_init()
        array = mx.np.array if mx.util.is_np_array() else mx.nd.array
        parameter.set_data(array(value, dtype=value.dtype))
    return net


def inputs(original: types.ModuleType, seed: int, other: bool = False) -> Any:
    """Return the inputs number ``seed``, and set the seed for what the net itself draws."""
    numpy.random.seed(seed)
    values = original.other() if other else original.inputs()
    mx.random.seed(seed)
    numpy.random.seed(seed)
    return values


def outputs(net: Any, original: types.ModuleType) -> list[Any]:
    """Run a net on three inputs, once in training mode, and on another batch size."""
    out = [flat(net(*inputs(original, seed))) for seed in range(3)]
    with mx.autograd.train_mode():
        out.append(flat(net(*inputs(original, 3))))
    if hasattr(original, "other"):
        out.append(flat(net(*inputs(original, 4, True))))
    return [array.asnumpy() for arrays in out for array in arrays]


def gradients(net: Any, original: types.ModuleType) -> list[Any] | None:
    """Return the gradients of inputs and parameters; ``None`` where the net can't be recorded."""
    args = inputs(original, 7)
    given = [a for a in flat(list(args)) if "float" in str(a.dtype)]
    for array in given:
        array.attach_grad()
    with mx.autograd.record():
        loss = sum((y * (1 + 0.5 * i)).sum() for i, y in enumerate(flat(net(*args))) if "float" in str(y.dtype))
    loss.backward()
    own = net._collect_params_with_prefix()
    arrays = [value for _, value in sorted(vars(net).items()) if isinstance(value, mx.nd.NDArray)]
    given += [array for array in arrays if array.grad is not None]  # a block can train arrays of its own
    return [a.grad.asnumpy() for a in given] + [
        own[k].grad().asnumpy() for k in sorted(own) if own[k].grad_req != "null"
    ]


def same(what: str, one: list[Any], two: list[Any]) -> str:
    """Return what differs."""
    if len(one) != len(two):
        return f"{what}: {len(one)} arrays and {len(two)}"
    for number, (a, b) in enumerate(zip(one, two, strict=True)):
        if a.shape != b.shape or a.dtype != b.dtype or not numpy.allclose(a, b, rtol=1e-4, atol=1e-5, equal_nan=True):
            return f"{what}: array {number}"
    return ""


def judge(name: str, before: str, after: str) -> str:
    """Return what differs between the two texts of a case (empty where nothing does)."""
    mx.npx.reset_np()
    original = load(f"{name}_before", before)
    return compare(original, lambda: load(f"{name}_after", after))


def compare(original: types.ModuleType, second: Callable[[], types.ModuleType]) -> str:
    """Return what differs between a case's module and another one (loaded once the first has run)."""
    net = build(original, None)
    net(*inputs(original, 0))
    parameters = {k: p.data().asnumpy() for k, p in net._collect_params_with_prefix().items()}
    expected = outputs(build(original, parameters), original)
    try:
        slopes = gradients(build(original, parameters), original)
    except mx.MXNetError:
        slopes = None  # an in-place write is refused while recording
    rewritten = second()
    if not isinstance(build(rewritten, parameters), mx.gluon.HybridBlock):
        return "is no HybridBlock"
    bad = same("eager", expected, outputs(build(rewritten, parameters), original))
    for options in ({}, {"static_alloc": True}):
        net = build(rewritten, parameters)
        net.hybridize(**options)
        bad = bad or same(f"hybridized {options}", expected, outputs(net, original))
    net = build(rewritten, parameters)
    net.hybridize()
    if slopes is not None and not bad:
        bad = same("gradients", slopes, gradients(net, original) or [])
    if bad:
        return bad
    want = [array.asnumpy() for array in flat(net(*inputs(original, 0)))]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "net")
        net.export(path)
        names = [symbol.name for symbol in net._cached_graph[0]]
        loaded = mx.gluon.SymbolBlock.imports(f"{path}-symbol.json", names, f"{path}-0000.params")
        args = [a for a in flat(list(inputs(original, 0))) if a is not None]
        taken = list(inspect.signature(net.hybrid_forward).parameters)[-(len(names) - len(args)) :]
        args += [getattr(net, name) for name in taken] if len(names) > len(args) else []  # its forward hands them over
        return same("reloaded", want, [array.asnumpy() for array in flat(loaded(*args))])


def main() -> None:
    """Judge every case of the file."""
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    for name, before, after in cases:
        try:
            print(name, judge(name, before, after) or "ok", flush=True)
        except Exception as exc:
            print(name, f"{type(exc).__name__}: {' '.join(str(exc).split())[:200]}", flush=True)


if __name__ == "__main__":
    main()
