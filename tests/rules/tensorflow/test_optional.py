"""Where a file can do without TensorFlow, what needs it when the file is imported is unsafe."""

from __future__ import annotations

import pytest

from transpile_hybrid.api import check
from transpile_hybrid.source.source import Source

TEXT = """
from keras import ops
{imports}


def overlap(boxes, other):
    size = ops.maximum(ops.minimum(boxes[..., 2:], other[..., 2:]) - ops.maximum(boxes[..., :2], other[..., :2]), 0.0)
    return ops.prod(size, axis=-1) / (ops.prod(boxes[..., 2:] - boxes[..., :2], axis=-1) + 1e-8)


print(overlap(ops.ones((4, 4)), ops.ones((4, 4))))
"""


@pytest.mark.parametrize(
    ("imports", "safety"),
    [
        ("import tensorflow as tf", "safe"),
        ("from tensorflow import data", "safe"),
        ("try:\n    import tensorflow as tf\nexcept ImportError:\n    tf = None", "unsafe"),
        ("try:\n    import tensorflow as tf\nexcept ImportError:\n    raise ValueError('no way')", "safe"),
        ("try:\n    import tensorflow as tf\nexcept ImportError:\n    import tensorflow.compat.v2 as tf", "safe"),
        ("if ops:\n    import tensorflow as tf", "unsafe"),
        ("def load():\n    import tensorflow as tf\n    return tf", "unsafe"),
        ("", "unsafe"),
    ],
)
def test_a_decorator_where_tensorflow_is_optional(imports: str, safety: str) -> None:
    (report,) = check([Source("case.py", TEXT.format(imports=imports))], ["tf.function"])
    (found,) = [one for one in report.diagnostics if one.code == "THF701"]
    assert found.fix is not None
    assert found.fix.safety == safety
