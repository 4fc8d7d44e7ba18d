"""Calls of framework functions, tensor methods and framework modules: the tables applied to arguments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from . import specs, tables
from .operators import iterate
from .ranks import function_rank, method_rank, module_rank
from .values import (
    NOCONST,
    NOTHING,
    OPAQUE,
    UNKNOWN,
    Depends,
    Value,
    constant,
    element_of,
    join,
    join_all,
    of,
    sequence,
    tensor,
)

if TYPE_CHECKING:
    from .arguments import Args
    from .frame import Frame

REMEMBERED = frozenset({"return_indices", "inplace"})
"""Constructor arguments that are kept (in :attr:`Value.keys`), since they change what a call gives or does."""
_LETTER = {"T": {"tensor", "variable"}, "i": {"int", "bool"}, "f": {"float", "int"}, "b": {"bool"}, "s": {"str"},
           "N": {"none"},
           "d": {"dtype"}, "v": {"device", "str"}, "o": {"object", "opaque"}}  # fmt: skip
_HOST_RANDOM = ("random.", "numpy.random.", "time.")


def result(framework: str, spec: Any, args: Args, receiver: Value | None = None) -> Value:
    """Return the result that a spec (or one of several signatures) tells."""
    if isinstance(spec, list):
        return _of_signatures(framework, spec, args)
    if spec == "=":
        return args.pos[0] if args.pos else receiver or UNKNOWN
    if spec == "u":
        values = args.pos
        if any(value.is_("array") for value in values):
            return of("array", depends=join_all(values).depends)
        numbers = bool(values) and all(value.is_number for value in values)
        return (
            of("float", "int", "bool", depends=join_all(values).depends)
            if numbers
            else of("array", "float", "int", "bool")
        )
    return specs.parse(spec, framework)


def _of_signatures(framework: str, rows: list[Any], args: Args) -> Value:
    fits = NOTHING
    for parameters, spec in rows:
        answer = _fits(parameters, args)
        if answer is True and not args.spread:
            return specs.parse(spec, framework)
        if answer is not False:
            fits = join(fits, specs.parse(spec, framework))
    return fits if fits.kinds else UNKNOWN


def _fits(parameters: list[Any], args: Args) -> bool | None:
    """Whether the arguments suit a signature; ``None`` where their kinds are not known well enough."""
    if args.spread:
        return None
    if len(args.pos) > len(parameters):
        return False
    names = [row[0] for row in parameters]
    sure = True
    given = dict(zip(names, args.pos, strict=False))
    for keyword, argument in args.kw.items():
        if keyword == "out":
            continue
        name = keyword if keyword in names else {"input": "self", "axis": "dim"}.get(keyword, keyword)
        if name not in names:
            return False
        given[name] = argument
    for name, accepted, required in parameters:
        if name not in given:
            if required:
                return False
            continue
        value = given[name]
        wanted: set[str] = set()
        for letter in accepted.split("|"):
            if letter.startswith(("L", "P", "(")):
                wanted |= {"list", "tuple", "shape"}
            elif letter == "?":
                wanted |= set(value.kinds)
            else:
                wanted |= _LETTER.get(letter, set())
        if value.kinds.isdisjoint({"unknown", "opaque"}):
            if value.kinds.isdisjoint(wanted):
                return False
            sure = sure and value.kinds <= wanted
        elif "opaque" in value.kinds and wanted <= {"tensor", "variable"}:
            return False
        else:
            sure = False
    return True if sure else None


def tensor_method(frame: Frame, base: Value, name: str, args: Args) -> Value:
    """Return ``tensor.name(args)``."""
    framework = base.framework or frame.framework
    if not framework:
        return UNKNOWN
    table = tables.table(framework)
    spec: Any = table.variable.get(name + "()") if base.is_("variable") else None
    if spec is None:
        spec = table.methods.get(name)
    if spec is None:
        held = table.attributes.get(name)
        return UNKNOWN if held is None else specs.parse(held, framework)
    if framework == "torch" and name in ("unique", "unique_consecutive", "nonzero"):
        return _optional_tuple(name, args)
    value = result(framework, spec, args, base)
    if value.is_tensor:
        rank = method_rank(base, name, args)
        return Value(value.kinds, rank=rank, depends=base.depends | Depends.VALUE, framework=framework, assumed=False)
    if value.kinds == {"shape"}:
        from .members import tensor_attribute

        return tensor_attribute(frame, base, "shape")
    if name in ("dim", "ndimension", "size", "numel", "nelement", "stride", "get_shape", "__len__", "element_size",
                "is_contiguous",
                "is_floating_point", "get_device", "is_complex"):  # fmt: skip
        if name in ("dim", "ndimension") and base.rank is not None:
            return constant(base.rank, Depends.SHAPE)
        return value.but(Depends.SHAPE)
    return value if value.has_tensor else value.but(Depends.VALUE)


def _optional_tuple(name: str, args: Args) -> Value:
    wanted = ("as_tuple",) if name == "nonzero" else ("return_inverse", "return_counts")
    flags = [args.kw[key].truth for key in wanted if key in args.kw]
    several = sequence("tuple", [tensor("torch")] * (1 + sum(flag is True for flag in flags)))
    if len(args.pos) > 1 or args.spread or None in flags:
        return join(tensor("torch"), of("tuple"))
    if any(flags):
        return Value(several.kinds, element=tensor("torch")) if name == "nonzero" else several
    return tensor("torch")


def call_function(frame: Frame, name: str, args: Args) -> Value:
    """Return what a framework's or the host's function gives."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special(frame, args)
    last = name.rsplit(".", 1)[-1]
    framework = "tensorflow" if name.startswith("keras") else name.split(".", 1)[0]
    if framework == "torch" and last in ("unique", "unique_consecutive", "nonzero"):
        return _optional_tuple(last, args)
    spec = tables.function_spec(name)
    if spec is None:
        return unknown_function(name, args)
    if (
        isinstance(spec, str)
        and spec == "T"
        and last.startswith(("max_pool", "adaptive_max_pool"))
        and "return_indices" in args.kw
    ):
        flag = args.kw["return_indices"].truth
        pair = sequence("tuple", [tensor(framework)] * 2)
        return tensor(framework) if flag is False else pair if flag else join(tensor(framework), pair)
    value = result(framework if framework in ("torch", "mxnet", "tensorflow") else "", spec, args)
    if value.is_tensor:
        return Value(value.kinds, rank=function_rank(last, args), depends=value.depends, framework=value.framework)
    if name.startswith(_HOST_RANDOM):
        return value.but(Depends.STATE)
    return value if value.has_tensor else value.but(join_all(args.pos).depends if args.pos else Depends.NOTHING)


