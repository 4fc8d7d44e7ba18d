"""The PyTorch table: operator schemas of ``torch._C``, annotations of ``torch.nn``, and what neither tells."""

from __future__ import annotations

import collections
import inspect
import re
import sys
from typing import Any

import torch
from introspect import (
    FORMAT,
    annotated_attributes,
    annotation_spec,
    class_name,
    document_parameters,
    find_classes,
    public_members,
    signature_parameters,
    walk_modules,
    write,
)
from introspect_sharing import inplace_flags, sharing

_KIND = {
    "Tensor": "T", "int": "i", "SymInt": "i", "float": "f", "bool": "b", "str": "s", "Scalar": "i|f|b",
    "number": "i|f|b",
    "ScalarType": "d", "Device": "v", "complex": "c", "NoneType": "N", "Layout": "o", "MemoryFormat": "o",
    "Generator": "o",
    "Dimname": "s", "Storage": "o", "Stream": "o",
}  # fmt: skip


def type_spec(kind: Any) -> str:
    """Translate a schema's type."""
    text = str(kind).replace("Optional", "")
    name = kind.annotation_str if hasattr(kind, "annotation_str") else text
    if kind.kind() == "OptionalType":
        return type_spec(kind.getElementType()) + "|N"
    if kind.kind() == "ListType":
        return f"L[{type_spec(kind.getElementType())}]"
    if kind.kind() == "TupleType":
        return "(" + ",".join(type_spec(element) for element in kind.elements()) + ")"
    return _KIND.get(text, _KIND.get(name, "?"))


def schemas() -> dict[str, list[Any]]:
    """Return the ``aten`` overloads that Python code can call, by operator name."""
    table: dict[str, list[Any]] = collections.defaultdict(list)
    for schema in torch._C._jit_get_all_schemas():
        if not schema.name.startswith("aten::") or any(argument.is_out for argument in schema.arguments):
            continue
        table[schema.name[6:]].append(schema)
    return table


def overload_rows(found: list[Any]) -> list[list[Any]]:
    """Return ``[parameters, result]`` for the overloads that take or give a tensor (the rest is TorchScript's)."""
    rows: list[list[Any]] = []
    takes = [schema for schema in found if any("Tensor" in str(argument.type) for argument in schema.arguments)]
    for schema in takes or found:
        results = [type_spec(result.type) for result in schema.returns]
        result = results[0] if len(results) == 1 else "(" + ",".join(results) + ")" if results else "N"
        if not takes and "T" not in result:
            continue
        result = result.replace("L[T]", "P[T]")  # the binding gives a tuple
        if takes and schema.arguments and type_spec(schema.arguments[0].type) == "L[T]" and "T" not in result:
            continue
        rows.append([[[a.name, type_spec(a.type), not a.has_default_value()] for a in schema.arguments], result])
    return rows


def simplify(rows: list[list[Any]]) -> Any:
    """A single result needs no signatures."""
    results = {row[1] for row in rows}
    return results.pop() if len(results) == 1 else rows


