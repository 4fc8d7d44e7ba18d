EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.q = nn.Dense(units, flatten=False)

    def forward(self, x):
        q = self.q(x)
        return npx.softmax(q / q.shape[-1] ** 0.5, axis=-1)


def make():
    return Net(6)


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
