EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class SE(nn.Block):
    def __init__(self, channels, **kwargs):
        super().__init__(**kwargs)
        self.channels = channels
        self.fc1 = nn.Dense(channels // 2, activation="relu")
        self.fc2 = nn.Dense(channels, activation="sigmoid")

    def forward(self, x):
        w = nd.mean(x, axis=(2, 3))
        w = self.fc2(self.fc1(w))
        w = w.reshape((x.shape[0], self.channels, 1, 1))
        return x * w


def make():
    return SE(4)


def inputs():
    return (nd.array(onp.random.randn(*(2, 4, 5, 5)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(3, 4, 5, 5)), dtype="float32"),)
