"""Values as trees, frames, and their comparison: in this process, on numpy arrays."""

from __future__ import annotations

import os
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from transpile_hybrid.verify.worker.checks import Judge
from transpile_hybrid.verify.worker.compare import Known, Rules, Side, differences, same_text
from transpile_hybrid.verify.worker.records import Stream
from transpile_hybrid.verify.worker.tree import Encoder, Host, decode, leaves
from transpile_hybrid.verify.worker.wire import END, WireError, make_writer, read_frames

Point = namedtuple("Point", "a b")


def host(value: Any) -> Host | None:
    if not isinstance(value, (np.ndarray, np.generic)):
        return None
    return Host(
        "numpy scalar" if isinstance(value, np.generic) else "numpy", value.shape, str(value.dtype), value.tobytes(), {}
    )


def side(value: Any) -> Side:
    encoder = Encoder(host)
    return Side(encoder.encode(value), encoder.buffers)


def differ(one: Any, two: Any, rules: Rules | None = None) -> list[str]:
    return [f"{d.path}: {d.text}" for d in differences(side(one), side(two), rules or Rules(), "x")]


F = np.float32


@pytest.mark.parametrize(("one", "two"), [(np.float64(0.5), 0.5), (np.int64(3), 3), (np.bool_(True), True)])
def test_a_numpy_number_may_become_pythons_in_compiled_code_alone(one: Any, two: Any) -> None:
    assert differ(one, two) and differ([one], [two])
    assert not differ(one, two, Rules(exact=False)) and not differ(two, one, Rules(exact=False))
    assert differ(one, two + 1, Rules(exact=False)) and differ(one, str(two), Rules(exact=False))


def test_a_numpy_integer_does_not_become_a_float() -> None:
    assert differ(np.int64(3), 3.0, Rules(exact=False))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ([1], (1,)), ((1, 2), Point(1, 2)), (1, 1.0), (True, 1), (None, 0), ({"a": 1}, {"b": 1}), ([1, 2], [1]),
        ("a", "b"),
        (np.ones(3, F), np.ones(3)), (np.ones(3, F), np.ones((3, 1), F)), (np.ones(3, F), [1.0, 1.0, 1.0]),
        (np.array([0.0], F), np.array([-0.0], F)), (np.array([np.nan], F), np.array([0.0], F)),
        (np.array([1], F), np.nextafter(np.array([1], F), np.array([2], F))), (1.0, 1.0000000001), (float("nan"), 1.0),
    ],
)  # fmt: skip
def test_what_differs(one: Any, two: Any) -> None:
    assert differ(one, two) and differ(two, one)


@pytest.mark.parametrize(
    "value",
    [
        [1, (2, None)],
        {"a": [np.arange(3)]},
        Point(1, "b"),
        float("nan"),
        np.array([np.nan, np.inf], F),
        b"x",
        1j,
        10**30,
        {1, 2},
    ],
)
def test_what_is_the_same(value: Any) -> None:
    assert differ(value, value) == []
    encoder = Encoder(host, exact=True)
    tree = encoder.encode(value)
    back = decode(tree, encoder.buffers, lambda kind, shape, dtype, data: np.frombuffer(data, dtype).reshape(shape))
    assert len(list(leaves(back))) == len(list(leaves(value)))


def test_where_it_differs_is_told() -> None:
    one = np.zeros((4, 20), F)
    two = one.copy()
    two[3, 17] = 0.5
    assert differ({"y": [one]}, {"y": [two]}) == [
        "x[y][0]: differs at (3, 17): 0 became 0.5 (1 of 80 elements, largest error 0.5)"
    ]


