#!/usr/bin/env python3
"""Write ``transpile_hybrid/rules/torch/_signatures.json``: what TorchScript takes, asked of an installed PyTorch.

Three tables: ``ops`` (every public ATen schema by name), ``functions`` (qualified Python name -> its schemas, for
builtins the ATen ones, for Python functions those that ``torch.jit.script`` gives), ``modules`` (qualified class ->
schema of ``forward``).  Run it with the PyTorch that the rules should know::

    python tools/torch_signatures.py
"""

from __future__ import annotations

import collections
import importlib
import inspect
import json
import math
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as functional
from torch.jit._builtins import _find_builtin

OUT = Path(__file__).parents[1] / "transpile_hybrid" / "rules" / "torch" / "_signatures.json"
SKIP = ("backward", "cudnn", "miopen", "mkldnn", "quantize", "quantized", "sparse", "fbgemm", "_copy", "_forward")


def signature(schema: str) -> str:
    """Return ``(arguments) -> result`` of a schema's text."""
    return schema[schema.index("(") :]


def ops() -> dict[str, list[str]]:
    table: dict[str, list[str]] = collections.defaultdict(list)
    for schema in torch._C._jit_get_all_schemas():
        namespace, _, name = schema.name.partition("::")
        if namespace not in ("aten", "prim") or (name.startswith("_") and not name.startswith("__")):
            continue
        if any(argument.is_out for argument in schema.arguments) or any(word in name for word in SKIP):
            continue
        table[name].append(signature(str(schema)))
    return table


def scripted(function: Any) -> list[str] | None:
    """Return the schemas of what TorchScript makes of ``function``; ``None`` where it can't."""
    builtin = _find_builtin(function)
    if builtin:
        return [f"@{builtin.split('::')[1]}"]
    dispatch = torch._jit_internal.boolean_dispatched.get(function)
    if dispatch is not None:
        function = dispatch["if_false"]
    overloads = torch._jit_internal._get_fn_overloads(torch._jit_internal._qualified_name(function))
    if overloads:
        return [signature(str(torch.jit.script(one).schema)) for one in overloads if False] or None
    return [signature(str(torch.jit.script(function).schema))]


def functions() -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    spaces = {
        "torch": torch, "torch.nn.functional": functional, "torch.special": torch.special, "torch.linalg": torch.linalg,
        "torch.fft": torch.fft, "math": math, "torch.nn.init": torch.nn.init,
    }  # fmt: skip
    for prefix, space in spaces.items():
        for name in sorted(dir(space)):
            function = getattr(space, name)
            if name.startswith("_") or not callable(function) or inspect.isclass(function):
                continue
            try:
                found = scripted(function)
            except Exception:
                continue
            if found:
                table[f"{prefix}.{name}"] = found
    for name, text in BY_HAND.items():
        table[name] = text if isinstance(text, list) else [text]
    return table


# operators that only builds with CUDA have
WITH_A_GPU = frozenset(
    f"torch.cuda.{name}"
    for name in ("current_device", "current_stream", "default_stream", "device_count", "set_device", "set_stream")
    + ("stream", "synchronize")
)


def refused() -> list[str]:
    """Return the public functions that ``torch.jit.script`` refuses, whatever they are given."""
    spaces = ["torch", "torch.amp", "torch.autograd", "torch.autograd.functional", "torch.cuda", "torch.distributed",
              "torch.fft", "torch.func", "torch.linalg", "torch.nn.functional", "torch.nn.init", "torch.nn.utils",
              "torch.nn.utils.rnn", "torch.random", "torch.special", "torch.utils.checkpoint"]  # fmt: skip
    names = ["torch.finfo", "torch.iinfo"]  # classes, which TorchScript would call
    for prefix in spaces:
        space = importlib.import_module(prefix)
        for name in sorted(dir(space)):
            function = getattr(space, name)
            if name.startswith("_") or not callable(function) or inspect.isclass(function):
                continue
            if getattr(function, "__module__", None) in (None, "typing", "functools"):
                continue
            builtin = _find_builtin(function)
            if builtin or torch._jit_internal.is_ignored_fn(function) or f"{prefix}.{name}" in WITH_A_GPU:
                if builtin and not builtin.startswith("cuda::") and not torch._C._jit_get_schemas_for_operator(builtin):
                    names.append(f"{prefix}.{name}")
                continue
            overloads = torch._jit_internal._get_fn_overloads(torch._jit_internal._qualified_name(function))
            if function in torch._jit_internal.boolean_dispatched or overloads or f"{prefix}.{name}" in BY_HAND:
                continue
            if not inspect.isfunction(function):
                names.append(f"{prefix}.{name}")  # written in C, and no operator
                continue
            if not compiles(function):
                names.append(f"{prefix}.{name}")
    return names


def compiles(function: Any) -> bool:
    """Whether ``torch.jit.script`` takes ``function``, asked in a process of its own: some end the whole process."""
    child = os.fork()
    if child == 0:
        try:
            torch.jit.script(function)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