_TENSOR_ATTRIBUTES = {
    "shape": "S", "dtype": "d", "device": "v", "ndim": "i", "T": "T", "mT": "T", "H": "T", "mH": "T", "data": "T",
    "grad": "T|N",
    "grad_fn": "o|N", "requires_grad": "b", "is_leaf": "b", "real": "T", "imag": "T", "layout": "o", "itemsize": "i",
    "nbytes": "i", "name": "s|N", "names": "P", "is_cuda": "b", "is_cpu": "b", "is_mps": "b", "is_meta": "b",
    "is_sparse": "b",
    "is_quantized": "b", "is_nested": "b", "is_mkldnn": "b", "is_xla": "b", "is_xpu": "b", "is_sparse_csr": "b",
    "output_nr": "i", "retains_grad": "b", "_version": "i", "_base": "T|N", "volatile": "b",
}  # fmt: skip
_TENSOR_METHODS = {
    "size": [[[["dim", "i", True]], "i"], [[], "S"]],
    "stride": [[[["dim", "i", True]], "i"], [[], "P[i]"]],
    "dim": "i", "ndimension": "i", "numel": "i", "nelement": "i", "element_size": "i", "item": "i|f|b|c",
    "data_ptr": "i",
    "tolist": "L|i|f|b", "numpy": "A", "__len__": "i", "get_device": "i", "storage_offset": "i", "is_contiguous": "b",
    "is_floating_point": "b", "is_complex": "b", "is_signed": "b", "is_pinned": "b", "is_shared": "b",
    "is_same_size": "b",
    "equal": "b", "allclose": "b", "type": [[[["dtype", "d|s|o", True]], "T"], [[], "s"]], "storage": "o",
    "untyped_storage": "o", "backward": "N", "register_hook": "o", "retain_grad": "N", "new": "T", "new_tensor": "T",
    "cpu": "T", "cuda": "T", "half": "T", "float": "T", "double": "T", "int": "T", "long": "T", "short": "T",
    "byte": "T",
    "char": "T", "bool": "T", "bfloat16": "T", "cfloat": "T", "cdouble": "T", "requires_grad_": "T",
    "share_memory_": "T",
    "apply_": "T", "map_": "T", "to": "T", "is_nonzero": "b", "unique": "T|P[T]", "unique_consecutive": "T|P[T]",
    "norm": "T",
    "split": "P[T]", "chunk": "P[T]", "unbind": "P[T]", "nonzero": "T|P[T]", "istft": "T", "stft": "T", "ipu": "T",
    "xpu": "T",
    "as_subclass": "T", "type_as": "T", "index_put_": "T", "detach": "T", "detach_": "T", "__getitem__": "T",
    "lu": "P[T]", "view_as": "T", "expand_as": "T", "to_dense": "T",
}  # fmt: skip
_FUNCTIONS = {
    "torch.is_tensor": "b", "torch.is_storage": "b", "torch.tensor": "T", "torch.as_tensor": "T", "torch.asarray": "T",
    "torch.from_numpy": "T", "torch.frombuffer": "T", "torch.numel": "i", "torch.Size": "S", "torch.device": "v",
    "torch.typename": "s", "torch.get_default_dtype": "d", "torch.is_grad_enabled": "b", "torch.split": "P[T]",
    "torch.chunk": "P[T]", "torch.unbind": "P[T]", "torch.unique": "T|P[T]", "torch.unique_consecutive": "T|P[T]",
    "torch.nonzero": "T|P[T]", "torch.norm": "T", "torch.load": "?", "torch.manual_seed": "o", "torch.einsum": "T",
    "torch.meshgrid": "P[T]", "torch.broadcast_tensors": "P[T]", "torch.where": [[[["condition", "T", True]], "P[T]"], [
        [["condition", "T", True], ["input", "T|i|f|b", True], ["other", "T|i|f|b", True]], "T"]],
    "torch.allclose": "b", "torch.equal": "b", "torch.is_floating_point": "b", "torch.is_complex": "b",
    "torch.cdist": "T",
    "torch.stft": "T", "torch.Generator": "o", "torch.compile": "?", "torch.unravel_index": "P[T]", "torch.vmap": "F",
    "torch.autograd.Variable": "T", "torch.Tensor": "T", "torch.FloatTensor": "T", "torch.LongTensor": "T",
    "torch.IntTensor": "T", "torch.DoubleTensor": "T", "torch.ByteTensor": "T", "torch.BoolTensor": "T",
    "torch.HalfTensor": "T",
    "torch.cuda.FloatTensor": "T", "torch.cuda.LongTensor": "T", "torch.cuda.ByteTensor": "T",
    "torch.cuda.HalfTensor": "T",
    "torch.nn.Parameter": "T", "torch.nn.parameter.Parameter": "T", "torch.nn.Buffer": "T",
    "torch.cuda.is_available": "b",
    "torch.cuda.device_count": "i", "torch.cuda.current_device": "i", "torch.autograd.grad": "P[T]",
    "torch.finfo": "o<torch.finfo>",
    "torch.iinfo": "o<torch.iinfo>", "torch.utils.checkpoint.checkpoint": "?", "torch.jit.is_scripting": "b",
    "torch.jit.is_tracing": "b", "torch.compiler.is_compiling": "b", "torch.onnx.is_in_onnx_export": "b",
    "torch.nn.functional.max_pool1d": "T", "torch.nn.functional.max_pool2d": "T", "torch.nn.functional.max_pool3d": "T",
    "torch.nn.functional.adaptive_max_pool1d": "T", "torch.nn.functional.adaptive_max_pool2d": "T",
    "torch.nn.functional.adaptive_max_pool3d": "T", "torch.nn.functional.fractional_max_pool2d": "T",
    "torch.nn.functional.fractional_max_pool3d": "T", "torch.nn.functional.upsample": "T",
    "torch.nn.functional.upsample_bilinear": "T", "torch.nn.functional.upsample_nearest": "T",
    "torch.nn.functional.softsign": "T", "torch.nn.functional.tanhshrink": "T", "torch.nn.functional.logsigmoid": "T",
    "torch.nn.functional.multi_head_attention_forward": "(T,T|N)", "torch.nn.functional.assert_int_or_pair": "N",
    "torch.distributed.is_initialized": "b", "torch.distributed.is_available": "b",
    "torch.distributed.get_world_size": "i",
    "torch.distributed.get_rank": "i", "torch.result_type": "d", "torch.promote_types": "d", "torch.can_cast": "b",
    "torch.nn.utils.spectral_norm": "=", "torch.nn.utils.weight_norm": "=",
    "torch.nn.utils.parametrizations.spectral_norm": "=",
    "torch.nn.utils.parametrizations.weight_norm": "=", "torch.nn.utils.rnn.pad_sequence": "T",
    "torch.nn.utils.rnn.pack_padded_sequence": "o<torch.nn.utils.rnn.PackedSequence>",
    "torch.nn.utils.rnn.pad_packed_sequence": "(T,T)",
    "torch.nn.utils.rnn.pack_sequence": "o<torch.nn.utils.rnn.PackedSequence>",
    "torch.nn.utils.parameters_to_vector": "T", "torch.nn.utils.clip_grad_norm_": "T", "torch.Tensor.size": "S|i",
}  # fmt: skip
_CALLS = {  # results of calling a module where forward has no annotation
    "Identity": "=", "LSTM": "(T,(T,T))", "GRU": "(T,T)", "RNN": "(T,T)", "MaxPool1d": "T", "MaxPool2d": "T",
    "MaxPool3d": "T",
    "AdaptiveMaxPool1d": "T", "AdaptiveMaxPool2d": "T", "AdaptiveMaxPool3d": "T", "FractionalMaxPool2d": "T",
    "FractionalMaxPool3d": "T", "LPPool1d": "T", "LPPool2d": "T", "LPPool3d": "T", "Sequential": "?", "ModuleList": "?",
    "ModuleDict": "?", "Module": "?", "DataParallel": "?", "ParameterList": "?", "ParameterDict": "?",
    "Transformer": "T",
    "AdaptiveLogSoftmaxWithLoss": "(T,T)", "MultiheadAttention": "(T,T|N)",
}  # fmt: skip
_BASE_ATTRIBUTES = {"training": "b"}
_BASE_METHODS = {
    "parameters": "I[T]", "buffers": "I[T]", "named_parameters": "I[(s,T)]", "named_buffers": "I[(s,T)]",
    "children": "I[X]",
    "named_children": "I[(s,X)]", "modules": "I[X]", "named_modules": "I[(s,X)]", "state_dict": "M", "train": "X",
    "eval": "X",
    "to": "X", "cuda": "X", "cpu": "X", "half": "X", "float": "X", "double": "X", "apply": "X", "requires_grad_": "X",
    "register_buffer": "N", "register_parameter": "N", "add_module": "N", "register_module": "N", "zero_grad": "N",
    "get_submodule": "X", "get_parameter": "T", "get_buffer": "T", "load_state_dict": "o", "extra_repr": "s",
    "type": "X",
    "register_forward_hook": "o", "register_backward_hook": "o", "register_forward_pre_hook": "o", "_get_name": "s",
    "__len__": "i",
}  # fmt: skip


