"""What TensorFlow's and Keras's names give: data for :mod:`._kinds`, and the sets that rules ask for.

Names are canonical (``keras.*`` for every road to Keras, ``tensorflow.*`` else).
"""

from __future__ import annotations

FUNCTION_NAMES = frozenset(
    {
        "tensorflow.function",
        "tensorflow.python.eager.def_function.function",
        "tensorflow.python.eager.polymorphic_function.polymorphic_function.function",
        "tensorflow.compat.v1.function",
    }
)
"""Roads to ``tf.function``."""

# Calls under ``tensorflow.`` that give no tensor.  Value: the kind that they give.
NOT_TENSOR: dict[str, str] = {
    "Variable": "variable", "GradientTape": "object", "TensorArray": "object", "TensorSpec": "object",
    "TensorShape": "shape", "print": "none", "executing_eagerly": "bool", "is_tensor": "bool", "name_scope": "object",
    "function": "unknown", "device": "object", "control_dependencies": "object", "get_static_value": "unknown",
    "as_dtype": "dtype", "init_scope": "object", "Graph": "object", "nest.map_structure": "unknown",
    "nest.flatten": "unknown", "group": "none", "py_function": "unknown", "numpy_function": "unknown",
    "random.set_seed": "none", "random.Generator.from_seed": "object", "random.Generator.from_non_deterministic_state":
    "object", "random.get_global_generator": "object", "summary.scalar": "none", "summary.histogram": "none",
    "summary.image": "none", "summary.create_file_writer": "object", "make_ndarray": "array",
    "autodiff.ForwardAccumulator":
    "object", "grad_pass_through": "function", "recompute_grad": "function", "custom_gradient": "function",
    "assert_equal": "none", "constant_initializer": "object", "zeros_initializer": "object",
    "ones_initializer": "object",
    "random_normal_initializer": "object", "random_uniform_initializer": "object", "Module": "object",
    "broadcast_static_shape": "shape", "cond": "unknown", "while_loop": "unknown", "case": "unknown",
    "switch_case": "unknown", "guarantee_const": "tensor",
}  # fmt: skip
NOT_TENSOR_PREFIXES: tuple[tuple[str, str], ...] = (
    ("data.", "dataset"), ("train.", "object"), ("distribute.", "object"), ("config.", "unknown"), ("io.gfile.",
    "unknown"),
    ("saved_model.", "unknown"), ("summary.", "unknown"), ("debugging.", "none"), ("nest.", "unknown"),
    ("errors.", "class"), ("experimental.dtensor.", "unknown"), ("lite.", "unknown"), ("types.", "unknown"),
    ("autograph.", "none"), ("profiler.", "unknown"), ("test.", "unknown"), ("dtypes.", "dtype"), ("logging.", "none"),
    ("initializers.", "layer"), ("optimizers.", "optimizer"), ("losses.", "layer"), ("metrics.", "metric"),
    ("compat.v1.logging.", "none"), ("python.", "unknown"), ("app.", "unknown"), ("flags.", "unknown"),
)  # fmt: skip
LISTS = frozenset({"unstack", "split", "meshgrid", "gradients", "nn.moments", "unique", "linalg.eigh", "linalg.svd",
                   "linalg.slogdet", "linalg.lu", "linalg.eig",
                   "linalg.qr", "math.top_k", "nn.top_k", "dynamic_partition", "nn.weighted_moments", "eigh",
                   "unique_with_counts", "sparse.split", "approx_top_k", "audio.decode_wav", "identity_n",
                   "io.decode_csv",
                   "image.sample_distorted_bounding_box", "image.stateless_sample_distorted_bounding_box",
                   "sample_distorted_bounding_box", "math.approx_max_k", "math.approx_min_k", "nn.collapse_repeated",
                   "nn.ctc_unique_labels", "nn.fractional_avg_pool", "nn.fractional_max_pool",
                   "nn.max_pool_with_argmax", "nn.normalize_moments", "shape_n", "quantization.quantize",
                   "required_space_to_batch_paddings", "strings.unicode_decode_with_offsets",
                   "strings.unicode_split_with_offsets"})  # fmt: skip
"""Calls that give a list or tuple of tensors."""
DICTS = frozenset({"io.parse_example", "io.parse_single_example", "parse_example", "parse_single_example"})
"""Calls that give a dict of tensors."""
MIXED = frozenset({"nn.ctc_beam_search_decoder", "nn.ctc_greedy_decoder", "io.decode_proto",
                   "io.parse_sequence_example", "io.parse_single_sequence_example"})  # fmt: skip
"""Calls that give a tuple of lists and dicts of tensors."""

KERAS_PLAIN = {
    "ndim": "int", "dtype": "str", "is_tensor": "bool", "convert_to_numpy": "array", "int_shape": "shape",
    "floatx": "str", "backend": "str", "epsilon": "float", "image_data_format": "str", "is_float_dtype": "bool",
    "is_int_dtype": "bool", "is_keras_tensor": "bool", "is_sparse": "bool", "result_type": "str",
    "canonicalize_axis": "int", "standardize_dtype": "str", "standardize_data_format": "str", "get_uid": "int",
}  # fmt: skip
"""Functions of ``keras.ops`` and ``keras.backend`` that give no tensor, and the kind that they give."""
KERAS_LISTS = frozenset({"array_split", "hsplit", "vsplit", "dsplit", "meshgrid", "nonzero", "split", "unstack"})
KERAS_TUPLES = frozenset(
    {"eig", "eigh", "fft", "fft2", "ifft2", "rfft", "stft", "slogdet", "svd", "unravel_index", "qr", "top_k", "moments",
     "lu_factor", "histogram", "ctc_decode"}
)  # fmt: skip
"""Functions of ``keras.ops`` that give a list, or a tuple, of tensors."""

