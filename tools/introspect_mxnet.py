# ruff: noqa: E402, E501
"""The MXNet table: Gluon's classes, the operators of ``nd``, ``np`` and ``npx``, the members of NDArray."""

from __future__ import annotations

import inspect
import re
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
    if _name not in numpy.__dict__:  # MXNet 1.9.1 wants the aliases that NumPy 1.24 dropped
        setattr(numpy, _name, _type)

import mxnet as mx  # noqa: E402
from introspect import (
    FORMAT,
    class_name,
    document_parameters,
    find_classes,
    public_members,
    signature_parameters,
    walk_modules,
    write,
)  # noqa: E402

_ATTRIBUTES = {"shape": "S", "dtype": "d", "ndim": "i", "size": "i", "T": "T", "context": "v", "ctx": "v",
               "grad": "T|N", "stype": "s",
               "handle": "o", "writable": "b"}  # fmt: skip
_METHODS = {"asnumpy": "A", "asscalar": "i|f", "item": "i|f|b", "tolist": "L|i|f", "attach_grad": "N",
            "backward": "N", "wait_to_read": "N",
            "split": "L[T]|T", "split_v2": "L[T]|T", "topk": "T|L[T]", "copyto": "T", "to_dlpack_for_read": "o",
            "nonzero": "P[T]",
            "to_dlpack_for_write": "o", "__len__": "i"}  # fmt: skip
_FUNCTIONS = {
    "nd.split": "L[T]|T", "nd.SliceChannel": "L[T]|T", "nd.split_v2": "L[T]|T", "nd.topk": "T|L[T]",
    "nd.moments": "L[T]", "nd.RNN": "T|L[T]",
    "nd.save": "N", "nd.load": "M|L", "nd.waitall": "N", "nd.linalg_syevd": "L[T]", "nd.linalg.syevd": "L[T]",
    "nd.linalg_gelqf": "L[T]",
    "nd.linalg.gelqf": "L[T]", "nd.linalg_slogdet": "L[T]", "nd.linalg.slogdet": "L[T]", "nd.contrib.foreach": "P",
    "nd.meshgrid": "L[T]",
    "nd.contrib.while_loop": "P", "nd.contrib.cond": "?", "np.split": "L[T]", "np.array_split": "L[T]",
    "np.hsplit": "L[T]",
    "np.vsplit": "L[T]", "np.dsplit": "L[T]", "np.meshgrid": "L[T]", "np.nonzero": "P[T]", "np.unravel_index": "P[T]",
    "np.unique": "T|P[T]",
    "np.broadcast_arrays": "L[T]", "np.shape": "S", "np.ndim": "i", "np.size": "i", "np.linalg.svd": "(T,T,T)",
    "np.linalg.eig": "(T,T)",
    "np.linalg.eigh": "(T,T)", "np.linalg.slogdet": "(T,T)", "np.may_share_memory": "b", "np.shares_memory": "b",
    "np.array_equal": "b",
    "np.allclose": "b", "npx.waitall": "N", "npx.save": "N", "npx.load": "M|L", "npx.set_np": "N",
    "npx.reset_np": "N", "npx.is_np_array": "b",
    "npx.is_np_shape": "b", "npx.cpu": "v", "npx.gpu": "v", "npx.num_gpus": "i", "npx.current_device": "v",
    "npx.current_context": "v",
    "npx.topk": "T|L[T]", "npx.seed": "N", "npx.rnn": "T|L[T]", "npx.foreach": "P", "npx.multibox_target": "L[T]",
    "npx.multibox_detection": "T",
    "npx.multibox_prior": "T", "nd.contrib.MultiBoxTarget": "L[T]", "np.random.seed": "N", "np.random.shuffle": "N",
    "np.einsum": "T",
    "nd.Dropout": "T", "nd.MultiBoxTarget": "L[T]", "np.nested": "?", "npx.batch_flatten": "T", "npx.group_norm": "T",
    "nd.contrib.box_nms": "T", "nd.contrib.bipartite_matching": "L[T]", "nd.sample_multinomial": "T|L[T]",
    "nd.random.multinomial": "T|L[T]",
}  # fmt: skip
_TOP = {
    "mxnet.cpu": "v", "mxnet.gpu": "v", "mxnet.context.num_gpus": "i", "mxnet.context.current_context": "v",
    "mxnet.Context": "v",
    "mxnet.autograd.is_training": "b", "mxnet.autograd.is_recording": "b", "mxnet.autograd.grad": "L[T]",
    "mxnet.cpu_pinned": "v",
    "mxnet.gluon.Parameter": "p", "mxnet.gluon.Constant": "p", "mxnet.gluon.parameter.Parameter": "p",
    "mxnet.gluon.parameter.Constant": "p",
    "mxnet.gluon.Trainer": "o<mxnet.gluon.Trainer>", "mxnet.gluon.SymbolBlock.imports": "X",
    "mxnet.metric.Accuracy": "o", "mxnet.num_gpus": "i",
    "mxnet.gluon.utils.split_and_load": "L[T]", "mxnet.gluon.utils.split_data": "L[T]",
    "mxnet.gluon.utils.clip_global_norm": "f|T",
    "mxnet.random.seed": "N", "mxnet.init.Xavier": "o", "mxnet.init.Normal": "o", "mxnet.init.Constant": "o",
    "mxnet.init.Zero": "o",
    "mxnet.init.One": "o", "mxnet.init.Uniform": "o", "mxnet.init.MSRAPrelu": "o", "mxnet.util.is_np_array": "b",
    "mxnet.util.is_np_shape": "b",
}  # fmt: skip
_PARAMETER = {"data()": "T", "grad()": "T", "list_data()": "L[T]", "list_grad()": "L[T]", "var()": "T",
              "shape": "S|N", "dtype": "d|s",
              "name": "s", "grad_req": "s", "initialize()": "N", "set_data()": "N", "zero_grad()": "N",
              "reset_ctx()": "N", "cast()": "N",
              "list_ctx()": "L[v]", "lr_mult": "f", "wd_mult": "f"}  # fmt: skip