def unknown_function(name: str, args: Args) -> Value:
    """A function that no table knows: its result isn't known, unless the name shows a class."""
    last = name.rsplit(".", 1)[-1]
    if last[:1].isupper() and not last.isupper():
        return Value(OPAQUE.kinds, cls=name + "()")
    return UNKNOWN


def unknown_method(frame: Frame, base: Value, name: str, args: Args) -> Value:
    """A method of something that isn't known; a few names belong to tensors and arrays alone."""
    known = _ONLY.get(name)
    if known is not None:
        return known
    return UNKNOWN


_ONLY: dict[str, Value] = {
    "asnumpy": of("array", depends=Depends.VALUE), "asscalar": of("float", "int", depends=Depends.VALUE),
    "startswith": of("bool"), "endswith": of("bool"), "lower": of("str"), "upper": of("str"),
    "numel": of("int", depends=Depends.SHAPE), "append": of("none"), "named_parameters": of("iterator"),
    "masked_fill": tensor(), "unsqueeze": tensor(), "masked_fill_": tensor(),
}  # fmt: skip


_MATCH = {"group": "s|N", "groups": "P[s|N]", "groupdict": "M", "start": "i", "end": "i", "span": "(i,i)"}


def object_method(frame: Frame, base: Value, name: str, args: Args) -> Value:
    """A method of a framework's object that is no module."""
    if base.cls is not None and base.cls.startswith("tensorflow.TensorArray"):
        if name in ("stack", "read", "concat", "gather", "size"):
            return tensor("tensorflow")
        if name in ("write", "unstack", "scatter", "split", "identity"):
            return base
    if base.cls == "re.Match":
        spec = _MATCH.get(name)
        return OPAQUE if spec is None else specs.parse(spec, "")
    if base.cls == "tensorflow.GradientTape":
        return UNKNOWN if name in ("gradient", "jacobian") else of("none")
    if base.cls is not None and base.cls.startswith("numpy.random"):
        spec = tables.function_spec("numpy.random." + name)
        return OPAQUE if spec is None else result("", spec, args).but(Depends.STATE)
    return UNKNOWN


def apply_framework(frame: Frame, module: Value, args: Args) -> Value:
    """Return what calling an instance of a framework's module class gives."""
    from .construct import SEQUENTIALS

    first = args.pos[0] if args.pos else next(iter(args.kw.values()), NOTHING)
    if module.cls in SEQUENTIALS:
        return _sequential(frame, module, args, first)
    found = tables.class_entry(module.cls) if module.cls else None
    if found is None:
        return UNKNOWN
    spec = found[1].get("call", "?")
    if spec == "=":
        return first
    flag = dict(module.keys or ()).get("return_indices")
    if flag is not None and flag.truth:
        return sequence("tuple", [tensor("torch")] * 2)
    if module.cls in ("torch.nn.LSTM", "torch.nn.GRU", "torch.nn.RNN") and not first.is_tensor:
        packed = of("object", cls="torch.nn.utils.rnn.PackedSequence")
        value = specs.parse(spec, "torch")
        output = packed if first.cls == packed.cls else UNKNOWN
        assert value.elements is not None
        return sequence("tuple", [output, value.elements[1]])
    if spec == "?" or not first.kinds:
        return UNKNOWN
    value = specs.parse(spec, module.framework)
    if value.is_tensor:
        return Value(
            value.kinds, rank=module_rank(module.cls or "", first), depends=value.depends, framework=value.framework
        )
    if module.framework in ("mxnet", "tensorflow") and len(value.kinds) > 1:
        return _recurrent(module, value, args)
    return value


