EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


def gate(x, y):
    return nd.sigmoid(x) * nd.tanh(y)


class Inner(nn.Block):
    def forward(self, x):
        return gate(x, x)


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = Inner()
        self.fc = nn.Dense(4, flatten=False)

    def forward(self, x):
        h = self.fc(self.inner(x))
        return gate(h, nd.mean(h, axis=1, keepdims=True))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(2, 3, 4), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(5, 3, 4), dtype="float32"),)
