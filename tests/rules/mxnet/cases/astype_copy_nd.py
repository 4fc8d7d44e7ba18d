EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = nn.Dense(4)

    def forward(self, x):
        y = self.dense(x).astype("float32", copy=False)
        z = nd.relu(y).astype("float64", False)
        return y, z, y.expand_dims(0, inplace=True), y.expand_dims(1, False).squeeze(inplace=False)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(2, 4), dtype="float32"),)
