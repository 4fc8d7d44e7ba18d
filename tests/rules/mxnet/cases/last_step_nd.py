EXPECT = "convert"

from mxnet.gluon import rnn

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rnn = rnn.LSTM(6, layout="NTC")
        self.fc = nn.Dense(2)

    def forward(self, x):
        h = self.rnn(x)
        return self.fc(h[:, -1, :])


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