def _recurrent(module: Value, value: Value, args: Args) -> Value:
    """A recurrent layer gives its states too when it was given some."""
    if module.framework == "mxnet" and not args.spread:
        with_states = len(args.pos) > 1 or "states" in args.kw
        keep = "tuple" if with_states else "tensor"
        return replace(value, kinds=frozenset({keep}), elements=value.elements if with_states else None)
    return value


def _sequential(frame: Frame, module: Value, args: Args, first: Value) -> Value:
    from .arguments import Args as Arguments
    from .calls import call_value

    if module.elements is not None:
        value = first
        for child in module.elements:
            child = child.settled() if child.known else child
            pos = (
                list(value.elements)
                if value.is_("tuple") and value.elements and child.framework == "mxnet"
                else [value]
            )
            value = call_value(frame, child, Arguments(pos, {}, False))
        return value
    element = element_of(module) if module.element is not None else UNKNOWN
    if element.is_("module") and (element.cls is not None or element.options is not None):
        value = join(first, call_value(frame, element, Arguments([first], {}, False)))
        if value.known:
            return value
    if first.is_tensor:  # children that aren't known: from tensor to tensor is what Sequential is used for
        return replace(tensor(module.framework), assumed=True)
    return UNKNOWN


def _split(frame: Frame, args: Args) -> Value:
    count = args.get(1, "num_or_size_splits")
    if count is not None and isinstance(count.const, int) and count.const <= 16:
        return sequence("list", [tensor("tensorflow")] * count.const)
    if count is not None and count.elements is not None:
        return sequence("list", [tensor("tensorflow")] * len(count.elements))
    return Value(frozenset({"list"}), element=tensor("tensorflow"), depends=Depends.VALUE)


def _nd_split(frame: Frame, args: Args) -> Value:
    count = args.get(1, "num_outputs")
    if count is not None and isinstance(count.const, int):
        if count.const == 1:
            return tensor("mxnet")
        return sequence("list", [tensor("mxnet")] * count.const) if count.const <= 16 else of("list")
    listed = Value(frozenset({"list"}), element=tensor("mxnet"), depends=Depends.VALUE)
    return listed if count is not None and not count.known else join(listed, tensor("mxnet"))


def _chunk(frame: Frame, args: Args) -> Value:
    return Value(frozenset({"tuple"}), element=tensor("torch"), depends=Depends.VALUE)


def _checkpoint(frame: Frame, args: Args) -> Value:
    from .arguments import Args as Arguments
    from .calls import call_value

    return call_value(frame, args.pos[0], Arguments(args.pos[1:], {}, args.spread)) if args.pos else UNKNOWN


def _variable(frame: Frame, args: Args) -> Value:
    return replace(tensor("torch"), rank=args.pos[0].rank if args.pos and args.pos[0].is_tensor else None)


def _reduce(frame: Frame, args: Args) -> Value:
    if len(args.pos) < 2:
        return UNKNOWN
    element = iterate(args.pos[1])
    return element if element.is_tensor or element.is_number else UNKNOWN


def _ndarray_shape(frame: Frame, args: Args) -> Value:
    return Value(frozenset({"tuple"}), element=of("int", depends=Depends.SHAPE), depends=Depends.SHAPE)


def _map_structure(frame: Frame, args: Args) -> Value:
    """The same structure with what the function makes of each leaf."""
    from .arguments import Args as Arguments
    from .calls import call_value

    if len(args.pos) != 2 or args.spread:
        return UNKNOWN
    function, given = args.pos

    def mapped(value: Value, depth: int) -> Value:
        if value.is_("list", "tuple") and depth:
            if value.elements is not None:
                return replace(value, elements=tuple(mapped(item, depth - 1) for item in value.elements), site=0)
            element = UNKNOWN if value.element is None else mapped(value.element, depth - 1)
            return replace(value, element=element, site=0)
        if not value.known or not value.kinds.isdisjoint({"list", "tuple", "dict"}):
            return UNKNOWN
        return call_value(frame, function, Arguments([value], {}, False))

    return mapped(given, 3)


def _activation(frame: Frame, args: Args) -> Value:
    return of("function", cls="keras.activations.*", framework="tensorflow", depends=Depends.CONFIG)


_SPECIAL = {
    "keras.activations.get": _activation,
    "tensorflow.split": _split, "mxnet.nd.split": _nd_split, "mxnet.nd.SliceChannel": _nd_split, "torch.chunk": _chunk,
    "torch.utils.checkpoint.checkpoint": _checkpoint, "torch.autograd.Variable": _variable, "functools.reduce": _reduce,
    "keras.tree.map_structure": _map_structure, "tensorflow.nest.map_structure": _map_structure,
    "keras.ops.split": _split, "keras.ops.shape": _ndarray_shape,
}  # fmt: skip

__all__ = [
    "NOCONST",
    "REMEMBERED",
    "apply_framework",
    "call_function",
    "object_method",
    "result",
    "tensor_method",
    "unknown_function",
]
