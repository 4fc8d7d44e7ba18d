"""SavedModels: written by Keras' own export, by an archive for a layer, or by ``tf.saved_model`` for the rest;
and what layers say of their inputs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from .adapter import Args, CannotCompile, Kwargs
from .failing import said


def one_line(exc: BaseException) -> str:
    """Return the line of a tracing error that says what is wrong: the last, after the user's traceback."""
    lines = [
        line for line in said(exc) if not line.startswith(("File ", "Arguments received", "•", "*", "in user code"))
    ]
    own = [line for line in lines if "Error:" in line or "Exception" in line]
    text = (own or lines or [""])[-1 if own else 0]
    name = type(exc).__name__
    return (text if text.startswith(name) else f"{name}: {text}")[:300]


def export(adapter: Any, net: Any, target: str, examples: list[tuple[Args, Kwargs]], folder: str) -> Any:
    """Write a SavedModel; return the function that was written, to compare with."""
    tf = adapter.tf
    args, kwargs = examples[0]
    if kwargs:
        raise CannotCompile("an export needs positional inputs")
    specs = []
    for i, arg in enumerate(args):
        if not tf.is_tensor(arg):
            raise CannotCompile(f"an export needs tensors as inputs; argument {i} is a {type(arg).__name__}")
        others = [e[0][i].shape for e in examples[1:] if len(e[0][i].shape) == len(arg.shape)]
        shape = [None if any(o[k] != n for o in others) else n for k, n in enumerate(arg.shape)]
        specs.append(tf.TensorSpec(shape, arg.dtype))
    model = adapter.unwrap(net)
    jit = True if target == "tf.xla" else None

    def call(*inputs: Any) -> Any:
        return model(*inputs, **adapter._mode(model, {}, False))

    function = tf.function(call, input_signature=specs, jit_compile=jit)
    path = os.path.join(folder, "model")
    archive_type = getattr(getattr(adapter.keras, "export", None), "ExportArchive", None)
    if isinstance(model, adapter._layer) and archive_type is not None:
        archive = archive_type()
        archive.track(model)
        archive.add_endpoint("serve", function)
        archive.write_out(path, verbose=False)
    else:
        module = tf.Module()
        module.model = model if adapter.is_model(model) else None
        module.serve = function
        # a function's own variables (globals, closures) must hang on what is saved
        module.captured = list(function.get_concrete_function().graph.variables)
        tf.saved_model.save(module, path)
    return function


def reload(tf: Any, folder: str) -> Callable[..., Any]:
    """Read a SavedModel back."""
    loaded = tf.saved_model.load(os.path.join(folder, "model"))
    serve: Callable[..., Any] = loaded.serve

    def call(*inputs: Any) -> Any:
        return serve(*inputs)

    call.keep = loaded  # type: ignore[attr-defined]  # the variables live as long as what was loaded
    return call


def first_inputs(model: Any, layers: Iterable[Any]) -> list[list[tuple[tuple[int, ...], str]]]:
    """Guess input shapes from a Keras model's own input shape or from its layers."""
    found: list[list[tuple[tuple[int, ...], str]]] = []
    shape = getattr(model, "input_shape", None)
    if isinstance(shape, tuple) and shape and all(n is None or isinstance(n, int) for n in shape):
        found.append([(tuple(2 if i == 0 else n or 8 for i, n in enumerate(shape)), "float32")])
    for part in layers:
        kind = type(part).__name__
        if kind == "Embedding":
            found.append([((2, 7), "int32")])
        elif kind.startswith("Conv") and kind[4:5] in ("1", "2", "3"):
            found += [[((2, *(n,) * int(kind[4]), 3), "float32")] for n in (16, 32, 28)]
        elif kind in ("LSTM", "GRU", "SimpleRNN", "MultiHeadAttention"):
            found.append([((2, 5, 8), "float32")])
    return found[:12]
