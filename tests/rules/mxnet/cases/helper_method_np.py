EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(4)

    def _gate(self, h, power=2):
        return npx.sigmoid(h) ** power

    def _mix(self, a, b):
        return self._gate(a) * b

    def forward(self, x):
        h = self.fc(x)
        return self._mix(h, self._gate(h, power=1))


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
