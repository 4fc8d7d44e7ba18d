"""What a side wrote down, by step, and readers of its small values."""

from __future__ import annotations

from typing import Any

from .compare import Side
from .wire import Frame

Record = dict[str, Side]


class Stream:
    """The records of one side, by step."""

    def __init__(self, frames: list[Frame]) -> None:
        self.steps: dict[str, Record] = {}
        self.groups: dict[str, str] = {}
        self.reference: dict[str, Record] = {}
        self.parts: dict[str, Record] = {}
        self.apart: dict[str, Record] = {}  # the same, each compiled alone
        for frame in frames:
            if frame.kind == "record":
                name, checks = frame.body["step"], frame.body["checks"]
                record = {check: Side(tree, frame.buffers) for check, tree in checks.items()}
                if frame.body["group"] == "part":
                    self.parts[name[len("part: ") :]] = record
                elif frame.body["group"] == "apart":
                    self.apart[name[len("apart: ") :]] = record
                elif name.startswith("reference: "):
                    self.reference[name[len("reference: ") :]] = record
                else:
                    self.steps[name], self.groups[name] = record, frame.body["group"]


def plain(side: Side | None) -> Any:
    """Return a tree without arrays as the plain value it stands for."""
    return None if side is None else value(side.tree)


def value(tree: dict[str, Any]) -> Any:
    """Return a tree without arrays as a plain value."""
    t = tree["t"]
    if t == "dict":
        return {value(tree["k"][i]): value(tree["v"][i]) for i in range(len(tree["k"]))}
    if t in ("list", "tuple", "set"):
        return [value(v) for v in tree["v"]]
    return int(tree["v"]) if t == "int" else tree.get("v")


def refused(message: str) -> bool:
    """Whether a compiled program turned down, loudly, inputs outside of what it was exported or typed for."""
    return "input tree spec" in message or "Guard failed" in message or "Expected a value of type" in message


def keys(side: Side) -> dict[str, Any]:
    """Return the trees of a dictionary with text keys."""
    return {str(side.tree["k"][i]["v"]): side.tree["v"][i] for i in range(len(side.tree["k"]))}


def pick(side: Side, names: Any) -> Side:
    """Return a dictionary's side with only some keys."""
    kept = [i for i, key in enumerate(side.tree["k"]) if key["v"] in names]
    tree = {"t": "dict", "n": "dict", "k": [side.tree["k"][i] for i in kept], "v": [side.tree["v"][i] for i in kept]}
    return Side(tree, side.buffers)
