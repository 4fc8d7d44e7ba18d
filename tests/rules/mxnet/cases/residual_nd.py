EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class ConvBlock(nn.Block):
    def __init__(self, channels, **kwargs):
        super().__init__(**kwargs)
        self.body = nn.Sequential()
        self.body.add(nn.Conv2D(channels, 3, padding=1), nn.BatchNorm(), nn.Activation("relu"))

    def forward(self, x):
        return self.body(x)


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.stem = nn.Conv2D(4, 1)
        self.block = ConvBlock(4)
        self.head = nn.Dense(3)

    def forward(self, x):
        x = self.stem(x)
        y = self.block(x)
        y += x
        y = nd.relu(y)
        return self.head(y.reshape((y.shape[0], -1)))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 5, 5)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(4, 3, 5, 5)), dtype="float32"),)
