EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x, state):
        first, second = state
        return x + first[-1] + second[0]


def make():
    return Net()


def inputs():
    state = [np.array(onp.random.randn(2, 3, 4), dtype="float32") for _ in range(2)]
    return (np.array(onp.random.randn(3, 4), dtype="float32"), state)
