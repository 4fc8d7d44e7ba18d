EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, residual=True, depth=2, **kwargs):
        super().__init__(**kwargs)
        self.residual = residual
        self.depth = depth
        self.fc = nn.Dense(4, flatten=False)

    def forward(self, x):
        for i in range(self.depth):
            y = npx.relu(self.fc(x))
            x = x + y if self.residual else y
        return x


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
