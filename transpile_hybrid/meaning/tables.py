"""Facts about the frameworks' own names, kept as data in ``tables/*.json`` (made by ``tools/introspect.py``)."""

from __future__ import annotations

from dataclasses import dataclass

_TORCH = "torch"


@dataclass(frozen=True)
class FrameworkClass:
    """A class that a framework ships.

    ``role`` is ``module`` for what can hold parameters and be called (torch ``nn.Module``, gluon ``Block``, Keras
    ``Layer`` and ``Model``); ``root`` is the qualified name of the root that it derives from; ``hybrid`` tells, for
    Gluon only, whether it is a ``HybridBlock``.
    """

    name: str
    framework: str
    role: str
    root: str
    hybrid: bool = False


_ROOTS = {
    "torch.nn.Module": FrameworkClass("torch.nn.Module", "torch", "module", "torch.nn.Module"),
    "torch.jit.ScriptModule": FrameworkClass("torch.jit.ScriptModule", "torch", "module", "torch.nn.Module"),
    "mxnet.gluon.Block": FrameworkClass("mxnet.gluon.Block", "mxnet", "module", "mxnet.gluon.Block"),
    "mxnet.gluon.nn.Block": FrameworkClass("mxnet.gluon.nn.Block", "mxnet", "module", "mxnet.gluon.Block"),
    "mxnet.gluon.HybridBlock": FrameworkClass(
        "mxnet.gluon.HybridBlock", "mxnet", "module", "mxnet.gluon.HybridBlock", True
    ),
    "mxnet.gluon.nn.HybridBlock": FrameworkClass(
        "mxnet.gluon.nn.HybridBlock", "mxnet", "module", "mxnet.gluon.HybridBlock", True
    ),
    "keras.Model": FrameworkClass("keras.Model", "tensorflow", "module", "keras.Model"),
    "keras.models.Model": FrameworkClass("keras.models.Model", "tensorflow", "module", "keras.Model"),
    "keras.Sequential": FrameworkClass("keras.Sequential", "tensorflow", "module", "keras.Model"),
    "keras.Layer": FrameworkClass("keras.Layer", "tensorflow", "module", "keras.layers.Layer"),
    "keras.layers.Layer": FrameworkClass("keras.layers.Layer", "tensorflow", "module", "keras.layers.Layer"),
    "tensorflow.Module": FrameworkClass("tensorflow.Module", "tensorflow", "module", "tensorflow.Module"),
}


def framework_class(name: str) -> FrameworkClass | None:
    """Return what is known about the class with this canonical qualified name, or ``None``."""
    return _ROOTS.get(name)


def has_member(module: str, name: str) -> bool:
    """Whether the framework module ``module`` has a public member ``name`` (for star imports)."""
    return False
