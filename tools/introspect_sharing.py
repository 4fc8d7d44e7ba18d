"""Which PyTorch operators can give back (a view of) their input: schemas say most, trying them says the rest."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import torch

# Composite operators whose schema is silent, known from their source (ATen/native): the input itself comes back when
# there is nothing to do, or a view of it.
_KNOWN = {
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout", "feature_alpha_dropout",
    "type_as", "type",
    "einsum", "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_tensors", "meshgrid", "as_tensor", "from_numpy",
    "asarray",
    "frombuffer", "numpy", "to_dense", "cartesian_prod", "checkpoint", "Variable", "Parameter", "new", "as_subclass",
    "pad_packed_sequence",
    "cpu", "cuda", "xpu", "ipu", "float", "double", "half", "bfloat16", "int", "long", "short", "byte", "char",
    "bool", "cfloat",
    "cdouble", "dequantize", "spectral_norm", "weight_norm", "chain_matmul", "block_diag", "pixel_shuffle",
    "pixel_unshuffle",
    "tensor_split", "hsplit", "vsplit", "dsplit", "unsafe_chunk", "unsafe_split", "unsafe_split_with_sizes",
    "align_to", "align_as",
    "refine_names", "rename", "data", "grad", "value", "values", "indices", "pad", "interpolate", "upsample",
    "adaptive_avg_pool1d",
    "channel_shuffle", "native_channel_shuffle", "result_type", "pin_memory", "positive", "arange_like", "unfold",
    "fold",
    "conj", "resolve_conj", "resolve_neg", "real", "imag", "nan_to_num_", "combinations", "movedim", "moveaxis",
}  # fmt: skip


def alias_by_schema(found: dict[str, list[Any]]) -> set[str]:
    """Operators with a result that their schema says to alias an argument."""
    names: set[str] = set()
    for name, schemas in found.items():
        for schema in schemas:
            if any(result.alias_info is not None for result in schema.returns):
                names.add(name)
    return names


def alias_by_trial(candidates: list[tuple[str, Any]]) -> set[str]:
    """Functions of one tensor whose result shares its memory, on a few inputs."""
    samples = [torch.rand(4), torch.rand(3, 3), torch.rand(1, 2, 3), torch.rand(1), torch.arange(6).reshape(2, 3),
               torch.rand(2, 3) > 0.5,
               torch.eye(3), torch.rand(1, 1, 4, 4), torch.tensor(1.5), torch.arange(3)]  # fmt: skip
    names: set[str] = set()
    extras: list[tuple[Any, ...]] = [(), (0,), (1,), (-1,), (0, 0), (0.0,)]
    for name, function in candidates:
        for sample in samples:
            for extra in [()] if name in inplace_flags() else extras:
                kept = sample.clone()
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    try:
                        result = function(kept, *extra)
                    except BaseException:
                        continue
                parts = result if isinstance(result, tuple | list) else [result]
                for part in parts:
                    if (
                        isinstance(part, torch.Tensor)
                        and part.layout == torch.strided
                        and part.numel()
                        and (part.untyped_storage().data_ptr() == kept.untyped_storage().data_ptr())
                    ):
                        names.add(name)
    return names


def sharing(found: dict[str, list[Any]]) -> list[str]:
    """All of them, sorted."""
    skip = ("set_", "_", "is_", "cuda", "manual", "compile", "load", "save", "init", "fork", "wait", "backward",
            "resize", "crow", "requires",
            "retain", "share", "register", "sym_", "get_", "use_", "index", "vmap", "cond", "while", "import",
            "parse", "quantize")  # fmt: skip
    candidates: list[tuple[str, Any]] = []
    for owner in (torch, torch.nn.functional, torch.Tensor):
        for name in dir(owner):
            value = getattr(owner, name)
            if callable(value) and name in found and not name.startswith(skip) and not name.endswith("_"):
                candidates.append((name, value))
    return sorted(_KNOWN | alias_by_schema(found) | alias_by_trial(candidates))


def inplace_flags() -> list[str]:
    """Functions that take ``inplace``."""
    names: set[str] = set()
    for name, value in vars(torch.nn.functional).items():
        if inspect.isfunction(value) and "inplace" in inspect.signature(value).parameters:
            names.add(name)
    return sorted(names)
