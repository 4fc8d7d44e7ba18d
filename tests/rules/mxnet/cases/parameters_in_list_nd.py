EXPECT = "flag"
REASON = "parameters in a list are no keywords of hybrid_forward"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.scales = [self.params.get("a", shape=(4,)), self.params.get("b", shape=(4,))]

    def forward(self, x):
        for scale in self.scales:
            x = nd.broadcast_mul(x, scale.data())
        return x


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
