"""The inputs and the sequence of calls that both sides are put through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .adapter import Adapter
from .tree import map_leaves

EMPTY = "empty batch"
# What these compile takes the arguments that it was compiled for, and no optional ones besides.
ONE_SIGNATURE = ("torch.export", "mxnet.hybrid")


class Case(NamedTuple):
    """Arguments for one call.  ``group`` is ``shape 0`` (the main shape), ``shape N``, ``edge``, ``odd``
    (see :mod:`.odd`) or ``option`` (see :mod:`.optional`)."""

    name: str
    group: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Step(NamedTuple):
    """One call: of the case with index ``case``, in training mode or not, with or without gradients.

    ``reset``: the weights and running statistics are set back before it.  Needed after training with random numbers
    where a compiler draws others, and after training on NaN: the statistics would differ, or hide differences, ever
    after.
    """

    group: str
    case: int
    train: bool
    grad: bool
    reset: bool = False


def as_arguments(value: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Turn what ``example_inputs`` returned into arguments: a tuple or list is several, a dict keywords, else one."""
    if isinstance(value, (tuple, list)):
        return tuple(value), {}
    if isinstance(value, dict):
        return (), value
    return (value,), {}


def last_bit_moved(np: Any, random: Any, array: Any) -> Any:
    """Return a floating array with each number moved up or down by its last bit, but for whole, infinite and NaN."""
    ends = np.where(random.randint(0, 2, array.shape), np.inf, -np.inf).astype(array.dtype)
    return np.where((array == np.round(array)) | ~np.isfinite(array), array, np.nextafter(array, ends))


