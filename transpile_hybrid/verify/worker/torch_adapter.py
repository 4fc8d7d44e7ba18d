"""PyTorch."""

from __future__ import annotations

import contextlib
import importlib
import itertools
from collections.abc import Callable, Container, Iterator
from typing import Any

from . import torch_targets
from .adapter import Adapter, Args, Gradients, Kwargs, State, digest, has
from .tree import Host, leaves, map_leaves


def imported() -> Any:
    """Import PyTorch and what the adapter uses of it, and make nothing yet: no thread, no default device."""
    importlib.import_module("torch.testing")
    return importlib.import_module("torch")


class TorchAdapter(Adapter):
    """See :class:`Adapter`."""

    name = package = "torch"
    float64 = True
    cpu_clock = True
    compiles_late = ("torch.compile",)
    trains = ("torch.script", "torch.compile")

    def __init__(self) -> None:
        super().__init__()
        self.torch: Any = imported()
        torch = self.torch
        torch.set_num_threads(1)
        # Bound now: user code that replaces them later fools itself only.
        self._numpy, self._detach, self._clone = torch.Tensor.numpy, torch.Tensor.detach, torch.Tensor.clone
        self._backward, self._get_rng = torch.autograd.backward, torch.get_rng_state
        self._manual_seed = torch.manual_seed
        self._from_numpy, self._no_grad = torch.from_numpy, torch.no_grad
        self._own = frozenset(vars(torch.nn.Module())) | {"_is_full_backward_hook", "_compiled_call_impl"}
        self._script_fn = torch.jit.ScriptFunction

    def seed_framework(self, number: int) -> None:
        self._manual_seed(number)

    def framework_random_state(self) -> str:
        return digest(self._numpy(self._get_rng()).tobytes())

    def settings(self) -> dict[str, str]:
        torch = self.torch
        backends = torch.backends
        found = {
            "default dtype": torch.get_default_dtype(),
            "gradients enabled": torch.is_grad_enabled(),
            "inference mode": torch.is_inference_mode_enabled(),
            "deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
            "threads": torch.get_num_threads(),
            "anomaly mode": torch.is_anomaly_enabled(),
            "autocast": torch.is_autocast_enabled(),
            "cudnn.benchmark": backends.cudnn.benchmark,
            "cudnn.deterministic": backends.cudnn.deterministic,
            "cudnn.enabled": backends.cudnn.enabled,
            "matmul precision": torch.get_float32_matmul_precision(),
            "mkldnn": backends.mkldnn.enabled,
            "print options": vars(torch._tensor_str.PRINT_OPTS),
            "flush denormal": bool((torch.tensor(1e-310, dtype=torch.float64) * 1.0) == 0),
        }
        if hasattr(torch, "get_default_device"):
            found["default device"] = torch.get_default_device()
        return {name: str(value) for name, value in found.items()}

    def preload(self, text: str, target: str) -> None:
        if "compile" in text or target in ("torch.compile", "torch.export"):
            self.torch.compile(lambda x: x)  # wraps torch.jit.trace and others, once a process

    def watched(self) -> list[tuple[str, dict[str, Any]]]:
        torch = self.torch
        testing = importlib.import_module("torch.testing")
        spaces = [("torch", torch), ("torch.nn", torch.nn), ("torch.nn.functional", torch.nn.functional)]
        spaces += [("torch.testing", testing), ("torch.Tensor", torch.Tensor), ("torch.nn.Module", torch.nn.Module)]
        spaces += [("torch.autograd", torch.autograd), ("torch.jit", torch.jit), ("torch.random", torch.random)]
        return [(name, vars(space)) for name, space in spaces]

    def host(self, value: Any) -> Host | None:
        torch = self.torch
        if not isinstance(value, torch.Tensor):
            return self.numpy_host(value)
        kind = "parameter" if isinstance(value, torch.nn.Parameter) else "tensor"
        if type(value) not in (torch.Tensor, torch.nn.Parameter):
            kind = type(value).__name__
        meta: dict[str, Any] = {"requires_grad": bool(value.requires_grad)}
        if value.layout is torch.strided and not value.is_contiguous():
            meta["contiguous"] = False
        if value.device.type != "cpu":
            meta["device"] = value.device.type
        tensor = self._detach(value)
        if tensor.layout is not torch.strided:
            meta["layout"], tensor = str(tensor.layout), tensor.to_dense()
        dtype = str(tensor.dtype).replace("torch.", "")
        shape = tuple(int(n) for n in tensor.shape)
        if tensor.is_quantized:
            meta["quantized"], tensor = dtype, tensor.dequantize()
            dtype = str(tensor.dtype).replace("torch.", "")
        tensor = tensor.cpu().resolve_conj().resolve_neg().contiguous()
        if dtype == "bfloat16" or dtype.startswith("float8"):
            tensor = tensor.view(torch.int16 if dtype == "bfloat16" else torch.uint8)
        return Host(kind, shape, dtype, self._numpy(tensor).tobytes(), meta)

    def device(self, kind: str, shape: tuple[int, ...], dtype: str, data: bytes) -> Any:
        torch = self.torch
        if kind == "numpy":
            return self.numpy_array(shape, dtype, data)
        if kind == "numpy scalar":
            return self.numpy_array((), dtype, data)[()]
        wanted = getattr(torch, dtype)
        if dtype == "bfloat16" or dtype.startswith("float8"):
            raw = self.numpy_array(shape, "int16" if dtype == "bfloat16" else "uint8", data)
            return self._from_numpy(raw).view(wanted)
        # clone() gives memory aligned as torch's own, without which some kernels round differently
        return self._clone(self._from_numpy(self.numpy_array(shape, dtype, data)))

    def memory(self, value: Any) -> tuple[int, int] | None:
        if not isinstance(value, self.torch.Tensor):
            if isinstance(value, self.np.ndarray) and value.size:
                start = value.__array_interface__["data"][0]
                return start, start + value.nbytes
            return None
        try:
            storage = value.untyped_storage()
            start, size = storage.data_ptr(), storage.nbytes()
        except (RuntimeError, NotImplementedError):
            return None
        return (start, start + size) if start and size else None

    def refill(self, value: Any, new: Any) -> bool:
        if not isinstance(value, self.torch.Tensor) or value.shape != new.shape:
            return False
        with self._no_grad():
            value.copy_(new)
        return True

    def cast(self, value: Any, dtype: str) -> Any:
        return value.to(getattr(self.torch, dtype))

    def scattered(self, value: Any) -> Any:
        if not isinstance(value, self.torch.Tensor) or value.dim() == 0:
            return value
        order = tuple(range(value.dim() - 1, -1, -1))
        if value.dim() > 1 and value.numel() > max(value.shape):
            return value.permute(order).contiguous().permute(order)
        room = value.new_zeros((*value.shape, 2))
        room[..., 0] = value
        return room[..., 0]

    def is_model(self, value: Any) -> bool:
        return isinstance(value, self.torch.nn.Module)

    def is_model_class(self, value: Any) -> bool:
        return isinstance(value, type) and issubclass(value, self.torch.nn.Module)

    def is_compiled(self, value: Any) -> bool:
        torch = self.torch
        if isinstance(value, (torch.jit.ScriptModule, self._script_fn)):
            return True
        if isinstance(value, torch.nn.Module):
            wrapped = "_orig_mod" in vars(value).get("_modules", ())
            return wrapped or getattr(value, "_compiled_call_impl", None) is not None
        return has(value, "_torchdynamo_orig_callable")

    def unwrap(self, net: Any) -> Any:
        if isinstance(net, torch_targets.InPlaceOf):
            return net.net
        return getattr(net, "_orig_mod", net) if self.is_model(net) else net

    def state(self, net: Any) -> dict[str, State]:
        net = self.unwrap(net)
        if not self.is_model(net):
            return {}
        kept = set(net.state_dict())
        found: dict[str, State] = {}
        for name, value in net.named_parameters(remove_duplicate=False):
            found[name] = State("parameter" if value.requires_grad else "frozen parameter", value)
        for name, value in net.named_buffers(remove_duplicate=False):
            found[name] = State("buffer" if name in kept else "buffer that is not saved", value)
        for name in sorted(kept - set(found)):
            found[name] = State("extra state", None)
        return found

    def assign(self, value: Any, array: Any) -> None:
        torch = self.torch
        with self._no_grad():
            if value.dtype == torch.bfloat16:
                value.copy_(self._from_numpy(array.view("int16")).view(torch.bfloat16))
            else:
                value.copy_(self._from_numpy(self.np.array(array)))

    def _set_mode(self, net: Any, train: bool) -> None:
        if self.is_model(net):
            net.train(train)

    def forward(self, net: Any, args: Args, kwargs: Kwargs, train: bool) -> Any:
        self._set_mode(net, train)
        with self._no_grad():
            return net(*args, **kwargs)

    def gradients(self, net: Any, args: Args, kwargs: Kwargs, train: bool, constant: Container[int] = ()) -> Gradients:
        torch = self.torch
        self._set_mode(net, train)
        parameters = {n: s.value for n, s in self.state(net).items() if s.role.endswith("parameter")}
        for value in parameters.values():
            value.grad = None
        roots: dict[int, Any] = {}
        numbers = itertools.count()

        def passed(leaf: Any) -> Any:
            if not isinstance(leaf, torch.Tensor) or not (leaf.is_floating_point() or leaf.is_complex()):
                return leaf
            if (number := next(numbers)) in constant:
                return leaf
            root = roots[number] = leaf.requires_grad_()
            # not a leaf of the graph, so that user code may change it in place as in a real network
            return self._clone(root)

        with torch.enable_grad():
            args, kwargs = map_leaves(tuple(args), passed), map_leaves(dict(kwargs), passed)
            outputs = net(*args, **kwargs)
            losses = []
            for _, leaf in leaves(outputs):
                if isinstance(leaf, torch.Tensor) and leaf.requires_grad:
                    real = torch.view_as_real(leaf) if leaf.is_complex() else leaf
                    weights = self._from_numpy(self.weights_for(tuple(real.shape), "float64")).to(real.dtype)
                    losses.append((real * weights).sum())
            if losses:
                self._backward(sum(losses[1:], losses[0]))
        grads = {name: value.grad for name, value in parameters.items()}
        for value in parameters.values():
            value.grad = None
        return Gradients(outputs, grads, {f"input {i}": root.grad for i, root in roots.items()})

    def sync(self) -> None:
        if self.torch.cuda.is_available():
            self.torch.cuda.synchronize()

    def parts(self, net: Any) -> Iterator[tuple[str, Any]]:
        net = self.unwrap(net)
        if self.is_model(net):
            for path, part in net.named_modules():
                if not type(part).__module__.startswith("torch.") or isinstance(part, self.torch.jit.ScriptModule):
                    yield path, part

    def attributes(self, part: Any) -> dict[str, Any]:
        if isinstance(part, self.torch.jit.ScriptModule) and hasattr(part, "_concrete_type"):
            names = part._concrete_type.get_attributes()
            return {name: getattr(part, name, None) for name in names}
        return dict(vars(part))

    def own_attributes(self) -> frozenset[str]:
        return self._own

    @contextlib.contextmanager
    def traced(self, net: Any, note: Callable[[str, Any, Args, Kwargs, Any], None]) -> Iterator[None]:
        def hook(path: str) -> Callable[..., None]:
            return lambda part, args, kwargs, outputs: note(path, part, args, kwargs, outputs)

        parts = [(path, part) for path, part in net.named_modules() if path] if self.is_model(net) else []
        handles = [part.register_forward_hook(hook(path), with_kwargs=True) for path, part in parts]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def layer(self) -> Any:
        return self.torch.nn.Identity()

    def layer_class(self) -> Any:
        return self.torch.nn.Identity

    def usual_layers(self) -> list[list[str]]:
        return [["torch.nn", name] for name in ("BatchNorm2d", "ReLU", "Conv2d", "Linear", "LayerNorm", "BatchNorm1d")]

    def word_for(self, value: Any) -> Any:
        torch = self.torch
        if isinstance(value, torch.Size):
            return ["list", "int"]
        words = ((torch.Tensor, "tensor"), (torch.dtype, "dtype"), (torch.device, "device"))
        return next((word for kind, word in words if isinstance(value, kind)), None)

    def reference(self, net: Any) -> Any:
        copy = importlib.import_module("copy")
        try:
            return copy.deepcopy(net).double() if self.is_model(net) else net
        except Exception:  # user code: some models can't be copied, and then there is no reference
            return None

    def upcast(self, value: Any) -> Any:
        torch = self.torch
        low = (torch.float32, torch.float16, torch.bfloat16)
        return value.double() if isinstance(value, torch.Tensor) and value.dtype in low else value

    def compile_failure(self, exc: BaseException) -> Exception:
        return torch_targets.failure(exc)

    def caller(self, net: Any, args: Args, kwargs: Kwargs, model: bool) -> Callable[[], Any]:
        self._set_mode(net, False)
        self.torch.set_grad_enabled(False)
        return lambda: net(*args, **kwargs)

    def trainer(self, net: Any, args: Args, kwargs: Kwargs, model: bool) -> Callable[[], Any]:
        torch = self.torch
        self._set_mode(net, True)
        torch.set_grad_enabled(True)
        parameters = [s.value for s in self.state(net).values() if s.role == "parameter"]

        def step() -> Any:
            for value in parameters:
                value.grad = None
            outputs = net(*args, **kwargs)
            losses = [v.sum() for _, v in leaves(outputs) if isinstance(v, torch.Tensor) and v.requires_grad]
            self._backward(sum(losses[1:], losses[0]))
            return outputs

        return step

    def compile(
        self, net: Any, target: str, examples: list[tuple[Args, Kwargs]], model: bool, setting: str = ""
    ) -> Any:
        return torch_targets.compile_net(self.torch, net, target, examples, model, setting)

    def export(self, net: Any, target: str, examples: list[tuple[Args, Kwargs]], folder: str, model: bool) -> Any:
        return torch_targets.export(self.torch, net, target, examples, folder, model)

    def loaded(self, run: Any, args: Args, kwargs: Kwargs) -> Any:
        with self._no_grad():
            return run(*args, **kwargs)

    def reload(self, target: str, folder: str) -> Callable[..., Any]:
        return torch_targets.reload(self.torch, target, folder)

    def first_inputs(self, net: Any) -> list[list[tuple[tuple[int, ...], str]]]:
        return torch_targets.first_inputs(self.torch, net)


def make() -> Adapter:
    """Return the adapter."""
    return TorchAdapter()
