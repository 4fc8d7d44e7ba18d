"""What MXNet's operators and layers give back: symbolic shapes, sequences, fresh storage."""

from __future__ import annotations

from ._optables import BINARY, COMPARES, COUNTS, KEEP_DTYPE, REDUCE, RNN_LAYERS, SAME, SAME_LAYERS, SEVERAL, UNSURE
from ._values import NONE, UNKNOWN, Dim, Shape, Val, dim, ranked, ratio, seq


def tensor(
    name: str,
    shape: Shape | None = None,
    *,
    boolean: bool = False,
    integer: bool = False,
    bases: frozenset[str] | None = None,
) -> Val:
    """Return a tensor; a fresh one (that shares storage with nothing) unless ``bases`` are given."""
    return Val("tensor", shape=shape or Shape(name), bases=bases or frozenset({name}), boolean=boolean, integer=integer)


def broadcast(a: Shape | None, b: Shape | None, name: str) -> Shape:
    """Return the shape of an elementwise operation of two tensors."""
    if a is None or b is None:
        return Shape(name)
    if a.same(b):
        return a
    if a.dims is None or b.dims is None:
        return Shape(name)
    rank = max(len(a.dims), len(b.dims))
    out: list[Dim] = []
    for i in range(rank):
        x = a.dims[i - rank] if rank - i <= len(a.dims) else (1,)
        y = b.dims[i - rank] if rank - i <= len(b.dims) else (1,)
        out.append(x if x == y or y == (1,) else y if x == (1,) else (("d", name, i),))
    return Shape(name, tuple(out))


def permute(shape: Shape, axes: list[int] | None, name: str) -> Shape:
    """Return the shape of a transpose."""
    if axes is None:
        return Shape(name) if shape.dims is None else Shape(name, shape.dims[::-1])
    return Shape(name, tuple(shape.at(axis) for axis in axes))


def ints(value: Val | None) -> list[int] | None:
    """Return a tuple of constant integers, if it is one."""
    if value is None or value.items is None:
        return None
    out = [item.const for item in value.items]
    return out if all(isinstance(i, int) for i in out) else None  # type: ignore[return-value]


def shape_from(value: Val | None, source: Shape | None, name: str, *, keeps: bool = False) -> Shape:
    """Return the shape that a ``shape`` argument asks for (no special codes; ``-1`` from the source).

    ``keeps`` tells that the number of elements stays the same, as in a reshape.
    """
    if value is None:
        return Shape(name)
    if value.kind == "shape" and value.shape is not None:
        return value.shape
    if value.kind in ("int", "number") and value.dim:
        return Shape(name, (value.dim,)) if value.dim != (-1,) else ranked(name, 1)
    if value.items is None:
        return Shape(name)
    if source is not None and any(isinstance(i.const, int) and (i.const < -1 or i.const == 0) for i in value.items):
        return Shape(name)
    dims: list[Dim | None] = [None if item.dim == (-1,) else item.dim for item in value.items]
    if keeps and source is not None and source.dims is not None and dims.count(None) == 1:
        # The one size that isn't said is what is left: a reshape keeps the number of elements.
        said = [d for d in dims if d is not None]
        dims[dims.index(None)] = ratio(dim(*source.dims), dim(*said) if said else (1,))
    return Shape(name, tuple(d if d is not None else (("d", name, i),) for i, d in enumerate(dims)))


def reduce(shape: Shape | None, axis: Val | None, keep: bool, name: str, nd: bool) -> Shape:
    """Return the shape of a reduction."""
    if shape is None:
        return Shape(name)
    if axis is None or axis.kind == "none":
        if keep:
            return Shape(name) if shape.rank is None else Shape(name, ((1,),) * shape.rank)
        return Shape(name, ((1,),)) if nd else Shape(name, ())
    axes = [axis.const] if isinstance(axis.const, int) else ints(axis)
    if axes is None or shape.dims is None:
        return Shape(name)
    drop = {a % len(shape.dims) for a in axes if isinstance(a, int)}
    if keep:
        return Shape(name, tuple((1,) if i in drop else d for i, d in enumerate(shape.dims)))
    dims = tuple(d for i, d in enumerate(shape.dims) if i not in drop)
    return Shape(name, dims or (((1,),) if nd else ()))