_BASE_ATTRIBUTES = {"params": "o<mxnet.gluon.ParameterDict>", "name": "s", "prefix": "s"}
_BASE_METHODS = {"name_scope": "o", "collect_params": "o<mxnet.gluon.ParameterDict>", "initialize": "N",
                 "hybridize": "N", "register_child": "N",
                 "cast": "N", "save_parameters": "N", "load_parameters": "N", "apply": "X", "export": "N",
                 "infer_shape": "N", "add": "N",
                 "register_forward_hook": "o", "register_forward_pre_hook": "o", "summary": "N",
                 "begin_state": "L[T]", "state_info": "L",
                 "unroll": "P", "reset": "N", "__len__": "i"}  # fmt: skip


def result_of(function: Any) -> str:
    """Tell the kind of an operator's result from its documentation; nearly all give one array."""
    doc = inspect.getdoc(function) or ""
    match = re.search(r"Returns\n-+\n(.{0,160})", doc, re.S)
    text = match.group(1).split("\n\n")[0] if match else ""
    if "NDArray or list of" in text or "ndarray or list of" in text:
        return "T"
    if re.search(r"\b(list|tuple) of", text):
        return "L[T]" if "list of" in text else "P[T]"
    if re.search(r": *bool\b", text):
        return "b"
    return "T"


