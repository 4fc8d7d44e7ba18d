"""Run by :mod:`test_compiled` in a process of its own: compile what the examples of the rules become, and compare.

Reads a JSON list of ``[name, target, before, after]`` and prints a JSON list of ``[name, problem]`` of what went wrong.
"""

from __future__ import annotations

import inspect
import json
import linecache
import random
import sys
import types
import warnings
from typing import Any

import torch


def load(name: str, text: str) -> types.ModuleType:
    """Execute ``text`` as a module whose source ``inspect`` finds."""
    module = types.ModuleType(name)
    module.__file__ = f"<{name}>"
    linecache.cache[module.__file__] = (len(text), None, text.splitlines(True), module.__file__)
    sys.modules[name] = module
    exec(compile(text, module.__file__, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    return module


def classes(module: types.ModuleType) -> dict[str, type[torch.nn.Module]]:
    """Return the module classes of ``module`` that are built without arguments."""
    found = {}
    for name, value in vars(module).items():
        if inspect.isclass(value) and issubclass(value, torch.nn.Module) and value.__module__ == module.__name__:
            needed = [
                p for p in list(inspect.signature(value).parameters.values()) if p.default is p.empty and p.kind < 2
            ]
            if not needed:
                found[name] = value
    return found


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for one in value for leaf in leaves(one)] if isinstance(value, list | tuple) else [value]


def same(left: Any, right: Any) -> bool:
    pairs = list(zip(leaves(left), leaves(right), strict=True))
    return all(torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b for a, b in pairs)


def compiled(net: torch.nn.Module, target: str, inputs: list[torch.Tensor]) -> Any:
    """Return what ``target`` makes of ``net``; raises what the compiler raises."""
    if target == "torch.script":
        return torch.jit.script(net)
    if target == "torch.export":
        return torch.export.export(net, tuple(inputs)).module()
    return torch.compile(net, fullgraph=True, backend="eager")


def called(module: torch.nn.Module) -> Any:
    """Return the method that a call of the module runs."""
    return module.forward if type(module).__call__ is torch.nn.Module.__call__ else module.__call__


def takes_the_same(old: inspect.Signature, new: inspect.Signature) -> bool:
    """Whether both have the same parameters; before a star, which takes all positions, optional ones may stand."""
    star = any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in old.parameters.values())
    shown = [
        name
        for name, one in new.parameters.items()
        if not (star and name not in old.parameters and one.default is not inspect.Parameter.empty)
    ]
    return shown == list(old.parameters)


def compare(target: str, before: type[torch.nn.Module], after: type[torch.nn.Module]) -> str:
    """Return what is wrong with ``after``: with itself, or compiled; nothing where all is well."""
    torch.manual_seed(0)
    old = before().eval()
    torch.manual_seed(0)
    new = after().eval()
    if list(old.state_dict()) != list(new.state_dict()):
        return "other keys in the state_dict"
    compiled_already = isinstance(old, torch.jit.ScriptModule)  # it shows no signature
    if not compiled_already and not takes_the_same(inspect.signature(called(old)), inspect.signature(called(new))):
        return "another signature"
    inputs = suitable(new if compiled_already else old)
    if inputs is None:
        return "no input was found that it runs with"
    wanted = run(old, inputs)
    if not same(wanted, run(new, inputs)):
        return "another result"
    made = compiled(new, target, inputs)
    return "" if same(wanted, run(made, inputs)) else "another result when compiled"


def run(net: Any, inputs: list[torch.Tensor]) -> Any:
    torch.manual_seed(1)
    random.seed(1)
    return net(*inputs)


def suitable(net: torch.nn.Module) -> list[torch.Tensor] | None:
    """Return inputs that ``net`` runs with: its needed parameters or all of them, square matrices of some size."""
    parameters = list(inspect.signature(called(net)).parameters.values())
    needed = [one for one in parameters if one.default is one.empty and one.kind < 2]  # no stars
    for size in (3, 4, 2, 8, 1):
        for count in (len(needed), len(parameters)):
            inputs = [torch.rand(size, size) + index for index in range(count)]
            try:
                run(net, inputs)
            except Exception:  # noqa: BLE001, S112  (then the next one)
                continue
            return inputs
    return None


def main() -> None:
    warnings.simplefilter("ignore")
    wrong = []
    for index, (name, target, before, after) in enumerate(json.load(sys.stdin)):
        old, new = classes(load(f"before_{index}", before)), classes(load(f"after_{index}", after))
        for word in old:
            try:
                problem = compare(target, old[word], new[word])
            except Exception as exc:  # noqa: BLE001  (whatever it is, it is reported)
                problem = f"{type(exc).__name__}: {exc}"
            if problem:
                wrong.append([f"{name} {word}", problem])
    json.dump(wrong, sys.stdout)


if __name__ == "__main__":
    main()
