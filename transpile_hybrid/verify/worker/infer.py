"""Constructor arguments and inputs where the file declares none: names, annotations, first layers, error messages."""

from __future__ import annotations

import inspect
import itertools
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from .adapter import Adapter, Args
from .failing import describe
from .load import NotRunnable

Spec = tuple[tuple[int, ...], str]

# Parameter names (whole words between underscores) and the value that suits them; the first match counts.
_BY_NAME: tuple[tuple[str, Any], ...] = (
    (r"kernel|kernel_size|ksize|k", 3),
    (r"num_heads|n_heads?|heads?|nhead", 2),
    (r"num_layers|n_layers?|depth|layers|blocks|num_blocks|n_blocks|stages|steps|num_steps", 2),
    (r"stride|strides|dilation|groups|expansion|padding|pad|scale|factor|upscale", 1),
    (r"vocab|vocab_size|num_embeddings|ntoken|n_vocab|num_tokens", 16),
    (r"dropout|drop|p|drop_rate|drop_prob|rate|prob|dropout_rate|dropout_p", 0.1),
    (r"eps|epsilon", 1e-5),
    (r"alpha|beta|gamma|momentum|temperature|weight|ratio|slope|lr", 0.5),
    (r"\w*drop(out|rate|path)?\w*", 0.1),
    (r"use_.*|with_.*|is_.*|has_.*|bias|affine|bidirectional|pretrained|batch_first|norm_first", True),
    (r"\w*act(ivation)?(_?(fn|func|function|layer|type))?|nonlinearity", "relu"),
    (r"\w*(padding_idx|pad_idx|pad_token_id)", 0),
    (r"num_classes|n_classes?|classes|nclass", 4),
    (r"max_len|seq_len|length|max_length|image_size|img_size|size|resolution|max_seq_len", 16),
)
WIDTHS = (8, 4, 16, 32, 64)
SHAPES: tuple[Spec, ...] = (
    ((2, 8), "float32"), ((2, 3), "float32"), ((2, 5, 8), "float32"), ((2, 3, 32, 32), "float32"),
    ((2, 8, 8, 8), "float32"), ((2, 3, 64, 64), "float32"), ((2, 4, 4, 4), "float32"), ((2, 1, 28, 28), "float32"),
    ((2, 4), "float32"), ((2, 16), "float32"), ((2, 8, 16), "float32"), ((2, 7), "int64"),
    ((4, 4), "float32"), ((4, 4, 4), "float32"), ((4, 4, 4, 4), "float32"), ((2, 4, 4, 4, 4), "float32"),
    ((4, 4, 4, 4, 4), "float32"), ((2, 3, 224, 224), "float32"),
)  # fmt: skip
_CONFIGS = re.compile(r"config|cfg|conf|opts?|options|args|hparams|hps|params|settings|.*_(config|cfg)")
_INNER = re.compile(r"fn|func|function|module|model|net|network|encoder|decoder|backbone|inner|wrapped|sub\w*")
MOST = 10  # arguments that are guessed at all
MIXED = 3  # arguments, for which related shapes are combined


class GuessedConfig:
    """Stands for a configuration object: any attribute or key has a value that suits its name."""

    __iter__ = None  # by its items it would never end
    _width = WIDTHS[0]

    def __init__(self, width: int) -> None:
        self._width = width

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: Any) -> Any:
        value = value_for(name, inspect.Parameter.empty, self._width) if isinstance(name, str) else self._width
        return GuessedSection(value) if type(value) is int else value

    def __contains__(self, name: object) -> bool:
        return True

    def get(self, name: str, default: Any = None) -> Any:
        """Return the default where there is one, as a mapping without the key."""
        return self[name] if default is None else default


class GuessedSection(int, GuessedConfig):
    """A number of a configuration, or a section of it with numbers of its own, as it is used."""

    def __init__(self, width: int) -> None:
        self._width = width


