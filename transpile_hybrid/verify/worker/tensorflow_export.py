"""SavedModels: written by Keras' own export, by an archive for a layer, or by ``tf.saved_model`` for the rest."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from .adapter import Args, CannotCompile, Kwargs


def one_line(exc: BaseException) -> str:
    """Return the line of a tracing error that says what is wrong: the last, after the user's traceback."""
    lines = [line.strip() for line in str(exc).splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith(("File ", "Arguments received", "•", "*", "in user code"))]
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
