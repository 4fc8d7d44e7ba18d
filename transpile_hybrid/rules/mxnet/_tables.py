"""Which names the hybrid side has, from introspecting MXNet 1.9.1."""

from __future__ import annotations

from ._words import names

# Functions of the eager namespaces that F lacks.
ND_MISSING = names(
    "add array concatenate divide empty equal from_dlpack from_numpy greater greater_equal imdecode lesser",
    "lesser_equal load load_frombuffer logical_and logical_or logical_xor modulo moveaxis multiply not_equal",
    "onehot_encode save subtract to_dlpack_for_read to_dlpack_for_write true_divide waitall NDArray",
    "contrib.isfinite contrib.isinf contrib.isnan sparse.add sparse.array sparse.csr_matrix sparse.divide",
    "sparse.empty sparse.gs_retain sparse.multiply sparse.row_sparse_array sparse.subtract sparse.zeros",
    "random.multivariate_normal contrib.boolean_mask",
)
NP_MISSING = names(
    "allclose alltrue apply_along_axis apply_over_axes argpartition argwhere array array_equal array_equiv",
    "broadcast_arrays choose compress corrcoef correlate count_nonzero cov digitize divmod empty extract",
    "flatnonzero float_power frexp genfromtxt heaviside histogram2d histogram_bin_edges histogramdd i0 in1d",
    "interp intersect1d isclose isin ix_ lexsort meshgrid min_scalar_type mirr modf msort nanargmax nanargmin",
    "nancumprod nancumsum nanmax nanmedian nanmin nanpercentile nanprod nanquantile ndim nonzero npv packbits",
    "partition piecewise poly polyadd polydiv polyfit polyint polymul polysub positive ppmt promote_types ptp",
    "pv rate real result_type rollaxis roots searchsorted select setdiff1d setxor1d shape signbit size spacing",
    "take_along_axis trapz tril_indices_from trim_zeros triu_indices_from union1d unpackbits unwrap vander",
    "linalg.cond linalg.lstsq linalg.matrix_power linalg.matrix_rank linalg.multi_dot linalg.qr",
    "random.multinomial random.randn",
)
NPX_MISSING = names(
    "Context cpu cpu_pinned current_context gpu gpu_memory_info is_np_array is_np_shape load num_gpus reset_np",
    "save set_np waitall random.seed",
)
# Legacy functions that broadcast and that F has under another name.
ND_RENAMED = {
    "add": "broadcast_add", "subtract": "broadcast_sub", "multiply": "broadcast_mul", "divide": "broadcast_div",
    "true_divide": "broadcast_div", "modulo": "broadcast_mod", "equal": "broadcast_equal",
    "not_equal": "broadcast_not_equal", "greater": "broadcast_greater", "greater_equal": "broadcast_greater_equal",
    "lesser": "broadcast_lesser", "lesser_equal": "broadcast_lesser_equal", "logical_and": "broadcast_logical_and",
    "logical_or": "broadcast_logical_or", "logical_xor": "broadcast_logical_xor",
}  # fmt: skip
# The same with a Python number for one argument: an operator.
ND_OPERATORS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "true_divide": "/", "modulo": "%", "equal": "==",
    "not_equal": "!=", "greater": ">", "greater_equal": ">=", "lesser": "<", "lesser_equal": "<=",
}  # fmt: skip
# Constants and types that stay what they are: they are Python objects, no operators.
NO_OPERATOR = names(
    "pi e inf nan newaxis float16 float32 float64 int8 int32 int64 uint8 bool bool_ dtype ndarray NDArray",
)
CONTEXTS = frozenset({"cpu", "gpu", "current_context", "Context", "cpu_pinned", "num_gpus"})
BINARY_OPERATORS = {
    "Add": "broadcast_add", "Sub": "broadcast_sub", "Mult": "broadcast_mul", "Div": "broadcast_div",
    "Mod": "broadcast_mod", "Pow": "broadcast_power", "Eq": "broadcast_equal", "NotEq": "broadcast_not_equal",
    "Gt": "broadcast_greater", "GtE": "broadcast_greater_equal", "Lt": "broadcast_lesser",
    "LtE": "broadcast_lesser_equal",
}  # fmt: skip
OPERATOR_TEXT = {
    "Add": "+",
    "Sub": "-",
    "Mult": "*",
    "Div": "/",
    "Mod": "%",
    "Pow": "**",
    "FloorDiv": "//",
    "MatMult": "@",
}
# Methods that an array has and a Symbol has not, by API.
ND_METHODS_MISSING = frozenset({"copyto", "attach_grad", "slice_assign", "slice_assign_scalar", "tostype", "backward"})
NP_METHODS_MISSING = names(
    "copyto attach_grad backward nonzero tostype all any sort broadcast_to",
)


def missing(api: str, op: str) -> bool:
    """Whether F lacks the operator."""
    return op in {"nd": ND_MISSING, "np": NP_MISSING, "npx": NPX_MISSING}[api]