def op_result(api: str, op: str, args: list[Val], kw: dict[str, Val], name: str) -> Val:
    """Return what the operator ``op`` of ``api`` (``nd``, ``np`` or ``npx``) gives for these arguments."""
    value = _op_result(api, op, args, kw, name)
    if not value.is_tensor:
        return value
    short = op.rsplit(".", 1)[-1]
    dtype = kw.get("dtype", args[1] if short in ("astype", "cast", "Cast") and len(args) > 1 else None)
    if dtype is not None and dtype.kind != "none":
        text = str(dtype.const or dtype.cls)
        return value.but(whole="int" in text, boolean="bool" in text)
    parts = [p for a in args for p in (a.contents() if a.kind == "seq" else [a])]
    if short in KEEP_DTYPE and parts:
        if short in ("where", "take"):  # a condition and indices have types of their own
            parts = parts[1:] if short == "where" else parts[:1]
        parts = [p for p in parts if p.is_tensor]
        same = all(p.whole or p.boolean for p in parts)  # an integer that meets a float becomes one, or it raises
        boolean = bool(parts) and all(p.boolean for p in parts)
        return value.but(whole=bool(parts) and same and not boolean, boolean=boolean)
    if short in COUNTS and api != "nd" or short in ("sum", "prod") and parts and (parts[0].whole or parts[0].boolean):
        return value.but(whole=True, boolean=False)
    return value


