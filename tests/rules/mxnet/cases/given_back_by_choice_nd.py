EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, dense=False, **kwargs):
        super().__init__(**kwargs)
        self.dense = nn.Dense(4) if dense else None

    def forward(self, x):
        h = self.dense(x) if self.dense is not None else x
        y = x
        if self.dense is not None:
            y = nd.relu(y)
        return h, nd.relu(x), y


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(2, 4), dtype="float32"),)