INPUTS = ("keras.Input", "keras.layers.Input")
"""What makes a symbolic input, by how its name begins (``InputLayer`` too)."""

PIPELINE_METHODS = frozenset(
    {"map", "flat_map", "interleave", "filter", "reduce", "scan", "take_while", "group_by_window", "apply",
     "bucket_by_sequence_length", "rejection_resample"}
)  # fmt: skip
"""Methods of ``tf.data.Dataset`` that trace a function they are given."""

TRAINING_METHODS = frozenset({"compile", "fit", "evaluate", "predict"})
"""Methods of Keras models that trace a function they are given."""

NO_EVIDENCE = frozenset(
    {"constant", "convert_to_tensor", "zeros", "ones", "fill", "range", "eye", "linspace", "Variable", "TensorSpec",
     "TensorShape", "cast", "as_dtype", "function", "print", "name_scope", "device", "TensorArray", "is_tensor",
     "identity_n", "one_hot", "sequence_mask", "random.normal", "random.uniform", "random.stateless_normal",
     "random.stateless_uniform", "random.truncated_normal", "random.set_seed", "ensure_shape", "group", "py_function",
     "numpy_function", "nest.map_structure", "map_fn", "cond", "while_loop", "custom_gradient", "recompute_grad",
     "no_gradient", "stop_gradient", "convert_to_tensor_or_indexed_slices", "autograph.to_graph",
     "control_dependencies",
     "register_tensor_conversion_function", "scan", "foldl", "foldr", "vectorized_map"}
)  # fmt: skip
"""Calls whose first argument is a shape, a number or a function: no evidence that it is a tensor."""

CREATORS = frozenset({"constant", "zeros", "ones", "fill", "range", "eye", "linspace", "convert_to_tensor", "Variable"})
"""Calls that make tensors from Python values: no computation that a graph would speed up."""

UNARY = frozenset(
    {"sqrt", "abs", "exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "asin", "acos", "atan", "sigmoid",
     "square",
     "sign", "floor", "round", "negative", "rsqrt", "log1p", "expm1", "erf", "lgamma", "digamma", "real", "imag",
     "reciprocal", "ceil", "is_nan", "is_inf", "is_finite", "logical_not", "identity", "zeros_like_v1", "stop_gradient",
     "relu", "relu6", "softplus", "softsign", "selu"}
)  # fmt: skip
"""``tf.f(x, name=None)``: a second positional argument is the name."""

TENSOR_KEYWORDS = frozenset({"labels", "logits", "x", "y", "a", "b", "inputs", "input", "tensor", "values", "params",
                             "indices", "input_tensor", "images", "condition"})  # fmt: skip
BINARY = frozenset(
    {"matmul", "add", "subtract", "multiply", "divide", "maximum", "minimum", "pow", "equal", "not_equal", "greater",
     "greater_equal", "less", "less_equal", "logical_and", "logical_or", "squared_difference", "atan2", "tensordot",
     "linalg.matmul", "linalg.solve", "linalg.matvec", "math.divide_no_nan", "floordiv", "truediv", "mod", "cross",
     "where", "gather", "nn.conv2d", "linalg.triangular_solve", "math.xdivy", "boolean_mask",
     "tensor_scatter_nd_update",
     "scatter_nd", "gather_nd"}
)  # fmt: skip
"""Calls whose second positional argument is a tensor too."""

BOOL_PARAMETERS = frozenset({"training", "is_training", "train", "trainable"})

LAYER_ROOTS = ("keras.layers.", "keras.losses.", "keras.initializers.", "keras.regularizers.", "keras.constraints.",
               "keras.applications.", "keras.models.", "keras.initializers")  # fmt: skip
SYMBOLIC = frozenset({"keras.Input", "keras.layers.Input", "keras.layers.InputLayer", "keras.engine.input_layer.Input"})

VARIABLE_LISTS = frozenset(
    {"trainable_variables", "variables", "weights", "trainable_weights", "non_trainable_weights",
     "non_trainable_variables"}
)  # fmt: skip

REMOVED = frozenset(
    {"placeholder", "Session", "InteractiveSession", "get_variable", "contrib", "global_variables_initializer",
     "enable_eager_execution", "ConfigProto", "placeholder_with_default", "layers", "app"}
)  # fmt: skip
"""What TensorFlow 1 has directly below ``tf`` and TensorFlow 2 hasn't."""

RUN_IN_PYTHON = frozenset(
    {"tensorflow.py_function", "tensorflow.numpy_function", "tensorflow.compat.v1.py_func",
     "tensorflow.compat.v1.py_function"}
)  # fmt: skip
"""Ops that call a Python function with values each time the graph runs."""
MODEL_SURFACE = frozenset(
    {"fit", "predict", "evaluate", "save", "save_weights", "load_weights", "summary", "export", "to_json", "compile",
     "get_weights", "set_weights", "train_on_batch", "test_on_batch", "predict_on_batch"}
)  # fmt: skip
"""Methods of a Keras model that cannot run inside a tf.function."""


def short(qualified: str) -> str:
    """Return the name below ``tensorflow.``, whichever version of the API it is reached by."""
    name = qualified.removeprefix("tensorflow.")
    for prefix in ("compat.v1.", "compat.v2.", "raw_ops."):
        name = name.removeprefix(prefix)
    return name


def leaf(qualified: str) -> str:
    """Return the short name without ``math.`` and ``nn.``."""
    name = short(qualified)
    for prefix in ("math.", "nn."):
        name = name.removeprefix(prefix)
    return name