def _op_result(api: str, op: str, args: list[Val], kw: dict[str, Val], name: str) -> Val:
    short = op.rsplit(".", 1)[-1]
    first = args[0] if args else kw.get("data", kw.get("a"))
    shape = first.shape if first is not None and first.is_tensor else None
    returned = kw.get("ret_typ")
    if short in UNSURE or short.endswith("_update") or "output_mean_var" in kw or "return_" in "".join(kw):
        return UNKNOWN.but(bases=frozenset({name}))
    if short in SEVERAL or "quantize" in short or returned is not None and returned.const in ("both", None):
        return Val("seq", item=tensor(f"{name}.i"), bases=frozenset({name}))
    if short == "array":  # of an array: a copy
        return tensor(name, shape)
    if short in SAME:
        if first is not None and not first.is_tensor and first.kind not in ("unknown", "config"):
            return tensor(name)
        return tensor(name, shape, boolean=short in COMPARES)
    if short.startswith("broadcast_") and short not in (
        "broadcast_to",
        "broadcast_like",
        "broadcast_axis",
        "broadcast_axes",
    ):
        second = args[1] if len(args) > 1 else kw.get("rhs")
        return tensor(name, broadcast(shape, second.shape if second else None, name))
    if short in BINARY:
        second = args[1] if len(args) > 1 else None
        other = second.shape if second is not None and second.is_tensor else None
        if second is not None and not second.is_tensor and second.kind != "unknown":
            return tensor(name, shape, boolean=short in COMPARES)
        return tensor(name, broadcast(shape, other, name), boolean=short in COMPARES)
    if short in ("where",):
        if len(args) == 3 and args[1].is_tensor:
            other = args[2].shape if args[2].is_tensor else args[1].shape
            return tensor(name, broadcast(args[1].shape, other, name))
        return tensor(name)
    if short in REDUCE:
        axis = kw.get("axis", args[1] if len(args) > 1 else None)
        keep = kw.get("keepdims")
        keepdims = bool(keep is not None and keep.const)
        return tensor(name, reduce(shape, axis, keepdims, name, api == "nd"))
    if short in ("transpose", "permute_dims"):
        axes = kw.get("axes", args[1] if len(args) > 1 else None)
        if shape is None:
            return tensor(name)
        if axes is not None and ints(axes) is None and axes.kind != "none":
            return tensor(name)
        return tensor(name, permute(shape, ints(axes), name))
    if short in ("swapaxes", "SwapAxis"):
        pair = [kw.get("dim1", args[1] if len(args) > 1 else None), kw.get("dim2", args[2] if len(args) > 2 else None)]
        return tensor(name, swap(shape, pair, name))
    if short in ("reshape", "Reshape"):
        return tensor(
            name,
            shape_from(
                kw.get("shape", kw.get("newshape", args[1] if len(args) > 1 else None)), shape, name, keeps=True
            ),
        )
    if short in ("expand_dims",):
        return tensor(name, expand(shape, kw.get("axis", args[1] if len(args) > 1 else None), name))
    if short in ("squeeze",):
        return tensor(name, squeeze(shape, kw.get("axis", args[1] if len(args) > 1 else None), name))
    if short in ("flatten", "Flatten", "batch_flatten"):
        if shape is None:
            return tensor(name, ranked(name, 2))
        return tensor(name, Shape(name, (shape.at(0), (("d", name, 1),))))
    if short in ("batch_dot", "linalg_gemm2", "gemm2"):
        return tensor(name, batch_dot(args, kw, name))
    if short == "dot":
        if len(args) == 2 and all(a.shape is not None and a.shape.rank == 2 for a in args) and not kw:
            return tensor(name, Shape(name, (args[0].shape.at(0), args[1].shape.at(1))))  # type: ignore[union-attr]
        return tensor(name)
    if short in ("split", "SliceChannel", "split_v2", "array_split"):
        return split(api, short, args, kw, name)
    if short in (
        "zeros",
        "ones",
        "full",
        "empty",
        "uniform",
        "normal",
        "broadcast_to",
        "random_uniform",
        "random_normal",
    ):
        at = kw.get("shape", kw.get("size"))
        if at is None and short in ("zeros", "ones", "full", "empty"):
            at = args[0] if args else None
        if at is None and short == "broadcast_to":
            at = args[1] if len(args) > 1 else None
        return tensor(name, shape_from(at, shape if short == "broadcast_to" else None, name))
    if short in ("embedding", "Embedding"):
        return tensor(name, append(shape, name))
    if short in ("one_hot",):
        return tensor(name, append(shape, name))
    if short in ("arange", "linspace"):
        start = args[0].const if len(args) > 1 else 0
        end = args[1] if len(args) > 1 else args[0] if args else None
        counts = short == "arange" and len(args) <= 2 and "step" not in kw and "start" not in kw and start == 0
        known = counts and end is not None and end.kind == "int" and end.dim is not None and "infer_range" not in kw
        return tensor(name, Shape(name, (end.dim,)) if known and end is not None and end.dim else ranked(name, 1))
    if short in ("concat", "Concat", "concatenate", "stack", "vstack", "hstack"):
        return tensor(name, joined(short, args, kw, name))
    if short in ("broadcast_like", "reshape_like", "slice_like"):
        return tensor(name, args[1].shape if short != "slice_like" and len(args) > 1 else None)
    if short == "repeat":
        return tensor(name, repeated(shape, args, kw, name))
    if short in ("slice_axis", "slice", "pad", "take_along_axis", "tile") and shape is not None:
        return tensor(name, ranked(name, shape.rank) if shape.rank is not None and short != "tile" else None)
    if short in ("Convolution", "convolution", "Pooling", "pooling", "Deconvolution", "deconvolution", "UpSampling"):
        if shape is None or shape.dims is None:
            return tensor(name)
        kept = 2 if short in ("Pooling", "pooling", "UpSampling") and len(args) == 1 else 1
        plain = "layout" not in kw
        return tensor(name, Shape(name, shape.dims[: kept * plain] + ranked(name, shape.rank).dims[kept * plain :]))  # type: ignore[index, arg-type]
    if short in ("AdaptiveAvgPooling2D", "BilinearResize2D") and shape is not None:
        return tensor(name, Shape(name, (shape.at(0), shape.at(1), (("d", name, 2),), (("d", name, 3),))))
    if short in ("is_np_array", "is_np_shape", "num_gpus"):
        return Val("number", free=True)
    if short in ("current_context", "cpu", "gpu", "Context"):
        return Val("context", free=True)
    if short in ("waitall", "seed", "save", "set_np", "reset_np"):
        return NONE
    if short in ("shape_array", "size_array"):
        return tensor(name, ranked(name, 1), integer=True)
    return tensor(name)


