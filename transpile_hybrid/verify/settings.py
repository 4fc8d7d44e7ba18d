"""The settings of each target: what ``--target auto`` tries, and which of them is timed where none is asked for."""

from __future__ import annotations

# target -> its settings; the empty one is the usual form
SETTINGS: dict[str, tuple[str, ...]] = {
    "mxnet.hybrid": ("", "static_alloc", "neither static_"),
    "torch.script": ("", "freeze", "optimize_for_inference"),
    "torch.compile": ("", "cpp_wrapper", "AOTInductor"),
    "torch.export": ("",),
    "tf.function": ("",),
    "tf.xla": ("",),
}
# what the usual form of a target is: the quickest that does all that the plain one does; both are verified
USUAL = {"mxnet.hybrid": "static_alloc, static_shape"}
# settings with the weights compiled in: for inference only
FROZEN = frozenset(["freeze", "optimize_for_inference", "AOTInductor"])


def timed(target: str | None, setting: str) -> str:
    """Return the setting that is timed where ``setting`` is asked for: the usual one where none is."""
    return setting or USUAL.get(target or "", "")


def label(target: str | None, setting: str) -> str:
    """Return a target with its setting, for people."""
    return (target or "as it stands") + (f" ({setting})" if setting else "")


def advised(target: str | None, setting: str) -> str:
    """:func:`label`, with the usual setting spelled out."""
    return label(target, timed(target, setting))
