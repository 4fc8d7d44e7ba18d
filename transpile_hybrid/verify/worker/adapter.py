"""What the rest of the worker asks of a framework: one small protocol, one implementation for each."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import inspect
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterator
from typing import Any, NamedTuple

from .tree import Host, leaves

Args = tuple[Any, ...]
Kwargs = dict[str, Any]


class Gradients(NamedTuple):
    """A forward and backward pass: outputs, and gradients by parameter name and by input leaf (``None``: none)."""

    outputs: Any
    parameters: dict[str, Any]
    inputs: dict[str, Any]


class State(NamedTuple):
    """One entry of a model's state: its ``role`` (``parameter``, ``frozen parameter``, ``buffer``...) and tensor."""

    role: str
    value: Any


def has(value: Any, name: str) -> bool:
    """Whether a value of the user's has an attribute, without asking the value: a configuration that looks up keys as
    attributes may raise anything, and a mock has them all."""
    return inspect.getattr_static(value, name, None) is not None


class CannotCompile(Exception):
    """The target does not take this unit; the message is the compiler's reason in one line."""


class TargetMissing(Exception):
    """The target's compiler can't run here (no C++ compiler, not built in...): skipped, not failed."""


class Adapter(ABC):
    """One framework.  Made before any user code runs, so that it holds the framework's own, unpatched functions."""

    name = ""
    package = ""
    keeps_training_only = False  # whether operators may keep what backward needs in training mode only
    float64 = False  # whether every model is also called in float64, and has a reference in it from the start
    compiles_late: tuple[str, ...] = ()  # targets that compile when first called
    trains: tuple[str, ...] = ()  # targets whose compiled form has a training mode
    cpu_clock = False  # whether the calling thread does all the work, so that its own clock measures it

    def __init__(self) -> None:
        self.np: Any = importlib.import_module("numpy")
        self._random_state, self._np_state = random.getstate, self.np.random.get_state
        self._random_seed, self._np_seed = random.seed, self.np.random.seed

    # -- randomness and settings -------------------------------------------------------------------------------------
    def seed(self, number: int) -> None:
        """Seed Python's, numpy's and the framework's random numbers."""
        self._random_seed(number)
        self._np_seed(number % (1 << 32))
        self.seed_framework(number)

    def random_state(self) -> dict[str, str]:
        """Return a digest of each generator's state; equal digests after equal seeds mean equal draws."""
        state = self._np_state()
        return {
            "python": digest(repr(self._random_state()).encode()),
            "numpy": digest(state[1].tobytes() + repr(state[2:]).encode()),
            self.name: self.framework_random_state(),
        }

    @abstractmethod
    def seed_framework(self, number: int) -> None: ...

    @abstractmethod
    def framework_random_state(self) -> str: ...

    def drawn(self, net: Any) -> str:
        """Return a digest of random state that the model keeps itself (Keras' seed generators); empty where none is."""
        return ""

    @abstractmethod
    def settings(self) -> dict[str, str]:
        """Return the framework's process-wide settings by name."""

    @abstractmethod
    def watched(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the namespaces (name, contents) whose functions user code must not replace unnoticed."""

    def preload(self, text: str, target: str) -> None:  # noqa: B027 (nothing to do, unless a framework says so)
        """Import what patches the framework's own functions once it is imported, before they are watched."""

    def fresh(self) -> None:  # noqa: B027 (nothing to do, unless a framework says so)
        """Forget what the framework keeps between models (counters for names)."""

    def versions(self) -> dict[str, str]:
        """Return the versions of the framework and numpy."""
        module = importlib.import_module(self.package)
        return {self.package: str(module.__version__), "numpy": str(self.np.__version__)}

    # -- values ------------------------------------------------------------------------------------------------------
    @abstractmethod
    def host(self, value: Any) -> Host | None:
        """Return ``value`` on the host if it is a tensor or a numpy array or scalar, else ``None``."""

    @abstractmethod
    def device(self, kind: str, shape: tuple[int, ...], dtype: str, data: bytes) -> Any:
        """Make a fresh tensor of ``kind`` from raw bytes."""

    def argument_kind(self) -> str:
        """Return the kind of tensor that the framework's models take as arguments."""
        return "tensor"

    @abstractmethod
    def memory(self, value: Any) -> tuple[int, int] | None:
        """Return the first and last-plus-one address of a mutable tensor's memory, ``None`` where it has none."""

    def refill(self, value: Any, new: Any) -> bool:
        """Write ``new`` into the memory of ``value``, as programs with a staging buffer do; ``False``: it can't."""
        return False

    def scattered(self, value: Any) -> Any:
        """Return an equal tensor whose elements don't lie side by side in memory; itself where that can't be."""
        return value

    def cast(self, value: Any, dtype: str) -> Any:
        """Return a tensor in another dtype, one that numpy hasn't."""
        return value

    def word_for(self, value: Any) -> Any:
        """Return the type of a value of the framework's own, as :mod:`.types_seen` writes it; ``None`` for others."""
        return None

    def numpy_host(self, value: Any) -> Host | None:
        """:meth:`host` for numpy's own arrays and scalars."""
        np = self.np
        if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
            data = np.ascontiguousarray(value)
            return Host("numpy", tuple(value.shape), str(value.dtype), data.tobytes(), {})
        if isinstance(value, np.generic) and value.dtype.kind in "biufc":
            return Host("numpy scalar", (), str(value.dtype), value.tobytes(), {})
        return None

    def numpy_array(self, shape: tuple[int, ...], dtype: str, data: bytes) -> Any:
        """Make a writable numpy array from raw bytes."""
        return self.np.frombuffer(bytearray(data), dtype=dtype).reshape(shape)

    # -- models ------------------------------------------------------------------------------------------------------
    @abstractmethod
    def is_model(self, value: Any) -> bool:
        """Whether ``value`` is a model: an instance, compiled or not."""

    @abstractmethod
    def is_model_class(self, value: Any) -> bool: ...

    def counts(self, value: Any) -> dict[str, State]:
        """Return the state of what is no model and keeps one all the same (a metric)."""
        return {}

    @abstractmethod
    def is_compiled(self, value: Any) -> bool:
        """Whether ``value`` is already a compiled function or model."""

    def traces(self, net: Any, module: Any) -> int | None:
        """Return how often ``net``, its parts and the file's functions have been traced so far; None: isn't counted."""
        return None

    def uses_compiled(self, net: Any, module: Any) -> bool:
        """Whether ``net``, one of its parts, their methods or the file's functions are compiled already."""
        if self.is_compiled(net) or any(self.is_compiled(value) for value in list(vars(module).values())):
            return True
        for _, part in self.parts(net):
            if self.is_compiled(part):
                return True
            for cls in type(part).__mro__:
                if cls.__module__ == module.__name__ and any(self.is_compiled(v) for v in list(vars(cls).values())):
                    return True
        return False

    @abstractmethod
    def unwrap(self, net: Any) -> Any:
        """Return the model that holds the weights of ``net`` (itself, for an ordinary model or function)."""

    @abstractmethod
    def state(self, net: Any) -> dict[str, State]:
        """Return parameters and other state by structural name, in order."""

    @abstractmethod
    def assign(self, value: Any, array: Any) -> None:
        """Write a numpy array into a state tensor, in place."""

    def entry(self, net: Any) -> Any:
        """Return the function that runs when ``net`` is called: the model's own method, or ``net`` itself."""
        model = self.unwrap(net)
        if not self.is_model(model):
            return net
        for name in ("hybrid_forward", "call", "forward", "__call__"):
            method = getattr(type(model), name, None)
            own = name != "hybrid_forward" or not str(getattr(method, "__module__", "")).startswith("mxnet.")
            if method is not None and own:
                return method
        return net

    def layer(self) -> Any:
        """Return a layer that gives back what it gets, ``None`` where there is none."""
        return None

    def layer_class(self) -> Any:
        """Return the class of :meth:`layer`, which takes any arguments."""
        return None

    def usual_layers(self) -> list[list[str]]:
        """Return ``[module, name]`` of layer classes that constructors are often given."""
        return []

    def extras(self, net: Any) -> dict[str, Any]:
        """Return other facts of a model that callers use, by name: plain values or tensors."""
        return {}

    def draws(self, net: Any, call: Callable[[], Any]) -> tuple[bool, Any]:
        """Return whether a call draws random numbers, and what it gives."""
        self.seed(0)
        before = self.framework_random_state(), self.drawn(net)
        self.seed(0)  # again: looking at the state may have drawn from it
        outputs = call()
        return before != (self.framework_random_state(), self.drawn(net)), outputs

    @contextlib.contextmanager
    def traced(self, net: Any, note: Callable[[str, Any, Args, Kwargs, Any], None]) -> Iterator[None]:
        """While it lasts, tell ``note`` of every sub-model that ends a call, in order: its path, itself, the arguments
        and the outputs."""
        yield

    def prepare(self, net: Any, args: Args, kwargs: Kwargs) -> None:  # noqa: B027
        """Finish what is put off until the first call (deferred shapes, unbuilt layers)."""

    def moving(self, moved: Callable[[Any], Any]) -> contextlib.AbstractContextManager[None]:
        """Within it, weights that are made, by a first call say, have values to which ``moved`` was applied."""
        return contextlib.nullcontext()

    @abstractmethod
    def forward(self, net: Any, args: Args, kwargs: Kwargs, train: bool) -> Any:
        """Call without recording gradients."""

    @abstractmethod
    def gradients(self, net: Any, args: Args, kwargs: Kwargs, train: bool, constant: Container[int] = ()) -> Gradients:
        """Call and go backward from a fixed weighted sum of all floating outputs.

        ``constant`` are numbers of floating input leaves that no gradient is asked of.
        """

    def sync(self) -> None:  # noqa: B027
        """Wait until everything that was called has been computed."""

    @abstractmethod
    def parts(self, net: Any) -> Iterator[tuple[str, Any]]:
        """Yield ``(path, part)`` for the model and the sub-models whose classes are the user's own."""

    def attributes(self, part: Any) -> dict[str, Any]:
        """Return the Python attributes of a part by name."""
        return dict(vars(part))

    @abstractmethod
    def own_attributes(self) -> frozenset[str]:
        """Return the names that the framework itself keeps on every model."""

    def reference(self, net: Any) -> Any:
        """Return ``net`` in float64, or ``None`` where the framework can't."""
        return None

    def in_float64(self) -> contextlib.AbstractContextManager[Any]:
        """Return a context in which models are built and called that :meth:`reference` is asked for."""
        return contextlib.nullcontext()

    def upcast(self, value: Any) -> Any:
        """Return a floating tensor as float64 and anything else as it is; used with :meth:`reference`."""
        return value

    # -- targets -----------------------------------------------------------------------------------------------------
    @abstractmethod
    def compile(
        self, net: Any, target: str, examples: list[tuple[Args, Kwargs]], model: bool, setting: str = ""
    ) -> Any:
        """Return ``net`` compiled by ``target`` with ``setting``, one of those that ``verify.settings`` lists.

        Raises :class:`CannotCompile` or :class:`TargetMissing`.
        """

    def compile_failure(self, exc: BaseException) -> Exception:
        """Return what an error of the compiler means, seen when the compiled form is first called."""
        return CannotCompile(f"{type(exc).__name__}: {exc}".splitlines()[0][:300])

    @abstractmethod
    def caller(self, net: Any, args: Args, kwargs: Kwargs, model: bool) -> Callable[[], Any]:
        """Return a function without arguments that calls ``net`` for inference, with as little around it as can be."""

    @abstractmethod
    def trainer(self, net: Any, args: Args, kwargs: Kwargs, model: bool) -> Callable[[], Any]:
        """Return a function without arguments that goes forward, in training mode, and backward from the sum of all
        floating outputs to the parameters."""

    @abstractmethod
    def export(self, net: Any, target: str, examples: list[tuple[Args, Kwargs]], folder: str, model: bool) -> Any:
        """Write ``net`` to ``folder`` as ``target`` serialises it and return the compiled form that was written."""

    @abstractmethod
    def reload(self, target: str, folder: str) -> Callable[..., Any]:
        """Read back, in a fresh process, what :meth:`export` wrote."""

    def loaded(self, run: Any, args: Args, kwargs: Kwargs) -> Any:
        """Call, for inference, what :meth:`export` or :meth:`reload` returned."""
        return run(*args, **kwargs)

    def first_inputs(self, net: Any) -> list[list[tuple[tuple[int, ...], str]]]:
        """Guess inputs from the model's layers: lists of (shape, dtype), the likeliest first."""
        return []

    def weights_for(self, shape: tuple[int, ...], dtype: str) -> Any:
        """Return the fixed numpy weights of the sum that gradients start from: no two alike, none zero."""
        count = 1
        for size in shape:
            count *= size
        return (self.np.cos(self.np.arange(count) * 0.7 + 0.3) + 0.05).astype(dtype).reshape(shape)


def digest(data: bytes) -> str:
    """Return a short digest of ``data``."""
    return hashlib.sha256(data).hexdigest()[:16]


def tensors_in(adapter: Adapter, value: Any) -> list[tuple[str, Any]]:
    """Return ``(path, tensor)`` for every tensor inside ``value``."""
    return [(path, leaf) for path, leaf in leaves(value) if adapter.host(leaf) is not None]


def load_adapter(framework: str) -> Adapter:
    """Import the adapter of ``framework`` (and so the framework).  Raises ``ImportError`` if it isn't installed."""
    module = importlib.import_module("." + framework + "_adapter", __package__)
    adapter = module.make()
    assert isinstance(adapter, Adapter)
    return adapter
