"""How often a tf.function is traced is counted, and told where most calls are."""

from __future__ import annotations

from transpile_hybrid.report.remarks import reservations
from transpile_hybrid.verify.verdict import TRACED_ANEW, TRACES, Verdict

from .conftest import Run

SCALED = """
import tensorflow as tf


def scaled(x, factor):
    return tf.tanh(x) * factor


def example_inputs(seed=0):
    x = tf.random.stateless_normal((3, 4), [seed, 1])
    return (x, FACTOR)
"""


METHOD = """
import tensorflow as tf


class Net(tf.Module):
    def __call__(self, x):
        return tf.tanh(x)


def example_inputs(seed=0):
    return (tf.random.stateless_normal((3, 4), [seed, 1]),)
"""


def _compiled(text: str) -> str:
    return text.replace("def scaled", "@tf.function\ndef scaled")


def _counts(text: str) -> list[int]:
    return [int(word) for word in text.split() if word.isdigit()]


def test_one_trace_for_each_kind_of_tensors(run: Run) -> None:
    text = SCALED.replace("FACTOR", "tf.constant(1.5 + seed)")
    (verdict,) = run(text, _compiled(text))
    assert verdict.equivalent is True, verdict.reason
    traces, calls, kinds = _counts(verdict.checks[TRACES])
    assert 0 < traces <= kinds < calls
    assert TRACED_ANEW not in verdict.checks


def test_a_number_of_python_is_traced_anew(run: Run) -> None:
    text = SCALED.replace("FACTOR", "1.5 + seed")
    (verdict,) = run(text, _compiled(text))
    assert verdict.equivalent is True, verdict.reason
    (plain,) = run(SCALED.replace("FACTOR", "1.5"), _compiled(SCALED.replace("FACTOR", "1.5")))
    assert _counts(verdict.checks[TRACES])[0] > _counts(plain.checks[TRACES])[0]


def test_methods_are_counted_by_instance(run: Run) -> None:
    (verdict,) = run(METHOD, METHOD.replace("    def __call__", "    @tf.function\n    def __call__"))
    assert verdict.equivalent is True, verdict.reason
    assert _counts(verdict.checks[TRACES])[0] > 0
    (eager,) = run(METHOD, METHOD)
    assert TRACES not in eager.checks


def test_most_calls_traced_are_told() -> None:
    checks = {TRACED_ANEW: "ok: 9 traces for 12 calls"}
    found = Verdict("U", None, "a.py", "b.py", True, checks=checks)
    assert any("most calls are traced anew" in line for line in reservations([found]))
