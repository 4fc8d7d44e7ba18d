EXPECT = "flag"
REASON = "a Parameter object is used"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.w = self.params.get("w", shape=(4,))

    def forward(self, x):
        return nd.broadcast_mul(x, self.w.list_data()[0])


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(3, 4)), dtype="float32"),)