def build() -> None:
    """Write ``mxnet.json``."""
    skip = ("contrib.onnx", "contrib.text", "onnx", "tensorrt")
    modules = list(
        walk_modules("mxnet.gluon", lambda name: name.startswith("mxnet.gluon.") and not any(s in name for s in skip))
    )
    classes, aliases = {}, {}
    prefer = ("mxnet.gluon", "mxnet.gluon.nn", "mxnet.gluon.rnn", "mxnet.gluon.loss", "mxnet.gluon.contrib.nn",
              "mxnet.gluon.contrib.rnn",
              "mxnet.gluon.model_zoo.vision")  # fmt: skip
    hybrid = mx.gluon.HybridBlock
    for cls, names in find_classes(modules, (mx.gluon.Block,)).items():
        name = class_name(cls, names, prefer)
        aliases.update({other: name for other in names if other != name})
        short = cls.__name__
        recurrent = name.startswith(("mxnet.gluon.rnn", "mxnet.gluon.contrib.rnn"))
        call = (
            "?"
            if short
            in ("Block", "HybridBlock", "SymbolBlock", "Sequential", "HybridSequential", "Lambda", "HybridLambda")
            else "T"
        )
        if recurrent:
            call = "T|(T,L[T])" if short in ("LSTM", "GRU", "RNN") else "(T,L[T])"
        entry: dict[str, Any] = {
            "root": "mxnet.gluon." + ("HybridBlock" if issubclass(cls, hybrid) else "Block"),
            "call": call,
        }
        if issubclass(cls, hybrid):
            entry["hybrid"] = True
        parameters = document_parameters(cls, signature_parameters(cls.__init__))
        if parameters is not None:
            entry["params"] = parameters
        if (
            ".nn." in name
            and short in ("Dense", "BatchNorm", "LayerNorm", "Embedding", "InstanceNorm", "GroupNorm")
            or "Conv" in short
        ):
            entry["attrs"] = {"weight": "p", "bias": "p|N"}
        if name.startswith("mxnet.gluon.data"):
            entry["call"] = "?"
        classes[name] = entry
    functions: dict[str, Any] = {}
    for module in modules:
        if "model_zoo" in module.__name__:
            for name, value in vars(module).items():
                if inspect.isfunction(value) and not name.startswith("_") and name not in ("get_model_file", "purge"):
                    functions[f"{module.__name__}.{name}"] = "X<mxnet.gluon.HybridBlock>"
    for short, module in (("nd", mx.nd), ("np", mx.np), ("npx", mx.npx)):
        for below in ("", "random", "linalg", "contrib", "image", "sparse"):
            owner = getattr(module, below, None) if below else module
            if owner is None:
                continue
            for name, value in vars(owner).items():
                if callable(value) and not name.startswith("_") and not isinstance(value, type):
                    functions[f"mxnet.{short}.{below + '.' if below else ''}{name}"] = result_of(value)
    functions.update({"mxnet." + name: spec for name, spec in _FUNCTIONS.items()})
    functions.update(_TOP)
    for name in ("nd.NDArray", "np.ndarray", "nd.array", "np.array"):
        functions[f"mxnet.{name}"] = "T"
    methods = {name: "T" for owner in (mx.nd.NDArray, mx.np.ndarray) for name in dir(owner)
               if not name.startswith("_") and name not in _ATTRIBUTES}  # fmt: skip
    methods.update(_METHODS)
    table: dict[str, Any] = {"framework": "mxnet", "version": mx.__version__, "format": FORMAT}
    stars = {"mxnet.gluon": mx.gluon, "mxnet.gluon.nn": mx.gluon.nn, "mxnet.gluon.rnn": mx.gluon.rnn,
             "mxnet.gluon.loss": mx.gluon.loss,
             "mxnet.nd": mx.nd, "mxnet.np": mx.np, "mxnet.npx": mx.npx, "mxnet": mx, "mxnet.autograd": mx.autograd,
             "mxnet.init": mx.init,
             "mxnet.metric": mx.metric, "mxnet.gluon.block": mx.gluon.block,
             "mxnet.gluon.model_zoo.vision": mx.gluon.model_zoo.vision,
             "mxnet.sym": mx.sym, "mxnet.image": mx.image}  # fmt: skip
    table["modules"] = {name: public_members(module) for name, module in stars.items()}
    constants = {f"mxnet.np.{name}": "f" for name in ("pi", "e", "inf", "nan")} | {"mxnet.np.newaxis": "N"}
    constants |= {
        f"mxnet.np.{name}": "d"
        for name in ("float16", "float32", "float64", "int8", "int32", "int64", "uint8", "bool", "bool_")
    }
    for name in list(constants):
        functions.pop(name, None)
    table |= {
        "classes": classes,
        "aliases": aliases,
        "functions": functions,
        "constants": constants,
        "methods": methods,
    }
    table |= {
        "attributes": _ATTRIBUTES,
        "parameter": _PARAMETER,
        "base_attributes": _BASE_ATTRIBUTES,
        "base_methods": _BASE_METHODS,
    }
    write("mxnet", table)
