EXPECT = "convert"
import mxnet as mx
import numpy as onp
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(4)

    def squash(self, x, *more, **options):
        for part in more:
            x = mx.nd.broadcast_add(x, part)
        return mx.nd.tanh(x)

    def preview(self):
        return self.squash(mx.nd.ones((2, 3)))

    def forward(self, x):
        h = self.squash(self.fc(x))
        return self.squash(h, h)


def make():
    net = Net()
    assert net.preview().shape == (2, 3)
    return net


def inputs():
    return (mx.nd.array(onp.random.randn(2, 3), dtype="float32"),)


def other():
    return (mx.nd.array(onp.random.randn(5, 3), dtype="float32"),)
