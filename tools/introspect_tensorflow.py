# ruff: noqa: E402, E501
"""The TensorFlow and Keras table.  Both say what a function returns in its documentation alone: it is read from there."""

from __future__ import annotations

import inspect
import re
from typing import Any

import keras
import tensorflow as tf
from introspect import (
    FORMAT,
    annotation_spec,
    class_name,
    document_parameters,
    find_classes,
    public_members,
    signature_parameters,
    walk_modules,
    write,
)

_ATTRIBUTES = {"shape": "S", "dtype": "d", "ndim": "i", "device": "s", "name": "s", "op": "o", "graph": "o"}
_METHODS = {"numpy": "A", "get_shape": "S", "set_shape": "N", "eval": "A", "ref": "o", "experimental_ref": "o",
            "__len__": "i",
            "consumers": "L", "cpu": "T", "gpu": "T"}  # fmt: skip
_VARIABLE = {"assign()": "V", "assign_add()": "V", "assign_sub()": "V", "read_value()": "T", "value()": "T",
             "numpy()": "A", "shape": "S",
             "dtype": "d|s", "name": "s", "trainable": "b", "initialized_value()": "T", "gather_nd()": "T", "ndim": "i",
             "path": "s",
             "value": "V|T"}  # fmt: skip
_FUNCTIONS = {
    "tensorflow.Variable": "V", "tensorflow.constant": "T", "tensorflow.split": "L[T]", "tensorflow.unstack": "L[T]",
    "tensorflow.meshgrid": "L[T]", "tensorflow.shape": "T", "tensorflow.rank": "T", "tensorflow.size": "T",
    "tensorflow.print": "N|o",
    "tensorflow.function": "F", "tensorflow.is_tensor": "b", "tensorflow.executing_eagerly": "b",
    "tensorflow.inside_function": "b",
    "tensorflow.math.top_k": "(T,T)", "tensorflow.nn.top_k": "(T,T)", "tensorflow.nn.moments": "(T,T)",
    "tensorflow.unique": "(T,T)",
    "tensorflow.unique_with_counts": "(T,T,T)", "tensorflow.clip_by_global_norm": "(L,T)",
    "tensorflow.linalg.svd": "(T,T,T)|T",
    "tensorflow.linalg.eigh": "(T,T)", "tensorflow.linalg.qr": "(T,T)", "tensorflow.linalg.eig": "(T,T)",
    "tensorflow.shape_n": "L[T]",
    "tensorflow.dynamic_partition": "L[T]", "tensorflow.identity_n": "L[T]", "tensorflow.cond": "?",
    "tensorflow.case": "?",
    "tensorflow.while_loop": "?", "tensorflow.map_fn": "?", "tensorflow.scan": "?", "tensorflow.foldl": "?",
    "tensorflow.foldr": "?",
    "tensorflow.switch_case": "?", "tensorflow.vectorized_map": "?", "tensorflow.nest.map_structure": "?",
    "tensorflow.nest.flatten": "L",
    "tensorflow.py_function": "?", "tensorflow.numpy_function": "?", "tensorflow.gradients": "L",
    "tensorflow.GradientTape": "o<tensorflow.GradientTape>",
    "tensorflow.TensorArray": "o<tensorflow.TensorArray>", "tensorflow.TensorShape": "S",
    "tensorflow.TensorSpec": "o<tensorflow.TensorSpec>",
    "tensorflow.data.Dataset.from_tensor_slices": "o<tensorflow.data.Dataset>", "tensorflow.random.set_seed": "N",
    "tensorflow.device": "o",
    "tensorflow.name_scope": "o", "tensorflow.control_dependencies": "o", "tensorflow.nn.batch_normalization": "T",
    "tensorflow.where": "T",
    "tensorflow.get_static_value": "A|N", "tensorflow.custom_gradient": "F", "tensorflow.debugging.assert_equal": "N|o",
    "tensorflow.stop_gradient": "T", "tensorflow.no_op": "o|N", "tensorflow.group": "o|N",
    "tensorflow.broadcast_static_shape": "S",
    "tensorflow.ensure_shape": "T", "tensorflow.as_dtype": "d", "tensorflow.recompute_grad": "F",
    "tensorflow.RaggedTensor.from_tensor": "o",
    "keras.ops.shape": "P", "keras.ops.split": "L[T]", "keras.ops.unstack": "L[T]", "keras.ops.meshgrid": "L[T]",
    "keras.ops.top_k": "(T,T)",
    "keras.ops.moments": "(T,T)", "keras.ops.size": "?", "keras.ops.ndim": "?", "keras.ops.cond": "?",
    "keras.ops.while_loop": "?",
    "keras.ops.scan": "?", "keras.ops.map": "?", "keras.ops.fori_loop": "?", "keras.ops.is_tensor": "b",
    "keras.ops.convert_to_numpy": "A",
    "keras.ops.qr": "(T,T)", "keras.ops.svd": "(T,T,T)|T", "keras.ops.eigh": "(T,T)", "keras.ops.eig": "(T,T)",
    "keras.ops.nonzero": "?",
    "keras.ops.unravel_index": "?", "keras.ops.slogdet": "?", "keras.ops.custom_gradient": "F",
    "keras.ops.vectorize": "F",
    "keras.ops.dtype": "s", "keras.ops.histogram": "?", "keras.ops.switch": "?", "keras.ops.vectorized_map": "?",
    "keras.ops.associative_scan": "?",
    "keras.ops.lu_factor": "(T,T)", "keras.ops.fft": "(T,T)", "keras.ops.fft2": "(T,T)", "keras.ops.ifft2": "(T,T)",
    "keras.ops.rfft": "(T,T)",
    "keras.ops.stft": "(T,T)", "keras.ops.array_split": "L[T]", "keras.ops.isscalar": "?",
    "keras.ops.result_type": "s", "keras.ops.rearrange": "T",
    "keras.Input": "T", "keras.layers.Input": "T", "keras.backend.backend": "s", "keras.backend.floatx": "s",
    "keras.backend.image_data_format": "s",
    "keras.backend.epsilon": "f", "keras.config.floatx": "s", "keras.config.backend": "s", "keras.config.epsilon": "f",
    "keras.config.image_data_format": "s", "keras.backend.int_shape": "P", "keras.random.SeedGenerator": "o",
    "keras.Variable": "V",
    "keras.initializers.get": "o<keras.initializers.Initializer>|F|N",
    "keras.regularizers.get": "o<keras.regularizers.Regularizer>|F|N",
    "keras.constraints.get": "o<keras.constraints.Constraint>|F|N",
    "keras.layers.deserialize": "X", "keras.losses.get": "o|F|N", "keras.metrics.get": "o|F|N",
    "keras.tree.is_nested": "b", "keras.tree.flatten": "L", "keras.tree.map_structure": "?",
    "keras.tree.assert_same_structure": "N", "keras.tree.flatten_with_path": "L[P]", "keras.tree.traverse": "?",
    "tensorflow.nest.is_nested": "b", "tensorflow.nest.assert_same_structure": "N",
    "keras.activations.get": "F", "keras.activations.*": "T",  # whichever it is
}  # fmt: skip
_CALLS = {"Layer": "?", "Model": "?", "Sequential": "?", "Functional": "?", "Module": "?", "LSTM": "T|L[T]|P[T]",
          "GRU": "T|L[T]|P[T]",
          "SimpleRNN": "T|L[T]|P[T]", "RNN": "T|L[T]|P[T]", "ConvLSTM1D": "T|L[T]|P[T]", "ConvLSTM2D": "T|L[T]|P[T]",
          "ConvLSTM3D": "T|L[T]|P[T]",
          "Bidirectional": "T|L[T]|P[T]", "LSTMCell": "(T,L[T]|P[T])", "GRUCell": "(T,T|L[T]|P[T])",
          "SimpleRNNCell": "(T,T|L[T]|P[T])",
          "StackedRNNCells": "?", "MultiHeadAttention": "T|(T,T)", "GroupQueryAttention": "T|(T,T)",
          "Attention": "T|(T,T)",
          "AdditiveAttention": "T|(T,T)", "Identity": "=", "Lambda": "?", "Wrapper": "?", "TimeDistributed": "T",
          "TFSMLayer": "?",
          "JaxLayer": "?", "FlaxLayer": "?", "TorchModuleWrapper": "?", "Pipeline": "?", "FeatureSpace": "?",
          "Operation": "?",
          "SpectralNormalization": "T", "InputLayer": "?", "ActivityRegularization": "="}  # fmt: skip
