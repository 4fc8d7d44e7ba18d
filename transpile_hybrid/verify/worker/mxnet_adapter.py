"""MXNet 1.x with Gluon."""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import importlib
import itertools
import json
import os
import re
from collections.abc import Callable, Container, Iterator
from typing import Any

import numpy

from .adapter import Adapter, Args, CannotCompile, Gradients, Kwargs, State, digest
from .tree import Host, leaves, map_leaves


def _old_numpy_names() -> None:
    """Put back the aliases that numpy 1.24 removed and MXNet 1.9 imports."""
    for name in ("bool", "int", "float", "object", "complex", "str"):
        if name not in vars(numpy):
            setattr(numpy, name, getattr(builtins, name))


def imported() -> Any:
    """Import MXNet and what the adapter uses of it."""
    _old_numpy_names()
    importlib.import_module("mxnet.gluon")
    importlib.import_module("mxnet.test_utils")
    return importlib.import_module("mxnet")


class MXNetAdapter(Adapter):
    """See :class:`Adapter`."""

    name = package = "mxnet"
    keeps_training_only = True  # the pooling of oneDNN: in predict mode its backward reads memory that nobody wrote
    trains = ("mxnet.hybrid",)

    def __init__(self) -> None:
        super().__init__()
        self.mx: Any = imported()
        mx = self.mx
        self.gluon: Any = importlib.import_module("mxnet.gluon")
        self._asnumpy, self._seed, self._waitall = mx.nd.NDArray.asnumpy, mx.random.seed, mx.nd.waitall
        self._uniform, self._shuffle, self._arange = mx.nd.random.uniform, mx.nd.random.shuffle, mx.nd.arange
        self._backward = mx.autograd.backward
        self._own = frozenset(vars(self.gluon.HybridBlock())) | frozenset(vars(self.gluon.Block()))
        self._own |= {"_cached_graph", "_cached_op", "_cached_op_args"}

    def seed_framework(self, number: int) -> None:
        self._seed(number)

    def framework_random_state(self) -> str:
        # MXNet does not show its generators' state, but equal states draw equal numbers
        drawn = self._uniform(shape=(4,)), self._shuffle(self._arange(16))
        return digest(b"".join(self._asnumpy(part).tobytes() for part in drawn))

    def settings(self) -> dict[str, str]:
        util, autograd = self.mx.util, self.mx.autograd
        found = {
            "numpy arrays": util.is_np_array(),
            "numpy shapes": util.is_np_shape(),
            "recording": autograd.is_recording(),
            "training": autograd.is_training(),
            "context": self.mx.context.current_context(),
        }
        if hasattr(util, "is_np_default_dtype"):
            found["numpy default dtype"] = util.is_np_default_dtype()
        return {name: str(value) for name, value in found.items()}

    def watched(self) -> list[tuple[str, Any]]:
        mx = self.mx
        testing = importlib.import_module("mxnet.test_utils")
        spaces = [("mxnet.nd", mx.nd), ("mxnet.np", mx.np), ("mxnet.npx", mx.npx), ("mxnet.autograd", mx.autograd)]
        spaces += [("mxnet.test_utils", testing), ("NDArray", mx.nd.NDArray), ("mxnet.np.ndarray", mx.np.ndarray)]
        spaces += [("gluon.Block", self.gluon.Block), ("gluon.HybridBlock", self.gluon.HybridBlock)]
        return [(name, vars(space)) for name, space in spaces]

    def argument_kind(self) -> str:
        return "np" if self.mx.util.is_np_array() else "nd"

    def host(self, value: Any) -> Host | None:
        mx = self.mx
        if not isinstance(value, mx.nd.NDArray):
            return self.numpy_host(value)
        kind = "np" if isinstance(value, mx.np.ndarray) else "nd"
        meta = {}
        if value.stype != "default":
            meta["stype"], value = value.stype, value.tostype("default")
        array = self._asnumpy(value)
        return Host(kind, tuple(array.shape), str(array.dtype), array.tobytes(), meta)

    def device(self, kind: str, shape: tuple[int, ...], dtype: str, data: bytes) -> Any:
        array = self.numpy_array(shape, dtype, data)
        if kind == "numpy":
            return array
        if kind == "numpy scalar":
            return array[()]
        make = self.mx.np.array if kind == "np" else self.mx.nd.array
        return make(array, dtype=dtype)

    def memory(self, value: Any) -> tuple[int, int] | None:
        if not isinstance(value, self.mx.nd.NDArray) or value.stype != "default" or not value.size:
            return None
        pointer, base = ctypes.c_void_p(), self.mx.base
        base.check_call(base._LIB.MXNDArrayGetData(value.handle, ctypes.byref(pointer)))
        size = int(value.size) * self.np.dtype(value.dtype).itemsize
        return (pointer.value, pointer.value + size) if pointer.value else None

    def refill(self, value: Any, new: Any) -> bool:
        if not isinstance(value, self.mx.nd.NDArray) or value.shape != new.shape:
            return False
        value[:] = new
        return True

    def extras(self, net: Any) -> dict[str, Any]:
        constant = self.gluon.parameter.Constant
        kept = {name: value for name, value in self._parameters(net).items() if not isinstance(value, constant)}
        return {
            "parameter names": {name: re.sub(r"\d+", "#", value.name) for name, value in kept.items()},
            "multipliers of the parameters": {name: [value.lr_mult, value.wd_mult] for name, value in kept.items()},
        }

    def is_model(self, value: Any) -> bool:
        return isinstance(value, self.gluon.Block)

    def is_model_class(self, value: Any) -> bool:
        return isinstance(value, type) and issubclass(value, self.gluon.Block)

    def is_compiled(self, value: Any) -> bool:
        return isinstance(value, self.gluon.HybridBlock) and bool(getattr(value, "_active", False))

    def unwrap(self, net: Any) -> Any:
        return net

    def _parameters(self, net: Any) -> dict[str, Any]:
        return dict(net._collect_params_with_prefix()) if self.is_model(net) else {}

    def state(self, net: Any) -> dict[str, State]:
        constant = self.gluon.parameter.Constant
        found = {}
        for name, parameter in self._parameters(net).items():
            role = "buffer" if parameter.grad_req == "null" else "parameter"
            role = "constant" if isinstance(parameter, constant) else role
            found[name] = State(role, parameter.data() if parameter._data is not None else None)
        return found

    def assign(self, value: Any, array: Any) -> None:
        if not array.ndim:
            value[:] = array.reshape(1)[0]
            return
        # Written by an operator: neither host memory nor a copy goes into an array that oneDNN has put into an order of
        # its own, while the result of an operator always has the usual one.
        make, legacy = self.mx.nd.array, value.as_nd_ndarray() if isinstance(value, self.mx.np.ndarray) else value
        self.mx.nd.identity(make(array, dtype=array.dtype), out=legacy)

    def prepare(self, net: Any, args: Args, kwargs: Kwargs) -> None:
        if not self.is_model(net):
            return
        parameters = list(net.collect_params().values())
        if any(p._data is None and not p._deferred_init for p in parameters):
            net.initialize()
        if any(p._data is None for p in parameters):
            self.forward(net, args, kwargs, False)
        self._waitall()

    def forward(self, net: Any, args: Args, kwargs: Kwargs, train: bool) -> Any:
        with self.mx.autograd.pause(train_mode=train):
            return net(*args, **kwargs)

    def gradients(self, net: Any, args: Args, kwargs: Kwargs, train: bool, constant: Container[int] = ()) -> Gradients:
        mx = self.mx
        parameters = {n: p for n, p in self._parameters(net).items() if p.grad_req != "null" and p._data is not None}
        for parameter in parameters.values():
            for gradient in parameter.list_grad():  # Parameter.zero_grad of MXNet 1.9.1 raises for NumPy arrays
                legacy = gradient.as_nd_ndarray()
                mx.nd.zeros_like(legacy, out=legacy)
        roots: dict[int, Any] = {}
        numbers = itertools.count()

        def passed(leaf: Any) -> Any:
            floating = isinstance(leaf, mx.nd.NDArray) and self.np.dtype(leaf.dtype).kind == "f"
            if floating and (number := next(numbers)) not in constant:
                leaf.attach_grad()
                roots[number] = leaf
            return leaf

        args, kwargs = map_leaves(tuple(args), passed), map_leaves(dict(kwargs), passed)
        with mx.autograd.record(train_mode=train):
            outputs = net(*args, **kwargs)
            losses = []
            for _, leaf in leaves(outputs):
                if isinstance(leaf, mx.nd.NDArray) and self.np.dtype(leaf.dtype).kind == "f" and leaf.size:
                    weights = self.weights_for(tuple(leaf.shape), str(self.np.dtype(leaf.dtype)))
                    make = mx.np.array if isinstance(leaf, mx.np.ndarray) else mx.nd.array
                    losses.append((leaf * make(weights, dtype=leaf.dtype)).sum())
        if losses:
            self._backward(losses)
        self._waitall()
        grads = {name: parameter.grad().copy() for name, parameter in parameters.items()}
        return Gradients(outputs, grads, {f"input {i}": root.grad for i, root in roots.items()})

    def sync(self) -> None:
        self._waitall()

    def parts(self, net: Any) -> Iterator[tuple[str, Any]]:
        if not self.is_model(net):
            return
        todo: list[tuple[str, Any]] = [("", net)]
        while todo:
            path, part = todo.pop()
            if not type(part).__module__.startswith("mxnet."):
                yield path, part
            for name, child in part._children.items():
                todo.append((f"{path}.{name}" if path else str(name), child() if callable(child) is False else child))

    @contextlib.contextmanager
    def traced(self, net: Any, note: Callable[[str, Any, Args, Kwargs, Any], None]) -> Iterator[None]:
        def hook(path: str) -> Callable[..., None]:
            return lambda block, args, outputs: note(path, block, args, {}, outputs)

        todo = [(name, child) for name, child in net._children.items()] if self.is_model(net) else []
        handles = []
        while todo:
            path, block = todo.pop()
            handles.append(block.register_forward_hook(hook(path)))
            todo += [(f"{path}.{name}", child) for name, child in block._children.items()]
        try:
            yield
        finally:
            for handle in handles:
                handle.detach()

    def own_attributes(self) -> frozenset[str]:
        return self._own

    def caller(self, net: Any, args: Args, kwargs: Kwargs, model: bool) -> Callable[[], Any]:
        return lambda: net(*args, **kwargs)

    def trainer(self, net: Any, args: Args, kwargs: Kwargs, model: bool) -> Callable[[], Any]:
        mx = self.mx

        def step() -> Any:
            with mx.autograd.record():
                outputs = net(*args, **kwargs)
                found = [v for _, v in leaves(outputs) if isinstance(v, mx.nd.NDArray)]
            self._backward([v for v in found if self.np.dtype(v.dtype).kind == "f"])
            return outputs

        return step

    def compile(
        self, net: Any, target: str, examples: list[tuple[Args, Kwargs]], model: bool, setting: str = ""
    ) -> Any:
        if not model:
            raise CannotCompile("a function can't be hybridized, only a HybridBlock")
        self._check_hybrid("the unit", net)
        net.hybridize(static_alloc="static_alloc" in setting, static_shape="static_shape" in setting)
        return net

    def _check_hybrid(self, path: str, block: Any) -> None:
        cls = type(block)
        if not isinstance(block, self.gluon.HybridBlock):
            raise CannotCompile(f"{path} ({cls.__name__}) is still a Block, not a HybridBlock")
        own = not cls.__module__.startswith("mxnet.")
        if own and "forward" in vars(cls) and "hybrid_forward" not in vars(cls):
            raise CannotCompile(f"{path} ({cls.__name__}) has a forward of its own: Python runs on every call")
        for name, child in block._children.items():
            self._check_hybrid(f"{path}.{name}", child)

    def export(self, net: Any, target: str, examples: list[tuple[Args, Kwargs]], folder: str, model: bool) -> Any:
        if not self.is_compiled(net):
            net = self.compile(net, target, examples, model)
        args, kwargs = examples[0]
        self.forward(net, args, kwargs, False)
        self._waitall()
        net.export(os.path.join(folder, "model"))
        count = len([leaf for _, leaf in leaves(list(args)) if self.host(leaf) is not None])
        with open(os.path.join(folder, "inputs.json"), "w", encoding="utf-8") as file:
            json.dump({"count": count, "np": bool(self.mx.util.is_np_array())}, file)
        return net

    def loaded(self, run: Any, args: Args, kwargs: Kwargs) -> Any:
        with self.mx.autograd.pause(train_mode=False):
            return run(*args, **kwargs)

    def reload(self, target: str, folder: str) -> Callable[..., Any]:
        with open(os.path.join(folder, "inputs.json"), encoding="utf-8") as file:
            facts = json.load(file)
        if facts["np"]:
            self.mx.npx.set_np()
        names = ["data"] if facts["count"] == 1 else [f"data{i}" for i in range(facts["count"])]
        path = os.path.join(folder, "model")
        parameters = f"{path}-0000.params"
        block: Callable[..., Any] = self.gluon.SymbolBlock.imports(
            f"{path}-symbol.json", names, parameters if os.path.exists(parameters) else None
        )
        return block

    def first_inputs(self, net: Any) -> list[list[tuple[tuple[int, ...], str]]]:
        found: list[list[tuple[tuple[int, ...], str]]] = []
        todo = [net] if self.is_model(net) else []
        while todo and len(found) < 12:
            part = todo.pop(0)
            todo = list(part._children.values()) + todo
            kind, weight = type(part).__name__, getattr(part, "weight", None)
            shape = tuple(getattr(weight, "shape", None) or ())
            if kind == "Dense" and len(shape) == 2:
                width = shape[1] or 8
                found += [[((3, width), "float32")], [((2, 5, width), "float32")]]
            elif kind in ("Conv1D", "Conv2D", "Conv3D") and shape:
                rank = int(kind[4])
                found += [[((2, shape[1] or 3, *(n,) * rank), "float32")] for n in (16, 32, 28, 64)]
            elif kind == "Embedding":
                found += [[((2, 7), "float32")], [((2, 7), "int32")]]
            elif kind in ("LSTM", "GRU", "RNN"):
                found += [[((5, 2, getattr(part, "_input_size", 0) or 8), "float32")]]
        return found


def make() -> Adapter:
    """Return the adapter."""
    return MXNetAdapter()