def joined(short: str, args: list[Val], kw: dict[str, Val], name: str) -> Shape | None:
    """Return the shape of a concat or stack: its rank."""
    parts = list(args)
    if parts and parts[0].kind == "seq":
        parts = parts[0].contents()
    for part in parts:
        if part.is_tensor and part.shape is not None and part.shape.rank is not None:
            axis = kw.get("axis", kw.get("dim"))
            position = axis.const if axis is not None else (1 if short in ("concat", "Concat") else 0)
            if short == "stack":
                return ranked(name, part.shape.rank + 1)
            if isinstance(position, int) and short in ("concat", "Concat", "concatenate"):
                dims = list(part.shape.dims or ())
                if -len(dims) <= position < len(dims):
                    dims[position] = (("d", name, position % len(dims)),)
                    return Shape(name, tuple(dims))
            return ranked(name, part.shape.rank)
    return None


def append(shape: Shape | None, name: str) -> Shape | None:
    """Return the shape with one more, unknown, axis at its end."""
    if shape is None or shape.dims is None:
        return None
    return Shape(name, (*shape.dims, (("d", name, len(shape.dims)),)))


def swap(shape: Shape | None, pair: list[Val | None], name: str) -> Shape | None:
    """Return the shape with two axes exchanged."""
    if shape is None or shape.dims is None or any(p is None or not isinstance(p.const, int) for p in pair):
        return None
    dims = list(shape.dims)
    a, b = (p.const % len(dims) for p in pair)  # type: ignore[union-attr, operator]
    dims[a], dims[b] = dims[b], dims[a]
    return Shape(name, tuple(dims))


def repeated(shape: Shape | None, args: list[Val], kw: dict[str, Val], name: str) -> Shape | None:
    """Return the shape of a repeat: along one axis, else of all elements in one row."""
    times = kw.get("repeats", args[1] if len(args) > 1 else None)
    axis = kw.get("axis", args[2] if len(args) > 2 else None)
    grown = times.dim if times is not None and times.kind == "int" else None
    if axis is None or axis.kind == "none":
        known = shape is not None and shape.dims is not None and grown is not None
        return Shape(name, (dim(*shape.dims, grown),)) if known and shape and grown else ranked(name, 1)  # type: ignore[misc]
    if shape is None or shape.dims is None or not isinstance(axis.const, int):
        return None
    dims = list(shape.dims)
    if not -len(dims) <= axis.const < len(dims):
        return None
    at = axis.const % len(dims)
    dims[at] = dim(dims[at], grown) if grown is not None else (("d", name, at),)
    return Shape(name, tuple(dims))


def expand(shape: Shape | None, axis: Val | None, name: str) -> Shape | None:
    """Return the shape of ``expand_dims``."""
    if shape is None or shape.dims is None or axis is None or not isinstance(axis.const, int):
        return None
    dims = list(shape.dims)
    at = axis.const if axis.const >= 0 else axis.const + len(dims) + 1
    dims.insert(at, (1,))
    return Shape(name, tuple(dims))


def squeeze(shape: Shape | None, axis: Val | None, name: str) -> Shape | None:
    """Return the shape of ``squeeze`` with constant axes."""
    if shape is None or shape.dims is None or axis is None:
        return None
    axes = [axis.const] if isinstance(axis.const, int) else ints(axis)
    if axes is None:
        return None
    drop = {a % len(shape.dims) for a in axes if isinstance(a, int)}
    return Shape(name, tuple(d for i, d in enumerate(shape.dims) if i not in drop))


def batch_dot(args: list[Val], kw: dict[str, Val], name: str) -> Shape | None:
    """Return the shape of a batched matrix product."""
    ranks = {a.shape.rank for a in args[:2] if a.is_tensor and a.shape is not None and a.shape.rank is not None}
    if len(args) > 1 and len(ranks) == 1 and (rank := ranks.pop()) > 2:
        known = [a.shape is not None and a.shape.rank is not None for a in args[:2]]
        if known != [True, True]:
            return ranked(name, rank)  # both have as many
    if len(args) < 2 or any(not a.is_tensor or a.shape is None or a.shape.rank is None for a in args[:2]):
        return None
    a, b = args[0].shape, args[1].shape
    assert a is not None and b is not None and a.dims is not None
    flip_a, flip_b = (
        bool(getattr(kw.get("transpose_a"), "const", False)),
        bool(getattr(kw.get("transpose_b"), "const", False)),
    )
    if a.rank is None or a.rank < 2:
        return None
    return Shape(name, (*a.dims[:-2], a.at(-1 if flip_a else -2), b.at(-2 if flip_b else -1)))


