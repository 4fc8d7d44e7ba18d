"""The table of host code: NumPy, ``math`` and ``random``, whose results are no tensors."""

from __future__ import annotations

import math
import string
from typing import Any

import numpy as np
from introspect import FORMAT, write

_ARRAYS = [
    "array",
    "asarray",
    "ascontiguousarray",
    "asfortranarray",
    "asanyarray",
    "zeros",
    "ones",
    "empty",
    "full",
    "zeros_like",
    "ones_like",
    "empty_like",
    "full_like",
    "arange",
    "linspace",
    "logspace",
    "geomspace",
    "eye",
    "identity",
    "diag",
    "diagflat",
    "tri",
    "tril",
    "triu",
    "vander",
    "concatenate",
    "stack",
    "vstack",
    "hstack",
    "dstack",
    "column_stack",
    "row_stack",
    "tile",
    "repeat",
    "reshape",
    "ravel",
    "transpose",
    "swapaxes",
    "moveaxis",
    "rollaxis",
    "expand_dims",
    "squeeze",
    "flip",
    "fliplr",
    "flipud",
    "roll",
    "rot90",
    "pad",
    "clip",
    "sort",
    "argsort",
    "argwhere",
    "where_",
    "unique",
    "nonzero_",
    "cumsum",
    "cumprod",
    "diff",
    "outer",
    "kron",
    "cross",
    "fromiter",
    "fromfile",
    "frombuffer",
    "fromstring",
    "loadtxt",
    "genfromtxt",
    "broadcast_to",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "append",
    "delete",
    "insert",
    "resize",
    "delete",
    "select",
    "choose",
    "take",
    "take_along_axis",
    "compress",
    "searchsorted",
    "digitize",
    "bincount",
    "copy",
    "nan_to_num",
    "real",
    "imag",
    "flatnonzero",
    "hanning",
    "hamming",
    "blackman",
    "bartlett",
    "kaiser",
    "sinc",
    "convolve",
    "correlate",
    "polyfit",
    "polyval",
    "meshgrid_",
    "random.rand_",
    "random.permutation",
    "linalg.inv",
    "linalg.pinv",
    "linalg.cholesky",
    "linalg.solve",
    "fft.fft",
    "fft.ifft",
    "fft.rfft",
    "random.dirichlet",
    "random.multivariate_normal",
]
_NUMBERS = {
    "prod": "A|f|i", "sum": "A|f|i", "mean": "A|f", "std": "A|f", "var": "A|f", "max": "A|f|i", "min": "A|f|i",
    "amax": "A|f|i",
    "amin": "A|f|i", "argmax": "A|i", "argmin": "A|i", "median": "A|f", "percentile": "A|f", "quantile": "A|f",
    "dot": "A|f|i",
    "matmul": "A|f|i", "inner": "A|f|i", "vdot": "f|i", "trace": "A|f|i", "any": "A|b", "all": "A|b", "allclose": "b",
    "array_equal": "b", "size": "i", "ndim": "i", "shape": "P[i]", "count_nonzero": "A|i", "isscalar": "b",
    "iterable": "b",
    "round": "A|f|i", "around": "A|f|i", "average": "A|f", "ptp": "A|f|i", "cov": "A", "corrcoef": "A", "interp": "A|f",
    "meshgrid": "L[A]", "split": "L[A]", "array_split": "L[A]", "hsplit": "L[A]", "vsplit": "L[A]", "nonzero": "P[A]",
    "where": "A|P[A]", "unravel_index": "P", "linalg.norm": "A|f", "linalg.det": "A|f", "linalg.svd": "P[A]|A",
    "linalg.qr": "P[A]|A",
    "linalg.eig": "P[A]", "linalg.eigh": "P[A]", "random.seed": "N", "random.rand": "A|f", "random.randn": "A|f",
    "random.random": "A|f", "random.random_sample": "A|f", "random.uniform": "A|f", "random.normal": "A|f",
    "random.randint": "A|i",
    "random.choice": "?", "random.shuffle": "N", "random.beta": "A|f", "random.binomial": "A|i",
    "random.standard_normal": "A|f",
    "random.RandomState": "o<numpy.random.RandomState>", "random.default_rng": "o<numpy.random.Generator>",
    "einsum": "A|f|i",
    "dtype": "d", "finfo": "o<numpy.finfo>", "iinfo": "o<numpy.iinfo>", "load": "?", "save": "N", "ceil": "u",
    "floor": "u",
    "int32": "i", "int64": "i", "int8": "i", "int16": "i", "uint8": "i", "uint32": "i", "uint64": "i", "float32": "f",
    "float64": "f",
    "float16": "f", "bool_": "b", "ndenumerate": "I", "ndindex": "I", "vectorize": "F", "tensordot": "A", "block": "A",
    "apply_along_axis": "A", "isin": "A|b", "in1d": "A", "histogram": "(A,A)", "iscomplexobj": "b", "float_power": "u",
}  # fmt: skip
_METHODS = {
    "astype": "A", "reshape": "A", "transpose": "A", "copy": "A", "flatten": "A", "ravel": "A", "squeeze": "A",
    "swapaxes": "A",
    "sum": "A|f|i", "mean": "A|f", "std": "A|f", "var": "A|f", "max": "A|f|i", "min": "A|f|i", "prod": "A|f|i",
    "argmax": "A|i",
    "argmin": "A|i", "argsort": "A", "sort": "N", "cumsum": "A", "cumprod": "A", "clip": "A", "dot": "A|f|i",
    "item": "i|f|b",
    "tolist": "L|i|f", "repeat": "A", "round": "A|f", "take": "A", "trace": "A|f|i", "any": "A|b", "all": "A|b",
    "nonzero": "P[A]",
    "view": "A", "fill": "N", "tobytes": "?", "diagonal": "A", "conj": "A", "searchsorted": "A|i", "choose": "A",
}  # fmt: skip
_ATTRIBUTES = {"shape": "P[i]", "dtype": "d", "ndim": "i", "size": "i", "T": "A", "real": "A", "imag": "A",
               "itemsize": "i", "nbytes": "i",
               "flat": "I", "strides": "P[i]", "base": "A|N"}  # fmt: skip
