EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(4, flatten=False)

    def forward(self, x, y):
        shape = x.shape
        wide = nd.tile(y.reshape((1, -1)), reps=(shape[0], 1))
        x = self.fc(x)
        return nd.concat(x, wide, dim=1)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(2,3), dtype='float32'), nd.array(onp.random.randn(4), dtype='float32'),)


def other():
    return (nd.array(onp.random.randn(3,3), dtype='float32'), nd.array(onp.random.randn(4), dtype='float32'),)
