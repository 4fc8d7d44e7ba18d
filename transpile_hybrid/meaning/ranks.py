"""Ranks: how many dimensions a tensor has after an operation, where the operation alone tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .values import Value

if TYPE_CHECKING:
    from .arguments import Args

_SAME_METHODS = frozenset(
    [
        "contiguous",
        "clone",
        "detach",
        "float",
        "double",
        "half",
        "long",
        "int",
        "bool",
        "bfloat16",
        "to",
        "type",
        "cuda",
        "cpu",
        "type_as",
        "transpose",
        "permute",
        "relu",
        "sigmoid",
        "tanh",
        "exp",
        "log",
        "sqrt",
        "abs",
        "neg",
        "clamp",
        "clamp_",
        "masked_fill",
        "masked_fill_",
        "add_",
        "mul_",
        "sub_",
        "div_",
        "add_",
        "softmax",
        "log_softmax",
        "cumsum",
        "flip",
        "roll",
        "copy_",
        "zero_",
        "fill_",
        "requires_grad_",
        "astype",
        "copy",
        "swapaxes",
        "as_in_context",
        "as_nd_ndarray",
        "as_np_ndarray",
        "gather",
        "scatter_",
        "index_select",
        "triu",
        "tril",
    ]
)
_SAME_FUNCTIONS = frozenset(
    [
        "relu",
        "relu_",
        "gelu",
        "elu",
        "selu",
        "leaky_relu",
        "leaky_relu_",
        "sigmoid",
        "tanh",
        "softmax",
        "log_softmax",
        "softplus",
        "hardtanh",
        "hardswish",
        "hardsigmoid",
        "silu",
        "mish",
        "dropout",
        "dropout2d",
        "dropout3d",
        "batch_norm",
        "instance_norm",
        "layer_norm",
        "group_norm",
        "normalize",
        "conv1d",
        "conv2d",
        "conv3d",
        "conv_transpose1d",
        "conv_transpose2d",
        "conv_transpose3d",
        "max_pool1d",
        "max_pool2d",
        "max_pool3d",
        "avg_pool1d",
        "avg_pool2d",
        "avg_pool3d",
        "adaptive_avg_pool1d",
        "adaptive_avg_pool2d",
        "adaptive_avg_pool3d",
        "interpolate",
        "upsample",
        "pixel_shuffle",
        "linear",
        "exp",
        "log",
        "sqrt",
        "abs",
        "clamp",
        "zeros_like",
        "ones_like",
        "rand_like",
        "randn_like",
        "empty_like",
        "full_like",
        "transpose",
        "permute",
        "sign",
        "sin",
        "cos",
        "square",
        "erf",
        "triu",
        "tril",
        "cumsum",
        "flip",
        "roll",
        "identity",
        "cast",
        "stop_gradient",
        "BlockGrad",
        "Activation",
        "LeakyReLU",
        "Dropout",
    ]
)
_SAME_MODULES = frozenset(
    [
        "Linear",
        "Conv1d",
        "Conv2d",
        "Conv3d",
        "ConvTranspose1d",
        "ConvTranspose2d",
        "ConvTranspose3d",
        "BatchNorm1d",
        "BatchNorm2d",
        "BatchNorm3d",
        "LayerNorm",
        "GroupNorm",
        "InstanceNorm1d",
        "InstanceNorm2d",
        "InstanceNorm3d",
        "SyncBatchNorm",
        "ReLU",
        "ReLU6",
        "LeakyReLU",
        "PReLU",
        "ELU",
        "SELU",
        "GELU",
        "Sigmoid",
        "Tanh",
        "Softmax",
        "LogSoftmax",
        "Softplus",
        "Hardtanh",
        "Hardswish",
        "Hardsigmoid",
        "SiLU",
        "Mish",
        "Dropout",
        "Dropout2d",
        "Dropout3d",
        "AlphaDropout",
        "MaxPool1d",
        "MaxPool2d",
        "MaxPool3d",
        "AvgPool1d",
        "AvgPool2d",
        "AvgPool3d",
        "AdaptiveAvgPool1d",
        "AdaptiveAvgPool2d",
        "AdaptiveAvgPool3d",
        "AdaptiveMaxPool2d",
        "Upsample",
        "ZeroPad2d",
        "ReflectionPad2d",
        "ReplicationPad2d",
        "ConstantPad2d",
        "PixelShuffle",
        "UpsamplingBilinear2d",
        "UpsamplingNearest2d",
        "Conv1D",
        "Conv2D",
        "Conv3D",
        "Conv2DTranspose",
        "BatchNorm",
        "BatchNormalization",
        "LayerNormalization",
        "MaxPool2D",
        "AvgPool2D",
        "MaxPooling2D",
        "AveragePooling2D",
    ]
)


def _sized(args: Args, start: int) -> int | None:
    """The length of a shape that is given as one sequence or as separate numbers."""
    if args.spread or args.kw:
        return None
    sizes = args.pos[start:]
    if len(sizes) == 1 and not sizes[0].is_("int"):
        return len(sizes[0].elements) if sizes[0].elements is not None else None
    return len(sizes) or None


_REDUCES = ("sum", "mean", "max", "min", "prod", "std", "var", "norm")


def method_rank(base: Value, name: str, args: Args) -> int | None:
    """Return the rank of ``base.name(args)``."""
    if name in ("view", "reshape", "expand", "repeat", "new_zeros", "new_ones", "permute"):
        if name in ("view", "reshape") and args.pos and args.pos[0].is_("dtype"):
            return None
        return _sized(args, 0) if base.framework != "mxnet" else None
    rank = base.rank
    if rank is None:
        return 0 if base.framework == "torch" and name in _REDUCES and not args.pos and not args.kw else None
    if name in _SAME_METHODS:
        return rank
    if name in ("unsqueeze", "expand_dims"):
        return rank + 1
    if name == "squeeze" and len(args.pos) == 1:
        return None
    if name in _REDUCES and not args.pos and not args.kw:
        return 0
    return None


def function_rank(name: str, args: Args) -> int | None:
    """Return the rank of a framework function's result."""
    if not args.pos or args.spread:
        return None
    first = args.pos[0]
    if name in ("zeros", "ones", "rand", "randn", "empty"):
        return _sized(args, 0) if not args.kw else None
    if name == "reshape" and len(args.pos) == 2:
        return len(args.pos[1].elements) if args.pos[1].elements is not None else None
    if name in ("arange", "linspace"):
        return 1
    if name in ("cat", "concat", "concatenate") and first.elements:
        ranks = {item.rank for item in first.elements}
        return ranks.pop() if len(ranks) == 1 else None
    if name == "stack" and first.elements:
        ranks = {item.rank for item in first.elements}
        only = ranks.pop() if len(ranks) == 1 else None
        return None if only is None else only + 1
    if first.rank is None or not first.is_tensor:
        return None
    if name in _SAME_FUNCTIONS:
        return first.rank
    if name in ("unsqueeze", "expand_dims"):
        return first.rank + 1
    return None


def module_rank(name: str, argument: Value) -> int | None:
    """Return the rank of what a framework's module gives."""
    short = name.rsplit(".", 1)[-1]
    if argument.rank is None or not argument.is_tensor:
        return None
    if short == "Embedding":
        return argument.rank + 1
    if name.startswith("mxnet.gluon") and short == "Dense":
        return None  # flattens unless told otherwise
    return argument.rank if short in _SAME_MODULES or name == "keras.layers.Dense" else None
