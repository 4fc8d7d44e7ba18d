"""One name for each of a framework's objects, whatever road the code took to it."""

from __future__ import annotations

from functools import lru_cache

# The frameworks reach the same object by several roads; rules want one name.  Longest prefix first.
_CANONICAL_PREFIXES: tuple[tuple[str, str], ...] = (
    ("tensorflow.python.keras", "keras"),
    ("tensorflow.compat.v1.keras", "keras"),
    ("tensorflow.compat.v2.keras", "keras"),
    ("tensorflow.compat.v2", "tensorflow"),
    ("tensorflow.keras", "keras"),
    ("tf_keras", "keras"),
    ("keras.api", "keras"),
    ("keras.src.ops.operation", "keras.src.ops.operation"),
    ("keras.src.ops.numpy", "keras.ops"),
    ("keras.src.ops.core", "keras.ops"),
    ("keras.src.ops.nn", "keras.ops"),
    ("keras.src.ops.math", "keras.ops"),
    ("keras.src.ops.linalg", "keras.ops"),
    ("keras.src.ops.image", "keras.ops"),
    ("keras.src.ops", "keras.ops"),
    ("keras.src.activations.activations", "keras.activations"),
    ("keras.src.activations", "keras.activations"),
    ("keras.src.layers.layer", "keras.layers"),
    ("keras.src.tree.tree_api", "keras.tree"),
    ("keras.src.tree", "keras.tree"),
    ("keras.src.initializers.get", "keras.initializers.get"),
    ("keras.src.regularizers.get", "keras.regularizers.get"),
    ("keras.src.constraints.get", "keras.constraints.get"),
    ("keras.src.random.random", "keras.random"),
    ("mxnet.ndarray.numpy_extension", "mxnet.npx"),
    ("mxnet.ndarray.numpy", "mxnet.np"),
    ("mxnet.numpy_extension", "mxnet.npx"),
    ("mxnet.numpy", "mxnet.np"),
    ("mxnet.ndarray", "mxnet.nd"),
    ("mxnet.symbol", "mxnet.sym"),
    ("mxnet.gluon.block", "mxnet.gluon"),
    ("mxnet.gluon.nn.basic_layers", "mxnet.gluon.nn"),
    ("mxnet.gluon.nn.conv_layers", "mxnet.gluon.nn"),
    ("torch.nn.modules.module", "torch.nn"),
    ("torch.nn.modules.container", "torch.nn"),
    ("torch.nn.utils.spectral_norm.spectral_norm", "torch.nn.utils.spectral_norm"),
    ("torch.nn.utils.weight_norm.weight_norm", "torch.nn.utils.weight_norm"),
)


@lru_cache(maxsize=1 << 15)
def canonical(name: str) -> str:
    """Return the one name that stands for all of a framework's names for the same object."""
    for prefix, replacement in _CANONICAL_PREFIXES:
        if name.startswith(prefix) and (len(name) == len(prefix) or name[len(prefix)] == "."):
            return name if prefix == replacement else canonical(replacement + name[len(prefix) :])
    return name
