EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Inner(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.net = nn.Sequential()
        self.net.add(nn.Dense(8, activation="relu"), nn.Dense(6, activation="relu"))
        self.dense = nn.Dense(5, activation="relu")

    def forward(self, X):
        return self.dense(self.net(X))


def chimera():
    net = nn.Sequential()
    net.add(Inner(), nn.Dense(7), Inner())
    return net


def make():
    return chimera()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
