EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.scale = self.params.get("scale", shape=(1, 4))
        self.shift = self.params.get("shift", shape=(1, 4))

    def forward(self, x):
        scale = self.scale.data()
        h = nd.broadcast_mul(x, scale)
        return h, scale, self.shift.data(x.context)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(2, 4), dtype="float32"),)
