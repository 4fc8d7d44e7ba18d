"""What ``forward`` of PyTorch's own modules computes, written out for classes that derive from them.

Source: torch/nn/modules of PyTorch 2.13; each is compared with the module itself in the tests.
"""

from __future__ import annotations

_POOL = "self.kernel_size, self.stride, self.padding"
_MAX = f"{_POOL}, self.dilation, ceil_mode=self.ceil_mode, return_indices=self.return_indices"
_AVERAGE = f"{_POOL}, self.ceil_mode, self.count_include_pad"
_TRANSPOSED = "self.stride, self.padding, self.output_padding, self.groups, self.dilation"
_WEIGHTED = "self.weight, self.bias"
_LOOKUP = "self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse"

# a function of torch.nn.functional, or a method, with what it is given; `{}` are the arguments of `forward`
CALLS = {
    "Linear": f"linear({{}}, {_WEIGHTED})",
    "Bilinear": f"bilinear({{}}, {{}}, {_WEIGHTED})",
    "LayerNorm": f"layer_norm({{}}, self.normalized_shape, {_WEIGHTED}, self.eps)",
    "GroupNorm": f"group_norm({{}}, self.num_groups, {_WEIGHTED}, self.eps)",
    "Embedding": f"embedding({{}}, self.weight, {_LOOKUP})",
    **{f"Conv{n}d": f"self._conv_forward({{}}, {_WEIGHTED})" for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": f"conv_transpose{n}d({{}}, {_WEIGHTED}, {_TRANSPOSED})" for n in (1, 2, 3)},
    **{f"MaxPool{n}d": f"max_pool{n}d({{}}, {_MAX})" for n in (1, 2, 3)},
    "AvgPool1d": f"avg_pool1d({{}}, {_AVERAGE})",
    **{f"AvgPool{n}d": f"avg_pool{n}d({{}}, {_AVERAGE}, self.divisor_override)" for n in (2, 3)},
    **{
        f"Adaptive{kind}Pool{n}d": f"adaptive_{kind.lower()}_pool{n}d({{}}, self.output_size{more})"
        for kind, more in (("Avg", ""), ("Max", ", self.return_indices"))
        for n in (1, 2, 3)
    },
    "Dropout": "dropout({}, self.p, self.training, self.inplace)",
    **{f"Dropout{n}d": f"dropout{n}d({{}}, self.p, self.training, self.inplace)" for n in (1, 2, 3)},
    "ReLU": "relu({}, inplace=self.inplace)",
    "LeakyReLU": "leaky_relu({}, self.negative_slope, self.inplace)",
    "ELU": "elu({}, self.alpha, self.inplace)",
    "PReLU": "prelu({}, self.weight)",
    "SiLU": "silu({}, inplace=self.inplace)",
    "GELU": "gelu({}, approximate=self.approximate)",
    "Hardtanh": "hardtanh({}, self.min_val, self.max_val, self.inplace)",
    "ReLU6": "hardtanh({}, self.min_val, self.max_val, self.inplace)",
    "Softplus": "softplus({}, self.beta, self.threshold)",
    "Softmax": "softmax({}, self.dim)",
    "LogSoftmax": "log_softmax({}, self.dim)",
    "Upsample": "interpolate({}, self.size, self.scale_factor, self.mode, self.align_corners, "
    "recompute_scale_factor=self.recompute_scale_factor)",
    "PixelShuffle": "pixel_shuffle({}, self.upscale_factor)",
    "PixelUnshuffle": "pixel_unshuffle({}, self.downscale_factor)",
    "CosineSimilarity": "cosine_similarity({}, {}, self.dim, self.eps)",
    "PairwiseDistance": "pairwise_distance({}, {}, self.norm, self.eps, self.keepdim)",
    "L1Loss": "l1_loss({}, {}, reduction=self.reduction)",
    "MSELoss": "mse_loss({}, {}, reduction=self.reduction)",
    "SmoothL1Loss": "smooth_l1_loss({}, {}, reduction=self.reduction, beta=self.beta)",
    "KLDivLoss": "kl_div({}, {}, reduction=self.reduction, log_target=self.log_target)",
    "NLLLoss": "nll_loss({}, {}, weight=self.weight, ignore_index=self.ignore_index, reduction=self.reduction)",
    "BCELoss": "binary_cross_entropy({}, {}, weight=self.weight, reduction=self.reduction)",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits({}, {}, self.weight, pos_weight=self.pos_weight, "
    "reduction=self.reduction)",
    "CrossEntropyLoss": "cross_entropy({}, {}, weight=self.weight, ignore_index=self.ignore_index, "
    "reduction=self.reduction, label_smoothing=self.label_smoothing)",
}

_BATCH_NORM = (
    "self._check_input_dim(x)",
    "factor = 0.0 if self.momentum is None else self.momentum",
    "if self.training and self.track_running_stats and self.num_batches_tracked is not None:",
    "    self.num_batches_tracked.add_(1)",
    "    if self.momentum is None:",
    "        factor = 1.0 / float(self.num_batches_tracked)",
    "by_batch = self.training or (self.running_mean is None and self.running_var is None)",
    "kept = not self.training or self.track_running_stats",
    "mean, variance = self.running_mean if kept else None, self.running_var if kept else None",
    "return {functional}.batch_norm(",
    "    x, mean, variance, self.weight, self.bias, by_batch, factor, self.eps",
    ")",
)

_INSTANCE_NORM = (
    "self._check_input_dim(x)",
    "if self.affine and x.size(x.dim() - self._get_no_batch_dim()) != self.num_features:",
    '    raise ValueError("expected an input of {} channels".format(self.num_features))',
    "if x.dim() == self._get_no_batch_dim():",
    "    return self._handle_no_batch_input(x)",
    "return self._apply_instance_norm(x)",
)

# the lines of a method that takes `x`
METHODS = {f"BatchNorm{n}d": _BATCH_NORM for n in (1, 2, 3)} | {f"InstanceNorm{n}d": _INSTANCE_NORM for n in (1, 2, 3)}


def short_name(qualified: str) -> str:
    """Return ``Linear`` for ``torch.nn.Linear`` and ``torch.nn.modules.linear.Linear``; '' for what is no module."""
    return qualified.rpartition(".")[2] if qualified.startswith("torch.nn.") else ""