def value_for(name: str, annotation: Any, width: int) -> Any:
    """Return a likely value for a constructor parameter.  Raises ``KeyError`` when nothing is known."""
    for pattern, value in _BY_NAME:
        if re.fullmatch(pattern, name.lower()):
            return float(value) if annotation in (float, "float") and not isinstance(value, bool) else value
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    text = text.replace("typing.", "")
    if text.startswith("Optional") or "None" in text:
        return None
    simple: dict[str, Any] = {"int": width, "float": 0.5, "bool": True, "str": "relu"}
    if text in simple:
        return simple[text]
    if text.lower().startswith(("list[int", "tuple[int", "sequence[int")):
        return [width, width]
    if annotation is inspect.Parameter.empty:
        return width
    raise KeyError(name)


def first_choice(adapter: Adapter, parameter: inspect.Parameter, width: int) -> dict[str, Any]:
    """Return the likeliest value of a constructor's parameter, as a node (:mod:`.choices`)."""
    name = parameter.name.lower()
    config, layer = {"guess": ["config", width]}, {"guess": ["layer", width]}
    if _CONFIGS.fullmatch(name):
        return config
    if adapter.layer() is not None and _INNER.fullmatch(name):
        return layer
    try:
        return as_node(value_for(parameter.name, parameter.annotation, width))
    except KeyError:
        callable_ = "Callable" in str(parameter.annotation) or "Module" in str(parameter.annotation)
        return layer if callable_ and adapter.layer() is not None else config


def as_node(value: Any) -> dict[str, Any]:
    """Return a plain value as a node."""
    if isinstance(value, (list, tuple)):
        return {type(value).__name__: [as_node(item) for item in value]}
    if isinstance(value, float):
        return {"float": value.hex()}
    return {"dict": {key: as_node(item) for key, item in value.items()}} if isinstance(value, dict) else {"v": value}


_REPAIRS: tuple[tuple[str, Callable[[Any, tuple[int, ...]], tuple[int, ...]]], ...] = (
    (r"mat1 and mat2 shapes cannot be multiplied \(\d+x\d+ and (\d+)x\d+\)", lambda m, s: s[:-1] + (int(m[1]),)),
    (r"to have (\d+) channels", lambda m, s: s[:1] + (int(m[1]),) + s[2:]),
    (r"running_mean should contain \d+ elements not (\d+)", lambda m, s: s[:1] + (int(m[1]),) + s[2:]),
    (r"normalized_shape=\[(\d+)\]", lambda m, s: s[:-1] + (int(m[1]),)),
    (r"input has inconsistent input_size: got \d+,? expected (\d+)", lambda m, s: s[:-1] + (int(m[1]),)),
    (r"input.size\(-1\) must be equal to input_size. Expected (\d+)", lambda m, s: s[:-1] + (int(m[1]),)),
    (r"expected axis -1 of input shape to have value (\d+)", lambda m, s: s[:-1] + (int(m[1]),)),
    (r"[Ee]xpected (\d+)D", lambda m, s: (s + (8, 8, 8, 8))[: int(m[1])]),
    (r"expected min_ndim=(\d+)", lambda m, s: (s + (8, 8, 8, 8))[: int(m[1])]),
    (r"not enough values to unpack \(expected (\d+), got \d+\)", lambda m, s: (s + (4, 4, 4, 4))[: int(m[1])]),
    (r"too many values to unpack \(expected (\d+)\)", lambda m, s: (s + (8, 8, 8, 8))[: int(m[1])]),
    (r"must have three dimensions", lambda m, s: (s + (8, 8))[:3]),
    (r"expected ndim=(\d+)", lambda m, s: (s + (8, 8, 8, 8))[: int(m[1])]),
)


