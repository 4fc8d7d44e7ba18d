"""Programs that nobody writes, found by exchanging parts of real ones: no crash, and twice is once."""

from __future__ import annotations

import pytest

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source

TWO_GUARDS = """import logging
import torch
from torch import nn
logger = logging.getLogger(logger)

class Net(nn.Module):

    def forward(self, x):
        __name__('shape', x.shape)
        logger.info('width %d', x.size(1))
        return torch.relu(x)
"""
MODULE_IS_CALLED = """import numpy as np
import tensorflow as tf

@tf.function
def f(x: tf.Tensor):
    return np(tf.abs(x))
"""


@pytest.mark.parametrize("text", [TWO_GUARDS, MODULE_IS_CALLED])
def test_what_was_found(text: str) -> None:
    (report,) = rewrite([Source("odd.py", text)], ["all"], unsafe=True)
    assert report.result is not None, report.internal or report.error
    (again,) = rewrite([report.result.after], ["all"], unsafe=True)
    assert again.result is not None and not again.changed