def split(api: str, short: str, args: list[Val], kw: dict[str, Val], name: str) -> Val:
    """Return the pieces of a split."""
    first = args[0] if args else None
    axis = kw.get("axis")
    number = kw.get("num_outputs", kw.get("indices_or_sections", args[1] if len(args) > 1 else None))
    count = number.const if number is not None else None
    if number is not None and number.items is not None:
        count = len(number.items) + 1
    squeezed = kw.get("squeeze_axis")
    shape: Shape | None = None
    if first is not None and first.shape is not None and first.shape.rank is not None:
        dims = list(first.shape.dims or ())
        at = axis.const if axis is not None else (1 if api == "nd" else 0)
        if isinstance(at, int) and -len(dims) <= at < len(dims):
            if squeezed is not None and squeezed.const:
                del dims[at]
            elif squeezed is None:
                whole = dims[at]
                dims[at] = (("d", name, at % len(dims)),)
                if (
                    isinstance(count, int)
                    and count > 1
                    and whole[0]
                    and isinstance(whole[0], int)
                    and whole[0] % count == 0
                ):
                    dims[at] = dim(whole[0] // count, *whole[1:])
            shape = Shape(name, tuple(dims))
    if isinstance(count, int) and 1 < count <= 24:
        return seq([tensor(f"{name}.{i}", shape and Shape(f"{name}.p", shape.dims)) for i in range(count)])
    if count == 1:  # one output is no list in the nd API
        return UNKNOWN if api == "nd" else seq([tensor(name)])
    return Val("seq", item=tensor(f"{name}.i", shape), bases=frozenset({name}))


def layer_result(cls: str, first: Val | None, rest: list[Val], kw: dict[str, Val], name: str) -> Val:
    """Return what the framework layer ``cls``, constructed with ``kw``, gives for an input."""
    short = cls.rsplit(".", 1)[-1]
    shape = first.shape if first is not None and first.is_tensor else None
    if short in SAME_LAYERS:
        return tensor(name, shape)
    if short == "Dense":
        flat = kw.get("flatten")
        units = kw.get("units", kw.get("0"))
        last = units.dim if units is not None and units.dim else None
        if flat is None or flat.const is True:
            return tensor(name, Shape(name, (shape.at(0) if shape else (("d", name, 0),), last or (("d", name, 1),))))
        if flat.const is False and shape is not None and shape.dims is not None:
            return tensor(name, Shape(name, (*shape.dims[:-1], last or (("d", name, len(shape.dims) - 1),))))
        return tensor(name)
    if short == "Embedding":
        return tensor(name, append(shape, name))
    if short == "Flatten":
        return tensor(name, Shape(name, (shape.at(0) if shape else (("d", name, 0),), (("d", name, 1),))))
    if short.endswith(("2D", "2DTranspose")):
        return tensor(
            name, Shape(name, (shape.at(0) if shape else (("d", name, 0),), *((("d", name, i),) for i in (1, 2, 3))))
        )
    if short.endswith(("1D", "1DTranspose")):
        return tensor(name, ranked(name, 3))
    if short.endswith(("3D", "3DTranspose")):
        return tensor(name, ranked(name, 5))
    if short in RNN_LAYERS:
        out = tensor(name, Shape(name, (shape.at(0), shape.at(1), (("d", name, 2),))) if shape else ranked(name, 3))
        if not rest:
            return out
        states = Val("seq", item=tensor(f"{name}.s", ranked(f"{name}.s", 3)), bases=frozenset({name}))
        return seq([out, states])
    if short.endswith("Cell"):
        return seq([tensor(name, ranked(name, 2)), Val("seq", item=tensor(f"{name}.s"), bases=frozenset({name}))])
    if short.endswith("Loss"):
        return tensor(name, ranked(name, 1))
    return tensor(name)