WORDS = {
    "Tensor": "Tensor", "int": "int", "float": "float", "bool": "bool", "str": "str", "Optional[Tensor]": "Tensor?",
    "Optional[int]": "int?", "Optional[List[int]]": "int[]?", "Optional[list[int]]": "int[]?",
    "Optional[float]": "float?", "Optional[bool]": "bool?", "list[int]": "int[]",
}  # fmt: skip


# TorchScript takes these, through overloads and dispatch that torch.jit.script of the bare function doesn't show.
BY_HAND: dict[str, str | list[str]] = {
    "torch.nn.functional.interpolate": [
        f"(Tensor input, {size}? size=None, {scale}? scale_factor=None, str mode=None, bool? align_corners=None, "
        "bool? recompute_scale_factor=None, bool antialias=None) -> Tensor"
        for scale in ("float", "float[]")
        for size in ("int", "int[]")
    ],
    "torch.nn.functional.upsample": [
        f"(Tensor input, {size}? size=None, float? scale_factor=None, str mode=None, "
        "bool? align_corners=None) -> Tensor"
        for size in ("int", "int[]")
    ],
    "torch.norm": "(Tensor input, ? p=None, ? dim=None, bool keepdim=None, Tensor? out=None, "
    "int? dtype=None) -> Tensor",
    "torch.functional.norm": "(Tensor input, ? p=None, ? dim=None, bool keepdim=None) -> Tensor",
}  # fmt: skip
for _n in (1, 2, 3):
    for _kind in ("max_pool", "adaptive_max_pool"):
        _more = (
            ""
            if "adaptive" in _kind
            else (f", int[{_n}]? stride=None, int[{_n}] padding=0, int[{_n}] dilation=1, bool ceil_mode=False")
        )
        _size = "output_size" if "adaptive" in _kind else "kernel_size"
        BY_HAND[f"torch.nn.functional.{_kind}{_n}d"] = (
            f"(Tensor input, int[{_n}] {_size}{_more}, bool return_indices=False) -> ?"
        )


def word(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    for prefix in ("torch.", "typing."):
        text = text.replace(prefix, "")
    if text.endswith(" | None"):
        text = f"Optional[{text[:-7]}]"
    return WORDS.get(text, "?")


def modules() -> dict[str, str]:
    table: dict[str, str] = {}
    for name in sorted(dir(torch.nn)):
        cls = getattr(torch.nn, name)
        if not (inspect.isclass(cls) and issubclass(cls, torch.nn.Module)) or cls.forward is torch.nn.Module.forward:
            continue
        parameters = list(inspect.signature(cls.forward).parameters.values())[1:]
        if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
            continue
        parts = []
        for parameter in parameters:
            text = "Tensor" if parameter.annotation is parameter.empty else word(parameter.annotation)
            parts.append(f"{text} {parameter.name}" + ("" if parameter.default is parameter.empty else "=None"))
        result = inspect.signature(cls.forward).return_annotation
        text = "Tensor" if result is inspect.Signature.empty else word(result)
        table[f"torch.nn.{name}"] = f"({', '.join(parts)}) -> {text}"
    table["torch.nn.Sequential"] = "(Tensor input) -> Tensor"
    table["torch.nn.Identity"] = "(Tensor input) -> Tensor"
    table["torch.nn.MultiheadAttention"] = (
        "(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask=None, bool need_weights=True, "
        "Tensor? attn_mask=None, bool average_attn_weights=True, bool is_causal=False) -> (Tensor, Tensor?)"
    )
    for name in ("LSTM", "GRU", "RNN"):
        table.pop(f"torch.nn.{name}", None)
    return table


def floats() -> dict[str, list[str]]:
    """Constructor parameters that are ``float``: by annotation, or by a float default where there is none."""
    table: dict[str, list[str]] = {}
    for name in sorted(dir(torch.nn)):
        cls = getattr(torch.nn, name)
        if not (inspect.isclass(cls) and issubclass(cls, torch.nn.Module)):
            continue
        found = []
        order = []
        for parameter in list(inspect.signature(cls.__init__).parameters.values())[1:]:
            order.append(parameter.name)
            text = (
                inspect.formatannotation(parameter.annotation)
                if not isinstance(parameter.annotation, str)
                else parameter.annotation
            )
            if text in ("float", "float | None", "Optional[float]") or (
                parameter.annotation is parameter.empty and type(parameter.default) is float
            ):
                found.append(f"{len(order) - 1}:{parameter.name}")
        if found:
            table[f"torch.nn.{name}"] = found
    return table


def main() -> int:
    warnings.simplefilter("ignore")
    methods = [name for name in dir(torch.Tensor) if not name.startswith("_")]
    data = {
        "version": torch.__version__.split("+")[0],
        "ops": ops(),
        "functions": functions(),
        "modules": modules(),
        "refused": refused(),
        "floats": floats(),
        "methods": sorted(methods),
    }
    OUT.write_text(json.dumps(data, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{OUT}: {len(data['ops'])} ops, {len(data['functions'])} functions, {len(data['modules'])} modules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
