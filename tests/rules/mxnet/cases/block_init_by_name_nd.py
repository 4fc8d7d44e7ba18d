EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self):
        nn.Block.__init__(self)
        self.fc = nn.Dense(4)

    def forward(self, x):
        return nd.tanh(self.fc(x))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3)).astype("float32")),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 3)).astype("float32")),)
