EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn, rnn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.body = nn.HybridSequential()
        self.body.add(nn.Dense(4, flatten=False), nn.LayerNorm())
        self.fc = nn.Dense(3)

    def forward(self, x):
        y = self.body(x)
        return self.fc(y.reshape((-1, y.shape[-1])))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(2, 3, 4), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(5, 2, 3, 4), dtype="float32"),)
