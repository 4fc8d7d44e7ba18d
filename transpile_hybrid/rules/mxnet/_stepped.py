"""Recurrent cells that are stepped through time: what ``unroll`` and ``dynamic_unroll`` of MXNet give for them."""

from __future__ import annotations

from collections.abc import Mapping

from ._ops import tensor
from ._values import Dim, Shape, Val, seq
from ._words import names

DYNAMIC_UNROLL = "mxnet.gluon.contrib.rnn.rnn_cell.dynamic_unroll"
_STEPS = names("LSTMCell GRUCell RNNCell LSTMPCell")  # whose states are (batch, channels)
_STACKS = names("HybridSequentialRNNCell")


def stepped(cell: Val, added: Mapping[str, list[Val]]) -> str:
    """Tell how a cell steps: ``same`` numbers whether it is unrolled or not, ``drops`` some of them, empty: not known.

    Steps of a dropout draw a mask each where an unrolled one draws one mask for all: other numbers of one distribution.
    """
    if cell.kind == "either":
        ways = [stepped(way, added) for way in cell.contents()]
    elif cell.kind != "module" or cell.none or not cell.cls.startswith("mxnet.gluon."):
        return ""
    else:
        short = cell.cls.rsplit(".", 1)[-1]
        if short in _STEPS:
            return "same"
        if short == "DropoutCell":
            return "drops"
        inside = [layer for key in sorted(cell.bases) for layer in added.get(key, [])]
        ways = [stepped(layer, added) for layer in inside] if short in _STACKS else []
    if not ways or not all(ways):
        return ""
    return "drops" if "drops" in ways else "same"


def channels(cell: Val, added: Mapping[str, list[Val]]) -> Dim | None:
    """Return how many numbers a step gives for each row, where the constructor says."""
    short = cell.cls.rsplit(".", 1)[-1]
    inside = [layer for key in sorted(cell.bases) for layer in added.get(key, [])]
    if short in _STACKS:
        steps = [layer for layer in inside if layer.cls.rsplit(".", 1)[-1] != "DropoutCell"]
        sizes = {channels(layer, added) for layer in steps}
        return sizes.pop() if len(sizes) == 1 else None
    if cell.kind != "module" or short not in _STEPS:
        return None
    plain = [part for part in cell.items or () if part.kind != "kw"]
    named = {part.cls: part.item for part in cell.items or () if part.kind == "kw"}
    position, keyword = (1, "projection_size") if short == "LSTMPCell" else (0, "hidden_size")
    size = named.get(keyword, plain[position] if position < len(plain) else None)
    return size.dim if size is not None else None


def unrolled(inputs: Val | None, layout: object, size: Dim | None, name: str) -> Val:
    """Return the merged outputs of all steps and the states behind them."""
    given = inputs.shape if inputs is not None and inputs.is_tensor else None
    shape = None
    if given is not None and layout in ("TNC", "NTC"):
        shape = Shape(name, (given.at(0), given.at(1), size or (("d", name, 2),)))
    return seq([tensor(name, shape), Val("seq", item=tensor(f"{name}.s"), bases=frozenset({name}))])