def test_tolerance() -> None:
    loose = Rules(exact=False)
    one = np.linspace(-1, 1, 100, dtype=F)
    assert differ(one, one * F(1 + 1e-6), loose) == []
    assert differ(one, one + F(1e-3), loose)
    assert differ(one, one.astype("float64"), loose), "dtypes are exact"
    spoiled = one.copy()
    spoiled[3] = np.nan
    assert differ(one, spoiled, loose) and differ(spoiled, one, loose)
    assert differ(spoiled, one, loose._replace(spoiled=True)) == []
    assert differ(one, spoiled, loose._replace(spoiled=True)), "NaN out of nothing"
    assert differ(one, one + 5, loose._replace(structure=True)) == []
    assert differ(np.zeros(2, F), None, loose) == [] and differ(np.ones(2, F), None, loose)


def test_a_float64_reference_excuses_rounding() -> None:
    exact = np.array([1.0, 1e-3])
    eager, compiled, wrong = (exact + np.array(e) for e in ([0, 4e-5], [0, -4e-5], [0, 4e-4]))
    rules, third = Rules(exact=False), side(exact)
    assert list(differences(side(eager.astype(F)), side(compiled.astype(F)), rules))
    assert not list(differences(side(eager.astype(F)), side(compiled.astype(F)), rules, "", Known(third)))
    assert list(differences(side(eager.astype(F)), side(wrong.astype(F)), rules, "", Known(third)))


def test_what_the_last_bit_of_the_inputs_moves_is_rounding() -> None:
    eager, nudged, compiled, wrong = (np.array([1.0, e], F) for e in (0.5, 0.3, 0.0, 2.0))
    rules = Rules(exact=False)
    known = Known(nudged=side({"a": nudged}))
    assert not list(differences(side({"a": eager}), side({"a": compiled}), rules, "", known))
    assert list(differences(side({"a": eager}), side({"a": wrong}), rules, "", known))
    assert list(differences(side({"a": eager}), side({"a": compiled}), rules))
    steady = Known(nudged=side({"a": eager}))
    assert list(differences(side({"a": eager}), side({"a": compiled}), rules, "", steady))


def test_only_edge_values_are_excused_by_nudging() -> None:
    """The judge: the same difference counts in a usual call and not in one on edge values."""
    eager, nudged, compiled = (side(np.array([1.0, e], F)) for e in (0.5, 0.3, 0.0))
    for group, found in (("eval", 1), ("edge", 0)):
        streams = []
        for outputs in (eager, compiled, nudged):
            stream = Stream([])
            stream.steps["call 1"], stream.groups["call 1"] = {"outputs": outputs}, group
            streams.append(stream)
        job = {"exact": False, "framework": "tensorflow", "random": False, "trains": True, "xla": False}
        judged = Judge(streams[0], streams[1], job, streams[2])
        judged.run()
        assert len(judged.found) == found


def test_large_arrays_are_compared_by_digest() -> None:
    one = np.zeros(1 << 21, F)
    two = one.copy()
    two[12345] = 1e-7
    assert differ(one, one.copy()) == [] and differ(one, two)


def test_printed_text() -> None:
    assert same_text("x [1. 2.]\n", "x [1 2]\n")
    assert same_text("tf.Tensor([1. 2.], shape=(2,), dtype=float32)\n", "[1 2]\n")
    assert not same_text("x 1.0\n", "x 1.1\n") and not same_text("x\n", "") and not same_text("x\nx\n", "x\n")


def frames(key: bytes) -> bytes:
    reading, writing = os.pipe()
    write = make_writer(writing, key)
    write("record", {"a": 1}, [b"xyz", b""])
    write(END, {}, [])
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        return file.read()


def test_frames() -> None:
    data = frames(b"key")
    found, complete = read_frames(data, b"key")
    assert complete and found[0] == ("record", {"a": 1}, [b"xyz", b""])
    for cut in range(len(data)):
        assert read_frames(data[:cut], b"key")[1] is False
    with pytest.raises(WireError):
        read_frames(data, b"other")
    with pytest.raises(WireError):
        read_frames(data.replace(b"xyz", b"xyZ"), b"key")
    with pytest.raises(WireError):
        read_frames(data + b"more", b"key")
    with pytest.raises(WireError):
        read_frames(b"{}" + data, b"key")
    with pytest.raises(WireError):
        read_frames(data[: len(data) // 2 + 3] + data, b"key")
