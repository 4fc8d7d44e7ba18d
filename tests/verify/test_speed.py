"""Speed: the words, the interval, and real pairs.  No test here asks for an absolute time."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy
import pytest

from transpile_hybrid.verify.worker.adapter import Adapter
from transpile_hybrid.verify.worker.stats import FEWEST, Interval, interval, median, sharper, word
from transpile_hybrid.verify.worker.timing import Bench

from .conftest import Run
from .planted import changed
from .planted_mxnet import BASE as MXNET
from .planted_mxnet import HYBRID
from .planted_tensorflow import BASE as KERAS
from .planted_torch import BASE, FIRST


def test_median_and_interval() -> None:
    assert median([3.0, 1.0, 2.0]) == 2.0 and median([1.0, 2.0]) == 1.5
    assert interval([1.0] * (FEWEST - 1)) is None
    found = interval([i / 100 for i in range(50, 151)])
    assert found is not None and found.ratio == 1.0 and found.low < 0.95 and found.high > 1.05
    narrow = interval([1 + i / 1e5 for i in range(101)])
    assert narrow is not None and narrow.narrow


def test_interval_is_that_of_a_bootstrap() -> None:
    source = random.Random(1)
    ratios = [source.lognormvariate(0, 0.1) for _ in range(101)]
    medians = sorted(median([source.choice(ratios) for _ in ratios]) for _ in range(4000))
    found = interval(ratios)
    assert found is not None
    rank = sorted(ratios).index
    assert abs(rank(found.low) - rank(medians[20])) <= 1 and abs(rank(found.high) - rank(medians[-21])) <= 1


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1.04, 1.2, "faster"),
        (1.02, 1.2, "undecided"),
        (0.8, 0.96, "slower"),
        (0.95, 1.05, "same"),
        (0.5, 2.0, "undecided"),
    ],
)
def test_words(low: float, high: float, expected: str) -> None:
    assert word(Interval((low + high) / 2, low, high)) == expected


def test_waiting_is_seen() -> None:
    assert sharper(Interval(1, 0.99, 1.01), Interval(0.5, 0.4, 0.6)) == Interval(0.5, 0.4, 0.6)
    assert sharper(Interval(1, 0.99, 1.01), Interval(1.05, 0.9, 1.2)) == Interval(1, 0.99, 1.01)


def test_noise_alone_is_never_faster() -> None:
    source = random.Random(7)
    for _ in range(200):
        found = interval([source.lognormvariate(0, 0.15) for _ in range(101)])
        assert word(found) not in ("faster", "slower")


def test_identical_code_is_not_faster(run: Run) -> None:
    (verdict,) = run(BASE, BASE.replace("h = ", "k = ").replace("(h)", "(k)"), unit="Model", speed=True, budget=6.0)
    assert verdict.equivalent is True and verdict.speed is not None
    assert verdict.speed.word in ("same", "undecided") and verdict.speed.pairs > 0


def test_much_slower_code_is_slower(run: Run) -> None:
    slow = changed(BASE, ((FIRST, FIRST + "        for _ in range(20):\n            h = h.clone()\n"),))
    (verdict,) = run(BASE, slow, unit="Model", speed=True, budget=6.0)
    assert verdict.equivalent is True and verdict.speed is not None
    assert verdict.speed.word in ("slower", "undecided"), verdict.speed
    assert verdict.speed.ratio is not None and verdict.speed.ratio < 0.9


def test_sources_of_the_package_never_import_a_framework_in_the_parent() -> None:
    import transpile_hybrid.verify as verify

    for path in Path(verify.__file__).parent.glob("*.py"):
        assert not any(
            line.lstrip().startswith(("import torch", "import numpy", "import tensorflow", "import mxnet"))
            for line in path.read_text().splitlines()
        )


@pytest.mark.parametrize(
    ("before", "after", "target"),
    [(BASE, BASE, "torch.script"), (MXNET, changed(MXNET, HYBRID), "mxnet.hybrid"), (KERAS, KERAS, "tf.function")],
    ids=["torch", "mxnet", "tensorflow"],
)
def test_a_training_step_is_timed_and_memory_measured(run: Run, before: str, after: str, target: str) -> None:
    (verdict,) = run(before, after, [target], unit="Model", speed=True, training=True, budget=3.0)
    assert verdict.equivalent is True and verdict.speed is not None and verdict.training is not None
    assert verdict.training.ratio is not None and (verdict.speed.before_us or 0) < (verdict.training.before_us or 0)
    assert verdict.memory["before_mb"] > 50 and verdict.memory["after_mb"] > 50


@pytest.mark.parametrize(
    ("original", "rewritten", "again", "differs"),
    [
        ([0.5, 0.5], [0.25], [0.5], True),
        ([0.5, 0.5], [0.5], [0.5], False),
        # steps of training: the original's two instances are near each other by chance, the faster side is far ahead
        ([3.1e-9, 3e-9], [2e-12], [3e-9], False),
    ],
)
def test_what_goes_on_changing_is_not_compared_after_the_clock(
    original: list[float], rewritten: list[float], again: list[float], differs: bool
) -> None:
    steady = SimpleNamespace(np=numpy, seed=lambda _: None, framework_random_state=lambda: "")
    steady.host = partial(Adapter.numpy_host, steady)
    calls = [partial(next, iter(numpy.asarray(values))) for values in (original, rewritten, again)]
    assert bool(Bench(steady, {}, {}, [])._still_equal(calls, 9)) is differs
