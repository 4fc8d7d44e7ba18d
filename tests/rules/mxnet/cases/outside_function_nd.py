EXPECT = "flag"
REASON = "a function in an attribute works on arrays"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


def _scale():
    return nd.ones((1,)) * 2


ACT = {"relu": nd.relu}


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.act = ACT["relu"]
        self.fc = nn.Dense(3)

    def forward(self, x):
        return self.act(self.fc(x))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
