"""TensorFlow 2 with Keras 3 (or 2)."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import json
import os
from collections.abc import Callable, Container, Iterator
from typing import Any

from . import tensorflow_export, tensorflow_state
from .adapter import Adapter, Args, CannotCompile, Gradients, Kwargs, State, digest, has
from .load import accepts
from .tree import Host, leaves, map_leaves

_COUNT = "experimental_get_tracing_count"


def imported() -> Any:
    """Import TensorFlow and what the adapter uses of it, and make nothing yet: even a layer starts a thread."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    tf = importlib.import_module("tensorflow")
    _ = tf.keras.layers, tf.debugging, tf.test  # imported when they are first asked for
    return tf


class TensorFlowAdapter(Adapter):
    """See :class:`Adapter`."""

    name = package = "tensorflow"
    compiles_late = ("tf.xla",)
    trains = ("tf.function", "tf.xla")

    def __init__(self) -> None:
        super().__init__()
        self.tf: Any = imported()
        tf = self.tf
        self.keras: Any = tf.keras
        self._layer, self._module, self._variable = tf.keras.layers.Layer, tf.Module, tf.Variable
        self._keras_variable: Any = getattr(tf.keras, "Variable", tf.Variable)
        self._set_seed, self._uniform, self._constant = tf.random.set_seed, tf.random.uniform, tf.constant
        self._is_tensor, self._tape = tf.is_tensor, tf.GradientTape
        self._own = frozenset(vars(self._layer())) | frozenset(vars(tf.keras.Model())) | frozenset(vars(tf.Module()))
        self._own |= {"input_spec", "call_has_training_arg", "supports_masking", "dtype_policy", "autocast"}
        try:
            self._global: Any = importlib.import_module("keras.src.backend.common.global_state")
        except ImportError:
            self._global = None

    def seed_framework(self, number: int) -> None:
        self._set_seed(number)
        if self._global is not None:
            self._global.set_global_attribute("global_seed_generator", None)

    def framework_random_state(self) -> str:
        return digest(self._uniform([4]).numpy().tobytes())

    def drawn(self, net: Any) -> str:
        states = [entry.value.numpy().tobytes() for name, entry in self.state(net).items() if self._is_seed(name)]
        return digest(b"".join(states)) if states else ""

    @staticmethod
    def _is_seed(name: str) -> bool:
        return "seed_generator" in name

    def fresh(self) -> None:
        self.keras.backend.clear_session()

    def settings(self) -> dict[str, str]:
        tf, keras = self.tf, self.keras
        policy = keras.mixed_precision.global_policy() if hasattr(keras.mixed_precision, "global_policy") else None
        found = {
            "epsilon": keras.backend.epsilon(),
            "floatx": keras.backend.floatx(),
            "image data format": keras.backend.image_data_format(),
            "dtype policy": getattr(policy, "name", policy),
            "functions run eagerly": tf.config.functions_run_eagerly(),
            "executing eagerly": tf.executing_eagerly(),
            "soft device placement": tf.config.get_soft_device_placement(),
            "jit": tf.config.optimizer.get_jit(),
        }
        return {name: str(value) for name, value in found.items()}

    def watched(self) -> list[tuple[str, Any]]:
        tf = self.tf
        tensor = type(self._constant(0.0))
        spaces = [
            ("tf", tf),
            ("tf.math", tf.math),
            ("tf.nn", tf.nn),
            ("tf.random", tf.random),
            ("tf.linalg", tf.linalg),
        ]
        spaces += [("tf.debugging", tf.debugging), ("tf.test", tf.test), ("keras.ops", getattr(self.keras, "ops", tf))]
        spaces += [("tf.Tensor", tf.Tensor), ("EagerTensor", tensor), ("keras.Layer", self._layer)]
        return [(name, vars(space)) for name, space in spaces]

    def host(self, value: Any) -> Host | None:
        tf = self.tf
        if isinstance(value, (self._variable, self._keras_variable)):
            kind, array = "variable", value.numpy()
        elif isinstance(value, tf.RaggedTensor):
            kind, array = "ragged tensor", value.to_tensor().numpy()
        elif isinstance(value, tf.SparseTensor):
            kind, array = "sparse tensor", tf.sparse.to_dense(value).numpy()
        elif isinstance(value, tf.IndexedSlices):
            kind, array = "tensor", tf.convert_to_tensor(value).numpy()
        elif self._is_tensor(value) and hasattr(value, "numpy") and hasattr(value, "shape"):
            kind = "tensor"
            try:
                array = value.numpy()
            except (AttributeError, NotImplementedError, TypeError, ValueError):  # a symbolic tensor
                return None
        else:
            return self.numpy_host(value)
        array = self.np.asarray(array)
        dtype = str(array.dtype)
        if array.dtype.kind in "OSU":
            data = json.dumps([repr(item) for item in array.ravel().tolist()]).encode()
            return Host(kind, tuple(array.shape), "string", data, {})
        if dtype == "bfloat16" or dtype.startswith("float8"):
            return Host(kind, tuple(array.shape), dtype, array.tobytes(), {})
        return Host(kind, tuple(array.shape), dtype, self.np.ascontiguousarray(array).tobytes(), {})

    def device(self, kind: str, shape: tuple[int, ...], dtype: str, data: bytes) -> Any:
        if dtype == "string":
            items = [eval(item, {"__builtins__": {}}) for item in json.loads(data)]  # bytes literals we wrote ourselves
            return self._constant(items, shape=shape)
        if kind == "numpy":
            return self.numpy_array(shape, dtype, data)
        if kind == "numpy scalar":
            return self.numpy_array((), dtype, data)[()]
        if dtype == "bfloat16" or dtype.startswith("float8"):
            array = self.numpy_array(shape, getattr(self.tf, dtype).as_numpy_dtype, data)
        else:
            array = self.numpy_array(shape, dtype, data)
        tensor = self._constant(array, dtype=array.dtype)
        return self._variable(tensor) if kind == "variable" else tensor

    def memory(self, value: Any) -> tuple[int, int] | None:
        return None  # tensors can't be changed in place

    def cast(self, value: Any, dtype: str) -> Any:
        return self.tf.cast(value, dtype)

    def extras(self, net: Any) -> dict[str, Any]:
        model = self.unwrap(net)
        if not isinstance(model, self._layer):
            return {}
        names = {path: str(getattr(part, "name", "")) for path, part in tensorflow_state.layers(self, model)}
        return {"losses": list(getattr(model, "losses", [])), "layer names": names}

    def is_model(self, value: Any) -> bool:
        return isinstance(value, (self._layer, self._module))

    def is_model_class(self, value: Any) -> bool:
        return isinstance(value, type) and issubclass(value, (self._layer, self._module))

    def is_compiled(self, value: Any) -> bool:
        if isinstance(value, self._layer):
            return hasattr(type(value).call, "get_concrete_function") or hasattr(
                value.__dict__.get("call"), "get_concrete_function"
            )
        if isinstance(value, self._module):
            return hasattr(type(value).__call__, "get_concrete_function")
        return has(value, "get_concrete_function") and not isinstance(value, type)

    def traces(self, net: Any, module: Any) -> int | None:
        found = {id(value): value for value in [net, *vars(module).values()] if has(value, _COUNT)}
        for _, part in self.parts(net):
            for cls in type(part).__mro__:
                if cls.__module__ == module.__name__:  # the functions that instances run are asked of these
                    bound = [getattr(part, name) for name, value in list(vars(cls).items()) if has(value, _COUNT)]
                    found.update((id(value), value) for value in bound)
        return sum(int(getattr(value, _COUNT)()) for value in found.values())

    def unwrap(self, net: Any) -> Any:
        if self.is_model(net):
            return net
        inner = getattr(net, "python_function", None)
        inner = getattr(inner, "__self__", inner)
        return inner if self.is_model(inner) else net

    def state(self, net: Any) -> dict[str, State]:
        net = self.unwrap(net)
        return tensorflow_state.state(self, net) if self.is_model(net) else {}

    def counts(self, value: Any) -> dict[str, State]:
        if not isinstance(value, self.keras.metrics.Metric):
            return {}
        return {f"{i}": State("buffer", variable) for i, variable in enumerate(value.variables)}

    def is_variable(self, value: Any) -> bool:
        """Whether ``value`` is a variable, TensorFlow's or Keras'."""
        return isinstance(value, (self._variable, self._keras_variable))

    def is_layer(self, value: Any) -> bool:
        """Whether ``value`` is a Keras layer or model."""
        return isinstance(value, self._layer)

    @contextlib.contextmanager
    def in_float64(self) -> Iterator[None]:
        usual = self.keras.backend.floatx()
        self.keras.backend.set_floatx("float64")
        try:
            yield
        finally:
            self.keras.backend.set_floatx(usual)

    def reference(self, net: Any) -> Any:
        floats = [v for v in net.weights if "float" in str(v.dtype)] if isinstance(net, self._layer) else []
        return net if floats and all("float64" in str(v.dtype) for v in floats) else None

    def upcast(self, value: Any) -> Any:
        tf = self.tf
        low = isinstance(value, tf.Tensor) and value.dtype in (tf.float32, tf.float16, tf.bfloat16)
        return tf.cast(value, tf.float64) if low else value

    def assign(self, value: Any, array: Any) -> None:
        if self.np.dtype("uint16") == array.dtype and "bfloat16" in str(value.dtype):
            array = array.view(self.tf.bfloat16.as_numpy_dtype)
        value.assign(array)

    def prepare(self, net: Any, args: Args, kwargs: Kwargs) -> None:
        # one eager call builds the layers; inside a first compiled call they would get other weights
        net = self.unwrap(net)
        if self.is_model(net):
            self.forward(net, args, kwargs, False)

    def _mode(self, net: Any, kwargs: Kwargs, train: bool) -> Kwargs:
        if "training" in kwargs:
            return kwargs
        model = self.unwrap(net)  # a class may have a __call__ of its own, also one of Keras'
        target = getattr(net, "python_function", net)
        if accepts(model.__call__ if self.is_model(model) else target, "training"):
            return {**kwargs, "training": train}
        return kwargs

    def forward(self, net: Any, args: Args, kwargs: Kwargs, train: bool) -> Any:
        return net(*args, **self._mode(net, kwargs, train))

    @contextlib.contextmanager
    def moving(self, moved: Callable[[Any], Any]) -> Iterator[None]:
        def create(make: Callable[..., Any], **how: Any) -> Any:
            variable = make(**how)
            if self.tf.executing_eagerly() and variable.dtype in (self.tf.float32, self.tf.float64):
                variable.assign(moved(variable.numpy()))
            return variable

        with self.tf.variable_creator_scope(create):
            yield

    def gradients(self, net: Any, args: Args, kwargs: Kwargs, train: bool, constant: Container[int] = ()) -> Gradients:
        tf = self.tf
        parameters = {n: s.value for n, s in self.state(net).items() if s.role == "parameter"}
        roots: dict[int, Any] = {}
        numbers = itertools.count()

        def passed(leaf: Any) -> Any:
            floating = self._is_tensor(leaf) and getattr(leaf, "dtype", tf.int32).is_floating
            if floating and (number := next(numbers)) not in constant:
                roots[number] = leaf
            return leaf

        args, kwargs = map_leaves(tuple(args), passed), map_leaves(dict(kwargs), passed)
        with self._tape() as tape:
            for root in roots.values():
                tape.watch(root)
            outputs = net(*args, **self._mode(net, kwargs, train))
            loss: Any = None
            for _, leaf in leaves(outputs):
                if self._is_tensor(leaf) and hasattr(leaf, "dtype") and leaf.dtype.is_floating:
                    weights = tf.cast(self._constant(self.weights_for(tuple(leaf.shape), "float64")), leaf.dtype)
                    part = tf.cast(tf.reduce_sum(leaf * weights), tf.float64)
                    loss = part if loss is None else loss + part
        values = [getattr(v, "value", v) if not isinstance(v, self._variable) else v for v in parameters.values()]
        found = [None] * (len(values) + len(roots)) if loss is None else tape.gradient(loss, [*values, *roots.values()])
        grads = dict(zip(parameters, found[: len(values)]))  # noqa: B905 (no strict= on the oldest Python served)
        of_inputs = dict(zip((f"input {i}" for i in roots), found[len(values) :]))  # noqa: B905
        return Gradients(outputs, grads, of_inputs)

    def parts(self, net: Any) -> Iterator[tuple[str, Any]]:
        net = self.unwrap(net)
        seen: set[int] = set()
        todo: list[tuple[str, Any]] = [("", net)] if self.is_model(net) else []
        while todo:
            path, part = todo.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            if not type(part).__module__.startswith(("keras.", "tensorflow.")):
                yield path, part
            for key, value in tensorflow_state.children(self, part):
                items = enumerate(value) if isinstance(value, (list, tuple)) else [("", value)]
                todo += [(f"{path}.{key}.{k}".strip("."), v) for k, v in items if self.is_model(v)]

    @contextlib.contextmanager
    def traced(self, net: Any, note: Callable[[str, Any, Args, Kwargs, Any], None]) -> Iterator[None]:
        parts = list(tensorflow_state.layers(self, net)) if self.is_layer(net) else []

        def noting(path: str, part: Any, call: Callable[..., Any]) -> Callable[..., Any]:
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                outputs = call(*args, **kwargs)
                note(path, part, args, kwargs, outputs)
                return outputs

            return wrapped

        for path, part in parts:
            object.__setattr__(part, "call", noting(path, part, part.call))
        try:
            yield
        finally:
            for _, part in parts:
                object.__delattr__(part, "call")

    def own_attributes(self) -> frozenset[str]:
        return self._own

    def caller(self, net: Any, args: Args, kwargs: Kwargs, model: bool) -> Callable[[], Any]:
        kwargs = self._mode(net, kwargs, False)
        return lambda: net(*args, **kwargs)

    def trainer(self, net: Any, args: Args, kwargs: Kwargs, model: bool) -> Callable[[], Any]:
        tf = self.tf
        kwargs = self._mode(net, kwargs, True)
        parameters = [s.value for s in self.state(net).values() if s.role == "parameter"]
        values = [getattr(v, "value", v) if not isinstance(v, self._variable) else v for v in parameters]

        def step() -> Any:
            with self._tape() as tape:
                outputs = net(*args, **kwargs)
                floats = [v for _, v in leaves(outputs) if self._is_tensor(v) and v.dtype.is_floating]
                loss = tf.add_n([tf.cast(tf.reduce_sum(v), tf.float32) for v in floats])
            tape.gradient(loss, values)
            return outputs

        return step

    def compile_failure(self, exc: BaseException) -> Exception:
        return CannotCompile(tensorflow_export.one_line(exc))

    def compile(
        self, net: Any, target: str, examples: list[tuple[Args, Kwargs]], model: bool, setting: str = ""
    ) -> Any:
        tf = self.tf
        compiled = tf.function(net, jit_compile=True) if target == "tf.xla" else tf.function(net)
        args, kwargs = examples[0]
        try:
            compiled.get_concrete_function(*args, **self._mode(compiled, kwargs, False))
        except Exception as exc:  # whatever tracing raises is the compiler's answer
            raise self.compile_failure(exc) from exc
        return compiled

    def export(self, net: Any, target: str, examples: list[tuple[Args, Kwargs]], folder: str, model: bool) -> Any:
        return tensorflow_export.export(self, net, target, examples, folder)

    def reload(self, target: str, folder: str) -> Callable[..., Any]:
        return tensorflow_export.reload(self.tf, folder)

    def first_inputs(self, net: Any) -> list[list[tuple[tuple[int, ...], str]]]:
        model = self.unwrap(net)
        return tensorflow_export.first_inputs(model, self._layers(model))

    def _layers(self, net: Any) -> Iterator[Any]:
        todo: list[Any] = [net] if self.is_model(net) else []
        while todo:
            part = todo.pop(0)
            yield part
            todo += [value for _, value in tensorflow_state.children(self, part) if self.is_model(value)]


def make() -> Adapter:
    """Return the adapter."""
    return TensorFlowAdapter()