_BASE_ATTRIBUTES = {"trainable": "b", "name": "s", "dtype": "s", "built": "b", "weights": "L[V]", "variables": "L[V]",
                    "trainable_weights": "L[V]",
                    "trainable_variables": "L[V]", "non_trainable_weights": "L[V]", "non_trainable_variables": "L[V]",
                    "compute_dtype": "s",
                    "variable_dtype": "s", "losses": "L", "metrics": "L", "layers": "L[X]", "path": "s",
                    "supports_masking": "b", "dtype_policy": "o", "quantization_mode": "s|N", "input_spec": "o|L|N",
                    "input_dtype": "s", "autocast": "b", "supports_jit": "b"}  # fmt: skip
_BASE_METHODS = {"add_weight": "V", "add_variable": "V", "build": "N", "add_loss": "N", "get_weights": "L[A]",
                 "set_weights": "N", "count_params": "i",
                 "get_config": "M", "compute_output_shape": "?", "summary": "N", "fit": "o", "compile": "N",
                 "predict": "?", "evaluate": "?",
                 "save": "N", "export": "N", "add": "N", "get_layer": "X"}  # fmt: skip


def _base_methods() -> dict[str, str]:
    """Return all methods of layers and models, ``?`` for those whose result isn't told."""
    found = {name: "?" for cls in (keras.Layer, keras.Model) for name in dir(cls)
             if not name.startswith("__") and inspect.isfunction(getattr(cls, name))}  # fmt: skip
    return found | _BASE_METHODS