def repaired(message: str, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the shape that an error message asks for, ``None`` where it names none."""
    for pattern, repair in _REPAIRS:
        match = re.search(pattern, message)
        if match and len(shape) > 1:
            return repair(match, shape)
    return None


def sample(adapter: Adapter, spec: Spec, seed: int) -> Any:
    """Return a numpy array of a shape and dtype: normal for floats, 0..3 for integers (valid as most indices)."""
    shape, dtype = spec
    random = adapter.np.random.RandomState(seed)
    if dtype.startswith(("int", "uint")):
        return random.randint(0, 4, size=shape).astype(dtype)
    if dtype == "bool":
        return random.rand(*shape) > 0.5
    return adapter.np.asarray(random.randn(*shape)).astype(dtype)


class NothingRuns(NotRunnable):
    """No guess ran; ``furthest`` is the one that got furthest, empty where none was tried."""

    def __init__(self, error: Exception | None, furthest: list[Spec]) -> None:
        super().__init__(nothing_runs(error))
        self.furthest = furthest


def nothing_runs(error: Exception | None) -> str:
    """Return the reason that is told, with the last error."""
    said = "" if error is None else f" (last: {describe(error)[:160]})"
    return f"no inputs known: none is declared or recorded for it, and no guess runs{said}"


def find_inputs(
    adapter: Adapter, net: Any, count: int, tensor: Callable[[Spec, int], Any], run: Callable[[Args], Any],
    level: Callable[[Exception], tuple[int, ...]], limit: float,
) -> list[Spec]:  # fmt: skip
    """Search for inputs that ``net`` runs on; returns one (shape, dtype) per argument.

    ``run`` calls the unit and raises if it doesn't work, and ``level`` says of what it raises how far it got; the
    search ends after ``limit`` seconds.  Raises :class:`NothingRuns`.
    """
    if count > MOST:
        raise NotRunnable(f"no inputs known: it takes {count} arguments, and no example_inputs() is declared")
    guesses = [list(guess) for guess in adapter.first_inputs(net)] + [[shape] for shape in SHAPES]
    if count > 1:  # predictions, and labels as indices or of the same shape
        for rows in ((4, 4), (4, 4, 8, 8), (4, 4, 8)):
            for labels in ((rows[0],), (rows[0], *rows[2:]), (rows[0], 1), rows):
                guesses.append([(rows, "float32")] + [(labels, "int64")] * (count - 1))
    trials = [(guess * count)[:count] for guess in guesses] if count else [[]]
    if 1 < count <= MIXED:
        trials += [specs for guess in guesses[:8] for specs in _mixed(guess[0], count)]
    started, last = time.monotonic(), None
    furthest: tuple[tuple[int, ...], list[Spec]] = ((), [])
    for specs in trials:
        for _ in range(4):
            if time.monotonic() - started > limit:
                break
            try:
                run(tuple(tensor(spec, i) for i, spec in enumerate(specs)))
                return specs
            except Exception as exc:  # user code on guessed inputs fails in every way
                last = exc
                if not furthest[1] or level(exc) > furthest[0]:
                    furthest = level(exc), specs
                shape = repaired(str(exc), specs[0][0]) if len(set(specs)) == 1 else None
            if shape is None or shape == specs[0][0]:
                break
            specs = [(shape, specs[0][1])] * count
    raise NothingRuns(last, furthest[1])


def _mixed(spec: Spec, count: int) -> Iterator[list[Spec]]:
    """Yield arguments of related shapes: what goes with a batch of sequences or images is often a vector of each, a
    mask, a matrix of weights between the items, or a number."""
    shape, dtype = spec
    if len(shape) < 2:
        return
    batch, last = shape[0], shape[-1]
    items = shape[1] if len(shape) > 2 else last
    related: list[Spec] = [
        (shape, dtype), ((batch, last), dtype), ((batch, items), dtype), ((batch, items, items), dtype),
        ((items, items), dtype), ((batch,), dtype), ((), dtype),
    ]  # fmt: skip
    related = list(dict.fromkeys(related))
    for specs in itertools.product(related, repeat=count):
        if spec in specs and len(set(specs)) > 1:
            yield list(specs)
    if count == 2:
        yield from _put_together(spec)


def _put_together(spec: Spec) -> Iterator[list[Spec]]:
    """Yield two arguments that make ``spec`` when they are put together along axis 1: equal parts, an image and what
    it is conditioned on (as an image, or a vector that is spread over it)."""
    (batch, channels, *rest), dtype = spec
    for part in dict.fromkeys((channels // 2, 1, channels - 3)):
        if 0 < part < channels:
            first: Spec = ((batch, channels - part, *rest), dtype)
            for shape in dict.fromkeys(((batch, part, *rest), (batch, part))):
                yield [first, (shape, dtype)]
                yield [(shape, dtype), first]