class Floats:
    """Changes of arguments that keep shapes and dtypes.  Works on numpy copies of the tensors."""

    def __init__(self, adapter: Adapter) -> None:
        self.adapter, self.np = adapter, adapter.np

    def change(self, value: Any, new: Callable[[Any, bool], Any]) -> Any:
        """Replace every tensor by ``new(array, is_floating)``."""
        adapter = self.adapter

        def one(leaf: Any) -> Any:
            host = adapter.host(leaf)
            if host is None or host.dtype in ("bfloat16", "string") or host.dtype.startswith("float8"):
                return leaf
            array = self.np.frombuffer(host.data, dtype=host.dtype).reshape(host.shape).copy()
            floating = array.dtype.kind in "fc"
            with self.np.errstate(all="ignore"):
                changed = self.np.asarray(new(array, floating)).astype(array.dtype)
            return adapter.device(host.kind, tuple(changed.shape), host.dtype, changed.tobytes())

        return map_leaves(value, one)

    def varied(self, value: Any, seed: int) -> Any:
        """Other values of the same kind: floats with noise of their own size, integers and booleans shuffled."""
        random = self.np.random.RandomState(seed)

        def new(array: Any, floating: bool) -> Any:
            if not floating:
                flat = array.ravel().copy()
                random.shuffle(flat)
                return flat.reshape(array.shape)
            scale = float(self.np.abs(array).mean()) if array.size else 1.0
            return array + random.standard_normal(array.shape) * (scale or 1.0)

        return self.change(value, new)

    def copies(self, value: Any) -> Any:
        """The same values in memory of their own."""
        return self.change(value, lambda array, floating: array)

    def nudged(self, value: Any, seed: int) -> Any:
        """The same floats, each moved up or down by its last bit.

        Whole numbers (masks, what stands for an index), infinities and NaN stay.  What is zero throughout is moved by
        the rounding of a one, for it has no last bit: what cancels out then is rounding noise, whose sign decides at
        the kink of a ReLU.
        """
        random, np = self.np.random.RandomState(seed), self.np

        def new(array: Any, floating: bool) -> Any:
            if array.dtype.kind != "f":
                return array
            if array.size and not array.any():
                return array + np.finfo(array.dtype).eps
            return last_bit_moved(np, random, array)

        return self.change(value, new)

    def edges(self, value: Any) -> list[tuple[str, Any]]:
        """Zeros, ones, one sign only, large, tiny, NaN and infinite values, for the floating inputs."""
        np = self.np

        def only_floats(new: Callable[[Any], Any]) -> Any:
            return self.change(value, lambda array, floating: new(array) if floating else array)

        def spoiled(array: Any, what: float) -> Any:
            if array.size:
                array.flat[0] = what
            return array

        found = [("zeros", self.change(value, lambda array, floating: array * 0))]
        found += [
            ("ones", only_floats(np.ones_like)),
            ("positive", only_floats(np.abs)),
            ("negative", only_floats(lambda a: -np.abs(a))),
            ("times 100", only_floats(lambda a: a * 100)),
            ("large", only_floats(lambda a: a * 2e4)),
            ("huge", only_floats(lambda a: a * 1e25)),
            ("tiny", only_floats(lambda a: a * 1e-6)),
            ("denormal", only_floats(lambda a: a * 1e-40)),
            ("one zero", only_floats(lambda a: spoiled(a, 0.0))),
            ("whole numbers, with ties", only_floats(np.round)),
            ("one NaN", only_floats(lambda a: spoiled(a, np.nan))),
            ("one infinity", only_floats(lambda a: spoiled(a, np.inf))),
            ("one negative infinity", only_floats(lambda a: spoiled(a, -np.inf))),
            ("all NaN", only_floats(lambda a: a * np.nan)),
        ]
        largest = self.change(
            value, lambda array, floating: array if floating or not array.size else array * 0 + array.max()
        )
        if self.has_integers(value):
            found.append(("integers all the largest", largest))
        return found

    def has_integers(self, value: Any) -> bool:
        """Whether there are integer tensors."""
        kinds = set()

        def note(array: Any, floating: bool) -> Any:
            kinds.add(array.dtype.kind)
            return array

        self.change(value, note)
        return bool(kinds & {"i", "u"})

    def batch(self, values: list[Any], size: int) -> Any:
        """Arguments with another first dimension, made of the rows of ``values``; raises ``ValueError`` if they have no
        common one."""
        np = self.np
        sizes = set()

        def note(array: Any, floating: bool) -> Any:
            if array.ndim:
                sizes.add(array.shape[0])
            return array

        self.change(values[0], note)
        if len(sizes) != 1:
            raise ValueError("no common first dimension")

        def rows(array: Any, floating: bool) -> Any:
            if not array.ndim:
                return array
            repeats = -(-size // array.shape[0]) if array.shape[0] else 1
            return np.concatenate([array * (1 if not floating else 1 + 0.125 * i) for i in range(max(1, repeats))])[
                :size
            ]

        return self.change(values[0], rows)


def common_batch(adapter: Adapter, value: Any) -> int:
    """Return the first dimension that all tensors share, 0 where there is none."""
    sizes = set()

    def note(leaf: Any) -> Any:
        host = adapter.host(leaf)
        if host is not None and host.shape:
            sizes.add(host.shape[0])
        return leaf

    map_leaves(value, note)
    return sizes.pop() if len(sizes) == 1 else 0


# What is kept longest when a model is too slow for all calls: (group, training, with gradients, how many of them).
_ESSENTIAL = (
    ("eval", False, False, 1), ("train", True, True, 1), ("repeat", False, False, 1), ("shape", False, False, 1),
    ("option", False, False, 3),
    ("repeat", False, False, 3), ("eval", False, True, 1), ("train", True, True, 2), ("shape", True, True, 1),
    ("update", False, False, 1), ("edge", False, False, 3), ("shape", False, False, 3),
)  # fmt: skip


def thinned(plan: list[Step], calls: int) -> list[Step]:
    """Return at most about ``calls`` steps of a plan, the most telling ones, in order."""
    if len(plan) <= calls:
        return plan
    kept: set[int] = set()
    for group, train, grad, count in _ESSENTIAL:
        alike = [i for i, s in enumerate(plan) if (_kind(s), s.train, s.grad) == (group, train, grad)]
        kept |= set(alike[:count])
        if len(kept) >= calls:
            break
    return [step for i, step in enumerate(plan) if i in kept]


def _kind(step: Step) -> str:
    return "train" if step.train and step.group in ("eval", "repeat") else step.group


def steps(
    cases: list[Case], model: bool, calls: int, resets: bool, backward: bool, predicting: bool = True
) -> list[Step]:
    """Return the sequence of calls: about ``calls`` of them at most.

    ``backward``: whether the original can go backward at all; where it can't, for it changes values in place, all is
    compared without gradients and a last call with them shows so.  ``predicting``: whether a model's gradients outside
    of training say anything.  ``resets``: after each stretch of training, the
    state is set back (see :class:`Step`).
    """
    main = [i for i, case in enumerate(cases) if case.group == "shape 0"]
    options = [i for i, case in enumerate(cases) if case.group == "option"]
    others = [i for i, case in enumerate(cases) if case.group not in ("shape 0", "edge", "odd", "option")]
    edges = [i for i, case in enumerate(cases) if case.group == "edge"]
    odd = [i for i, case in enumerate(cases) if case.group == "odd"]
    again = [*main, main[0]]
    plan = [Step("repeat" if n else "eval", i, False, False) for n, i in enumerate(again)]
    plan += [Step("reuse", i, False, False) for i in (main[0], main[-1], main[0])]
    plan += [Step("shape", i, False, False) for i in others]
    plan += [Step("option", i, False, False) for i in options]
    plan += [Step("eval", i, False, True) for i in ([*main[:2], main[0]]) if predicting or not model]
    if model:
        plan += [Step("train", i, True, True) for i in (again)]
        plan += [Step("option", i, True, True) for i in options]
        plan += [Step("shape", i, True, True) for i in others[:4]]
        plan += [Step("repeat", main[0], False, False)]
        plan += [Step("update", main[0], False, False), Step("update", main[-1], True, True)]
    else:
        plan += [Step("shape", i, False, True) for i in others[:2]]
    empty = [i for i in edges if cases[i].name == EMPTY]  # last: where an operator raises, it leaves a state of its own
    plan += [Step("edge", i, False, False) for i in edges if i not in empty]
    plan += [Step("edge", i, model, True) for i in edges if i not in empty]
    plan += [Step("edge", i, model and grad, grad) for i in empty for grad in (False, True)]
    plan += [Step("odd", i, False, False, i == odd[0]) for i in odd]  # after NaN in training all may be NaN
    if not backward:
        plan = [step._replace(grad=False) for step in plan] + [Step("edge", main[0], False, True)]
    plan = thinned(plan, calls)
    if resets:
        after = [i for i in range(1, len(plan)) if plan[i - 1].train and not plan[i].train]
        plan = [step._replace(reset=step.reset or i in after) for i, step in enumerate(plan)]
    return plan
