"""Planted differences are caught, and what is the same passes.

A selection with at least one pair of every kind; ``python -m tests.verify.run_planted`` runs all and prints a table.
"""

# ruff: noqa: E501 (a table)

from __future__ import annotations

import pytest

from .conftest import Run
from .planted import Pair
from .planted_mxnet import PAIRS as MXNET
from .planted_tensorflow import PAIRS as TENSORFLOW
from .planted_torch import PAIRS as TORCH

CHOSEN = {
    "torch": (
        "wrong by one bit", "one element", "dtype", "only in training", "only for a second shape", "only after the first call",
        "only on NaN", "only on large values", "gradient dropped", "input gradient dropped", "running statistics dropped",
        "state_dict key renamed", "parameter made a buffer", "input mutated", "extra draw", "reseeded at import", "print added",
        "default dtype", "patched comparison, right result", "weights cached at construction", "leaves in forward", "aborts",
        "verdict on stdout", "verdict on every descriptor", "unit missing", "identical", "renamed locals",
        "in-place made out-of-place", "in-place on an argument", "list for a tuple", "output aliasing the input",
        "text on stderr", "warning added", "output not contiguous", "output buffer used again",
        "result kept by the input's memory", "argument renamed", "only contiguous inputs", "file written elsewhere",
        "only on ties", "check of the dtype dropped", "checks kept", "flag frozen", "counter of the class dropped",
        "in-place on a part", "draws reordered", "print lost", "exception dropped", "frozen branch", "frozen counter", "in-place under gradients",
    ),
    "mxnet": (
        "only in training", "gradient stopped by a pause", "parameter renamed", "input mutated", "hybrid", "hybrid, another activation",
        "learning rate of a parameter", "flag frozen", "in-place made out-of-place", "np, hybrid", "np, wrong by 1e-3",
        "np, gradient dropped",
    ),
    "tensorflow": ("gradient dropped", "loss added", "check of the rank dropped", "attribute renamed", "graph, frozen counter", "graph",
        "step, graph, a bias that only rounding moves", "step, graph, a step 0.1% longer"),
}  # fmt: skip
# The originals of these change values in place that going backward needs.
ONLY_FORWARD = ("torch-in-place under gradients", "torch-in-place on a part", "mxnet-in-place made out-of-place")
PAIRS = [pair for pair in TORCH + MXNET + TENSORFLOW if pair.name in CHOSEN[pair.framework]]


def test_every_chosen_pair_exists() -> None:
    assert {(p.framework, p.name) for p in PAIRS} == {(f, name) for f, names in CHOSEN.items() for name in names}
    assert len(TORCH) + len(MXNET) + len(TENSORFLOW) >= 200


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.id)
def test_pair(pair: Pair, run: Run) -> None:
    (verdict,) = run(pair.before, pair.after, unit=pair.unit)
    assert verdict.equivalent is pair.equal, verdict.reason
    assert bool(verdict.reason) is not pair.equal
    if pair.equal:
        backward = pair.id not in ONLY_FORWARD
        checks = {name: text[:2] for name, text in verdict.checks.items() if backward or name != "gradients"}
        assert verdict.inputs == "declared" and {*checks.values()} == {"ok"}
        assert verdict.checks["gradients"].startswith(
            "ok" if backward else "not compared: the original can't go backward"
        )
