"""Names that TorchScript refuses to compile a call of, and attributes that it can't give a type.

Each was tried: a module whose ``forward`` has the call, given to ``torch.jit.script`` of PyTorch 2.13.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ._types import tables

BUILTINS = frozenset(
    {"aiter", "anext", "ascii", "callable", "compile", "delattr", "dir", "eval", "exec", "format", "frozenset",
     "globals", "issubclass", "iter", "locals", "next", "open", "repr", "set", "setattr", "vars"}
)  # fmt: skip

MODULE_METHODS = frozenset(
    {"add_module", "apply", "buffers", "cpu", "cuda", "double", "eval", "float", "get_buffer", "get_parameter",
     "get_submodule", "half", "load_state_dict", "named_parameters", "parameters", "register_buffer", "register_module",
     "register_parameter", "requires_grad_", "share_memory", "state_dict", "to", "train", "zero_grad"}
)  # fmt: skip

DISTRIBUTION = "distribution"  # a class of the repository that derives from one of PyTorch's distributions
NO_CONSTRUCTOR = "no constructor"  # a class without an `__init__` that has a source, a dataclass among them
MODULE_TABLES = frozenset({"__class__", "__dict__", "_buffers", "_modules", "_parameters"})

TENSOR_METHODS = frozenset(
    {"apply_", "as_subclass", "const_data_ptr", "data_ptr", "dim_order", "is_shared", "map2_", "map_", "module_load",
     "register_post_accumulate_grad_hook", "reinforce", "storage", "storage_type", "to_sparse_coo", "untyped_storage"}
)  # fmt: skip

CONTEXTS = frozenset(
    {"torch.enable_grad", "torch.set_grad_enabled", "torch.inference_mode", "torch.cuda.device",
     "torch.autograd.set_grad_enabled", "torch.autograd.enable_grad", "torch.random.fork_rng",
     "torch.autograd.set_detect_anomaly", "torch.backends.cudnn.flags"}
)  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """What a function of random numbers gives: of which type, and whether it takes two ``bounds`` of that type."""

    kind: str
    bounds: bool = False


DRAWN = {
    "random.random": Drawn("float"),
    "random.uniform": Drawn("float", True),
    "random.gauss": Drawn("float", True),
    "random.randint": Drawn("int", True),
    "random.randrange": Drawn("int", True),
    "numpy.random.rand": Drawn("float"),
    "numpy.random.random": Drawn("float"),
    "numpy.random.uniform": Drawn("float", True),
    "numpy.random.randint": Drawn("int", True),
}
"""Random numbers that Python draws; a rule of their own tells of them."""

_STANDARD = frozenset(sys.stdlib_module_names) - {"builtins", "math", "typing", "warnings", "logging", "time", "enum",
                                                  "datetime", "dataclasses", "abc", "__future__"}  # fmt: skip
_TOLD_ELSEWHERE = frozenset({"torch.cuda.is_available", "torch.finfo"})  # rules of their own tell of these
_TAKEN = frozenset({"collections.OrderedDict", "collections.namedtuple"})
_ARRAYS = frozenset(
    f"numpy.{name}" for name in ("array", "asarray", "zeros", "ones", "arange", "linspace", "eye", "full")
)
_VALUES = frozenset({"functools.partial", "builtins.set", "builtins.frozenset", "builtins.range", "builtins.slice"})


def is_refused(name: str) -> bool:
    """Whether no call of the function with that qualified name compiles."""
    root, _, last = name.partition(".")
    if root == "builtins":
        return last in BUILTINS
    if root == "math":
        return name not in tables()["functions"]
    if name in DRAWN:
        return False
    if is_distribution(name):
        return True
    if root == "torch":
        return name in _refused_by_torch() and name not in _TOLD_ELSEWHERE
    return root in _STANDARD and bool(last) and name not in _TAKEN


def is_distribution(name: str) -> bool:
    """Whether this is a class of ``torch.distributions``: none of those compiles."""
    return name.startswith("torch.distributions.") and name.rpartition(".")[2][:1].isupper()


@cache
def _refused_by_torch() -> frozenset[str]:
    return frozenset(tables()["refused"])


def has_no_type(value: ast.expr, qualified: Callable[[ast.expr], str | None]) -> bool:
    """Whether an attribute that holds ``value`` has no type to TorchScript."""
    if isinstance(value, ast.Set | ast.SetComp):
        return True
    if isinstance(value, ast.Call):
        name = qualified(value.func)
        return name in _VALUES or name in _ARRAYS
    items = value.elts if isinstance(value, ast.List | ast.Tuple) else []
    items = [one for one in value.values if one is not None] if isinstance(value, ast.Dict) else items
    if any(isinstance(one, ast.Lambda) or (qualified(one) or "") in tables()["functions"] for one in items):
        return True
    kinds = {type(one.value) for one in items if isinstance(one, ast.Constant) and one.value is not None}
    return len(kinds) > 1 and not isinstance(value, ast.Tuple)