def _variable() -> dict[str, str]:
    """Return what variables have, ``?`` for what isn't told."""
    found: dict[str, str] = {}
    for cls in (keras.Variable, tf.Variable):
        for name in dir(cls):
            if not name.startswith("_"):
                found[f"{name}()" if inspect.isfunction(getattr(cls, name)) else name] = "?"
    return found | _VARIABLE


def result_of(function: Any) -> str:
    """Tell the kind of a result from the ``Returns`` section of the documentation."""
    doc = inspect.getdoc(function) or ""
    match = re.search(r"\n\s*Returns?:\s*\n?\s*(.{0,220})", doc, re.S)
    text = match.group(1).split("\n\n")[0] if match else ""
    head = " ".join(text.split())[:140]
    if not head:
        return "?"
    if re.match(
        r"(An? )?(\w+ )?(list|tuple|pair|dict|sequence|nested|structure|namedtuple|Dataset|function|callable|op\b|operation)",
        head,
        re.I,
    ):
        return "L[T]" if re.match(r"(A )?list of [`\w ]*[Tt]ensor", head) else "?"
    if re.match(r"(A )?(Python )?(bool|boolean)\b(?! tensor)", head, re.I) or head.startswith(("`True`", "True if")):
        return "b"
    if "(" in head[:12] or " tuple" in head[:60] or " list" in head[:60]:
        return "?"
    if re.search(
        r"tensor|same (shape|type|dtype|size)|broadcast|element-?wise|array|output|\bvalues?\b|has the same", head, re.I
    ):
        return "T"
    return "?"


def _functions(module: Any, prefix: str, table: dict[str, Any], constants: dict[str, Any]) -> None:
    for name, value in vars(module).items():
        if name.startswith("_"):
            continue
        if isinstance(value, tf.DType):
            constants[f"{prefix}.{name}"] = "d"
        elif callable(value) and not isinstance(value, type):
            spec = "?"
            if prefix.startswith("keras"):
                spec = annotation_spec(inspect.signature(value).return_annotation) if inspect.isfunction(value) else "?"
            spec = result_of(value) if spec == "?" else spec
            activation = prefix == "keras.activations" and name not in ("get", "serialize", "deserialize")
            if spec == "?" and (prefix.startswith("keras.ops") or activation):
                spec = "T"
            if spec != "?":
                table[f"{prefix}.{name}"] = spec