def function_spec(qualified: str, function: Any, found: dict[str, list[Any]]) -> Any:
    """Return what is known about the result of one function, or ``None``."""
    name = qualified.rsplit(".", 1)[1]
    if inspect.isfunction(function):
        spec = annotation_spec(inspect.signature(function).return_annotation)
        if spec != "?":
            return spec
    module = qualified.rsplit(".", 1)[0]
    prefix = {"torch.linalg": "linalg_", "torch.fft": "fft_", "torch.special": "special_"}.get(module, "")
    rows = overload_rows(found.get(prefix + name, []))
    if rows and module in (
        "torch",
        "torch.nn.functional",
        "torch.functional",
        "torch.linalg",
        "torch.fft",
        "torch.special",
    ):
        return simplify(rows)
    head = (inspect.getdoc(function) or "").split("\n\n")[0][:300]
    match = re.search(r"->\s*\(?\s*(Tensor|bool|int|float|LongTensor|\(?Tensor, Tensor\)?)\s*\)?", head)
    if match:
        return {"bool": "b", "int": "i", "float": "f"}.get(match.group(1), "(T,T)" if "," in match.group(1) else "T")
    return None


def build() -> None:
    """Write ``torch.json``."""
    found = schemas()
    skip = ("testing", "_", "onnx", "ao", "fx", "package", "distributed", "quantization", "contrib", "cuda", "mps",
            "xpu",
            "export", "profiler", "utils.tensorboard", "utils.data", "utils._", "backends", "jit", "mtia", "masked",
            "accelerator",
            "numa", "monitor", "multiprocessing", "nativert", "futures", "func", "cpu", "library", "overrides",
            "torch_version",
            "version", "headeronly", "csrc", "include", "lib", "bin", "share", "compiler", "optim", "hub",
            "serialization",
            "package", "types", "random", "return_types", "storage", "classes", "ops", "sparse", "nested",
            "amp")  # fmt: skip

    def wanted(name: str) -> bool:
        below = name.split(".", 1)[1]
        return (
            not below.startswith(skip)
            and "._" not in name
            and ".utils." not in name.replace("torch.nn.utils.", "") + "."
        )

    modules = list(walk_modules("torch", wanted))
    modules += list(walk_modules("torch.jit", lambda name: False))
    table: dict[str, Any] = {"framework": "torch", "version": torch.__version__.split("+")[0], "format": FORMAT}
    table["modules"] = {module.__name__: public_members(module) for module in modules if module.__name__ in (
        "torch", "torch.nn", "torch.nn.functional", "torch.nn.init", "torch.nn.modules", "torch.nn.parameter",
        "torch.nn.utils", "torch.nn.utils.rnn", "torch.autograd", "torch.jit", "torch.linalg",
        "torch.fft")}  # fmt: skip
    classes, aliases = {}, {}
    for cls, names in find_classes(modules, (torch.nn.Module,)).items():
        name = class_name(cls, names, ("torch.nn", "torch.jit", "torch.nn.modules"))
        aliases.update({other: name for other in names if other != name})
        entry: dict[str, Any] = {"root": "torch.nn.Module"}
        forward = getattr(cls, "forward", None)
        spec = _CALLS.get(cls.__name__, "?")
        if cls.__name__ not in _CALLS and inspect.isfunction(forward):
            spec = annotation_spec(inspect.signature(forward).return_annotation)
        entry["call"] = spec
        parameters = document_parameters(cls, signature_parameters(cls.__init__))
        if parameters is not None:
            entry["params"] = parameters
        attributes = annotated_attributes(cls)
        attributes.pop("call_super_init", None)
        entry["attrs"] = {key: value for key, value in attributes.items() if not key.startswith("_")}
        classes[name] = entry
    for name in ("LSTM", "GRU", "RNN"):
        classes[f"torch.nn.{name}"]["params"] = [
            [
                key,
                "i|b" if key in ("bias", "batch_first", "bidirectional") else "f" if key == "dropout" else "i",
                key in ("input_size", "hidden_size"),
            ]
            for key in ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional")
        ]
    for entry in classes.values():  # a linear layer's bias is a tensor or, with bias=False, None
        if "weight" in entry["attrs"]:
            entry["attrs"].setdefault("bias", "T|N")
    functions: dict[str, Any] = {}
    for module in modules:
        if module.__name__ not in ("torch", "torch.nn.functional", "torch.functional", "torch.linalg", "torch.fft",
                                   "torch.special",
                                   "torch.nn.init", "torch.nn.utils", "torch.nn.utils.rnn",
                                   "torch.signal.windows"):  # fmt: skip
            continue
        for name, function in vars(module).items():
            if not name.startswith("_") and callable(function) and not isinstance(function, type):
                spec = function_spec(f"{module.__name__}.{name}", function, found)
                if spec is not None and spec != "?":
                    functions[f"{module.__name__}.{name}"] = spec
    for name in dir(torch):
        if isinstance(getattr(torch, name), torch.dtype):
            functions.pop(f"torch.{name}", None)
    functions.update(_FUNCTIONS)
    methods: dict[str, Any] = {}
    for name in dir(torch.Tensor):
        rows = overload_rows(found.get(name, [])) if not name.startswith("__") else []
        if rows and callable(getattr(torch.Tensor, name)):
            rows = [[row[0][1:], row[1]] for row in rows if row[0] and "T" in row[0][0][1]]
            if rows:
                methods[name] = simplify(rows)
    methods.update(_TENSOR_METHODS)
    constants = {f"torch.{name}": "d" for name in dir(torch) if isinstance(getattr(torch, name), torch.dtype)}
    constants.update({"torch.inf": "f", "torch.pi": "f", "torch.nan": "f", "torch.e": "f", "torch.newaxis": "N",
                      "torch.__version__": "s", "torch.strided": "o", "torch.channels_last": "o",
                      "torch.contiguous_format": "o", "torch.preserve_format": "o"})  # fmt: skip
    table |= {
        "classes": classes,
        "aliases": aliases,
        "functions": functions,
        "constants": constants,
        "methods": methods,
    }
    table |= {"attributes": _TENSOR_ATTRIBUTES, "base_attributes": _BASE_ATTRIBUTES, "base_methods": _BASE_METHODS}
    table |= {"sharing": sharing(found), "inplace_flag": inplace_flags()}
    write("torch", table)


if __name__ == "__main__":
    sys.exit("run introspect.py")
