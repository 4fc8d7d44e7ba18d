"""Operators and layers by what they give."""

from __future__ import annotations

from ._words import names

# The result has the shape of the first argument.
SAME = names(
    "relu sigmoid tanh exp log sqrt square abs negative log1p expm1 log2 log10 sin cos tan sinh cosh arcsin",
    "arccos arctan arcsinh arccosh arctanh sign ceil floor round rint trunc fix erf erfinv gamma gammaln",
    "reciprocal rsqrt cbrt rcbrt softmax log_softmax softmin clip cast identity zeros_like ones_like BlockGrad",
    "stop_gradient Dropout dropout LayerNorm layer_norm BatchNorm batch_norm GroupNorm group_norm InstanceNorm",
    "L2Normalization Activation activation LeakyReLU leaky_relu SequenceMask sequence_mask flip degrees",
    "radians hard_sigmoid softsign logical_not smooth_l1 full_like sort cumsum shuffle gelu copy amp_cast",
    "masked_softmax SequenceReverse sequence_reverse Cast reverse LRN softrelu isnan isinf isfinite astype",
    "uniform_like normal_like make_loss MakeLoss contrib.div_sqrt_dim div_sqrt_dim index_update index_add roll",
    "nan_to_num fliplr flipud",
)
REDUCE = names(
    "sum mean max min prod nansum nanprod argmax argmin norm std var max_axis min_axis sum_axis median average",
    "any all",
)
BINARY = names(
    "add subtract multiply divide true_divide maximum minimum power mod modulo fmod equal not_equal greater",
    "greater_equal less less_equal lesser lesser_equal logical_and logical_or logical_xor arctan2 hypot",
    "copysign elemwise_add elemwise_sub elemwise_mul elemwise_div bitwise_and bitwise_or bitwise_xor",
    "float_power",
)
COMPARES = names(
    "equal not_equal greater greater_equal less less_equal lesser lesser_equal logical_and logical_or",
    "logical_xor logical_not isnan isinf isfinite any all",
)
# Layers whose output has the shape of their input.
SAME_LAYERS = names(
    "BatchNorm SyncBatchNorm LayerNorm GroupNorm InstanceNorm Dropout Activation LeakyReLU PReLU ELU SELU GELU",
    "Swish SiLU Identity",
)
# Operators with several results: lists of arrays eagerly, and of outputs as Symbols, so that an index means the same.
SEVERAL = names(
    "MultiBoxTarget box_encode calibrate_entropy hawkesll histogram gelqf slogdet syevd linalg_gelqf",
    "linalg_slogdet linalg_syevd moments atleast_1d atleast_2d atleast_3d eig eigh svd multibox_target",
    "amp_multicast bipartite_matching rand_zipfian mrcnn_mask_target hsplit vsplit dsplit _sample_unique_zipfian",
    "_histogram",
)
# How many results these have depends on their arguments, or on what is not known.
UNSURE = names(
    "Custom RNN rnn foreach while_loop cond unique nonzero meshgrid broadcast_arrays sample_multinomial",
    "multinomial Proposal MultiProposal Group lstsq qr divmod modf frexp",
)
RNN_LAYERS = frozenset({"LSTM", "GRU", "RNN"})
# The result has the dtype of the first argument.
KEEP_DTYPE = names(
    "abs negative flip clip identity copy zeros_like ones_like cumsum sort transpose reshape expand_dims",
    "squeeze swapaxes flatten slice slice_axis take where repeat tile broadcast_to maximum minimum add",
    "subtract multiply mod roll max min broadcast_like reverse stack concatenate concat full_like array",
)
COUNTS = names(
    "argmax argmin argsort bincount nonzero count_nonzero",
)
