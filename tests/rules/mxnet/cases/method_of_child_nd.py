EXPECT = "flag"
REASON = "another method of the child is called"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Child(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(3)

    def forward(self, x):
        return self.fc(x)

    def scaled(self, x):
        return nd.tanh(self.fc(x))


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.child = Child()

    def forward(self, x):
        return self.child.scaled(x)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
