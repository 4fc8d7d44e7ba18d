EXPECT = "flag"
REASON = "the second index may be a mask, which picks rows and is no number"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Pick(nn.Block):
    def forward(self, x, rows, columns):
        return x[rows, columns] * 2


def make():
    return Pick()


def inputs():
    return (
        np.array(onp.random.randn(4, 3), dtype="float32"),
        np.array([0, 1, 3], dtype="int32"),
        np.array([True, True, True]),
    )