def build() -> None:
    """Write ``tensorflow.json``."""
    modules = list(
        walk_modules(
            "keras", lambda name: not name.startswith("keras.src") and "legacy" not in name and "_tf_keras" not in name
        )
    )
    classes, aliases = {}, {}
    prefer = ("keras.layers", "keras", "keras.models")
    roots = (keras.Layer, keras.Model)
    for cls, names in find_classes(modules, roots).items():
        name = class_name(cls, names, prefer)
        if cls in (keras.Model, keras.Sequential):
            name = f"keras.{cls.__name__}"
        aliases.update({other: name for other in names if other != name})
        entry: dict[str, Any] = {"root": "keras.Model" if issubclass(cls, keras.Model) else "keras.layers.Layer"}
        entry["call"] = _CALLS.get(cls.__name__, "T")
        parameters = document_parameters(cls, signature_parameters(cls.__init__))
        if parameters is not None:
            entry["params"] = parameters
        classes[name] = entry
    functions: dict[str, Any] = {}
    constants: dict[str, Any] = {}
    for name in ("", "math", "nn", "linalg", "random", "image", "signal", "strings", "bitwise", "ragged", "sparse",
                 "sets", "audio", "raw_ops",
                 "quantization", "dtypes", "experimental.numpy", "debugging"):  # fmt: skip
        module: Any = tf
        for part in filter(None, name.split(".")):
            module = getattr(module, part)
        if name in ("sparse", "ragged", "sets", "debugging"):
            continue
        _functions(module, "tensorflow" + ("." + name if name else ""), functions, constants)
    for module in modules:
        parts = module.__name__.split(".")
        if module.__name__.startswith(("keras.ops", "keras.activations", "keras.random")) and len(parts) < 4:
            _functions(module, module.__name__, functions, constants)
        elif module.__name__.startswith("keras.applications"):
            for name, value in vars(module).items():
                if inspect.isfunction(value) and name[0].isupper():
                    functions[f"{module.__name__}.{name}"] = "X<keras.Model>"
        elif module.__name__ == "keras.losses":
            functions.update({f"keras.losses.{n}": "T" for n,
                              v in vars(module).items() if inspect.isfunction(v) and n.islower()
                              and n not in ("get", "serialize", "deserialize")})  # fmt: skip
    functions = {name: spec for name, spec in functions.items() if not name.startswith("keras.activations.get")}
    functions.update(_FUNCTIONS)
    functions.update(
        {
            name.replace("keras.ops.", "keras.ops.numpy."): spec
            for name, spec in _FUNCTIONS.items()
            if name.startswith("keras.ops.")
        }
    )
    arithmetic = ("tensorflow.add", "tensorflow.subtract", "tensorflow.multiply", "tensorflow.divide",
                  "tensorflow.matmul",
                  "tensorflow.transpose", "tensorflow.reduce_sum", "tensorflow.reduce_mean", "tensorflow.reduce_max",
                  "tensorflow.reduce_min",
                  "tensorflow.concat", "tensorflow.stack", "tensorflow.pow", "tensorflow.abs", "tensorflow.cast",
                  "tensorflow.reshape",
                  "tensorflow.argmax", "tensorflow.argmin", "tensorflow.squeeze", "tensorflow.expand_dims",
                  "tensorflow.range",
                  "tensorflow.einsum", "tensorflow.gather", "tensorflow.zeros", "tensorflow.ones", "tensorflow.fill",
                  "tensorflow.tile",
                  "tensorflow.pad", "tensorflow.norm", "tensorflow.one_hot", "tensorflow.sort", "tensorflow.argsort",
                  "tensorflow.repeat",
                  "tensorflow.nn.softmax", "tensorflow.nn.conv2d", "tensorflow.nn.relu", "tensorflow.nn.dropout",
                  "tensorflow.random.normal",
                  "tensorflow.random.uniform", "tensorflow.convert_to_tensor", "tensorflow.boolean_mask",
                  "tensorflow.sequence_mask",
                  "tensorflow.tensordot", "tensorflow.reverse", "tensorflow.roll", "tensorflow.cumsum",
                  "tensorflow.clip_by_value")  # fmt: skip
    print("not told by documentation:", [name for name in arithmetic if name not in functions])
    functions.update({name: "T" for name in arithmetic})
    table: dict[str, Any] = {
        "framework": "tensorflow",
        "version": tf.__version__,
        "keras": keras.__version__,
        "format": FORMAT,
    }
    stars = {"tensorflow": tf, "keras": keras, "keras.layers": keras.layers, "keras.models": keras.models,
             "keras.ops": keras.ops,
             "keras.losses": keras.losses, "keras.activations": keras.activations,
             "keras.initializers": keras.initializers,
             "keras.optimizers": keras.optimizers, "keras.regularizers": keras.regularizers,
             "keras.callbacks": keras.callbacks}  # fmt: skip
    table["modules"] = {name: public_members(module) for name, module in stars.items()}
    table |= {
        "classes": classes,
        "aliases": aliases,
        "functions": functions,
        "constants": constants,
        "methods": _METHODS,
    }
    table |= {
        "attributes": _ATTRIBUTES,
        "variable": _variable(),
        "base_attributes": _BASE_ATTRIBUTES,
        "base_methods": _base_methods(),
    }
    write("tensorflow", table)
