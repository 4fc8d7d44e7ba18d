"""Run by :mod:`test_migration` in a process of its own: run programs and what they become, and compare.

Reads a JSON list of ``[name, target, before, after]`` (paths) and prints one of ``[name, problem]`` of what went wrong.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import logging
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import torch


def run(path: str) -> types.ModuleType:
    """Run a file as a module, from whose source TorchScript can read."""
    name = Path(path).stem
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def leaves(value: Any) -> list[Any]:
    return [leaf for one in value for leaf in leaves(one)] if isinstance(value, list | tuple) else [value]


def same(left: Any, right: Any) -> bool:
    """Whether two results are equal, up to what a graph of other kernels rounds (``optimize_for_inference``)."""
    pairs = list(zip(leaves(left), leaves(right), strict=True))
    return all(a.dtype == b.dtype and a.shape == b.shape and torch.allclose(a, b, atol=1e-6) for a, b in pairs)


def exactly(left: Any, right: Any) -> bool:
    pairs = list(zip(leaves(left), leaves(right), strict=True))
    return all(torch.equal(a, b) and a.requires_grad == b.requires_grad for a, b in pairs)


def compare(target: str, before: types.ModuleType, after: types.ModuleType, exact: bool) -> str:
    """Return what is wrong with the migrated program; nothing where all is well."""
    equal = exactly if exact else same
    if not equal(before.outputs, after.outputs):
        return "other outputs"
    if not hasattr(before, "net") or not hasattr(before, "inputs"):
        return ""
    net = getattr(after.net, "_orig_mod", after.net)  # the program itself may compile what is a module again
    if list(before.net.state_dict()) != list(net.state_dict()):
        return "other keys in the state_dict"
    wanted = net(*after.inputs)
    if target == "torch.compile":
        made = torch.compile(net, fullgraph=True)
    else:
        made = torch.export.export(net, after.inputs).module()
    return "" if exactly(wanted, made(*after.inputs)) else "another result when compiled"


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.compile = functools.partial(torch.compile, backend="eager")
    wrong = []
    rows = json.load(sys.stdin)
    # files are written by the one and read by the other kind of program: first all that are as they were
    ran: dict[str, Any] = {}
    for path in [row[2] for row in rows] + [row[3] for row in rows]:
        try:
            ran[path] = run(path)
        except Exception as exc:  # noqa: BLE001  (whatever it is, it is reported)
            ran[path] = f"{path}: {type(exc).__name__}: {exc}"
    for name, target, before, after, exact in rows:
        torch._dynamo.reset()
        problem = next((ran[path] for path in (before, after) if isinstance(ran[path], str)), "")
        try:
            problem = problem or compare(target, ran[before], ran[after], exact)
        except Exception as exc:  # noqa: BLE001  (whatever it is, it is reported)
            problem = f"{type(exc).__name__}: {exc}"
        if problem:
            wrong.append([name, problem])
    json.dump(wrong, sys.stdout)


if __name__ == "__main__":
    main()