_OTHER = {
    "random.random": "f", "random.uniform": "f", "random.gauss": "f", "random.normalvariate": "f",
    "random.betavariate": "f",
    "random.randint": "i", "random.randrange": "i", "random.getrandbits": "i", "random.shuffle": "N",
    "random.seed": "N",
    "random.sample": "L", "random.choices": "L", "random.choice": "?", "time.time": "f", "time.perf_counter": "f",
    "time.monotonic": "f", "time.process_time": "f", "time.sleep": "N", "os.path.join": "s", "os.path.exists": "b",
    "os.path.basename": "s", "os.path.dirname": "s", "os.path.isfile": "b", "os.path.isdir": "b", "os.getcwd": "s",
    "os.listdir": "L[s]", "os.path.abspath": "s", "os.path.splitext": "(s,s)", "os.path.realpath": "s",
    "copy.copy": "=",
    "copy.deepcopy": "=", "warnings.warn": "N", "functools.partial": "F", "collections.OrderedDict": "M",
    "collections.defaultdict": "M", "collections.Counter": "M", "collections.deque": "o<collections.deque>",
    "functools.reduce": "?", "itertools.chain": "I", "itertools.product": "I", "itertools.count": "I[i]",
    "itertools.repeat": "I",
    "itertools.combinations": "I", "itertools.permutations": "I", "itertools.islice": "I", "itertools.cycle": "I",
    "itertools.zip_longest": "I", "itertools.accumulate": "I", "itertools.chain.from_iterable": "I",
    "operator.mul": "?",
    "logging.getLogger": "o<logging.Logger>", "re.sub": "s", "re.compile": "o", "json.dumps": "s",
    "pathlib.Path": "o<pathlib.Path>",
    "typing.cast": "?", "uuid.uuid4": "o", "datetime.datetime.now": "o", "inspect.signature": "o",
    "inspect.isfunction": "b",
    "argparse.ArgumentParser": "o<argparse.ArgumentParser>",
    "re.match": "o<re.Match>|N", "re.search": "o<re.Match>|N", "re.fullmatch": "o<re.Match>|N", "re.split": "L",
    "re.findall": "L", "re.escape": "s", "re.subn": "(s,i)", "hashlib.md5": "o",
}  # fmt: skip


def build() -> None:
    """Write ``host.json``."""
    functions: dict[str, Any] = {}
    for name in dir(np):
        if isinstance(getattr(np, name), np.ufunc):
            functions[f"numpy.{name}"] = "u"
    functions.update({f"numpy.{name}": "A" for name in _ARRAYS if not name.endswith("_")})
    functions.update({f"numpy.{name}": spec for name, spec in _NUMBERS.items()})
    whole = {"ceil", "floor", "gcd", "lcm", "comb", "perm", "factorial", "isqrt", "trunc"}
    yes_no = {"isclose", "isfinite", "isinf", "isnan"}
    for name in dir(math):
        value = getattr(math, name)
        if callable(value) and not name.startswith("_"):
            spec = "i" if name in whole else "b" if name in yes_no else "(f,f)" if name == "modf" else "f"
            functions[f"math.{name}"] = {"prod": "i|f", "sumprod": "i|f", "frexp": "(f,i)"}.get(name, spec)
    functions.update(_OTHER)
    constants = {f"math.{name}": "f" for name in ("pi", "e", "tau", "inf", "nan")}
    constants |= {f"numpy.{name}": "f" for name in ("pi", "e", "inf", "nan", "Inf", "NaN", "infty")} | {
        "numpy.newaxis": "N"
    }
    constants |= {"sys.maxsize": "i", "sys.argv": "L[s]", "sys.path": "L[s]", "os.environ": "o", "os.sep": "s",
                  "os.linesep": "s",
                  "sys.stdout": "o", "sys.stderr": "o", "sys.version_info": "P", "sys.platform": "s"}  # fmt: skip
    constants |= {
        f"string.{name}": "s" for name, value in vars(string).items() if isinstance(value, str) and name > "a"
    }
    table: dict[str, Any] = {
        "framework": "host",
        "version": np.__version__,
        "format": FORMAT,
        "modules": {
            "math": sorted(name for name in dir(math) if not name.startswith("_")),
            "numpy": sorted(set(np.__all__)),
        },
    }
    table |= {"classes": {}, "aliases": {}, "functions": functions, "constants": constants, "methods": _METHODS,
              "attributes": _ATTRIBUTES, "base_attributes": {}, "base_methods": {}}  # fmt: skip
    write("host", table)
