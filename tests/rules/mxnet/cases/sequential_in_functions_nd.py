EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


def stage(channels):
    net = nn.Sequential()
    for _ in range(2):
        net.add(nn.Conv2D(channels, 3, padding=1), nn.Activation("relu"))
    net.add(nn.MaxPool2D(2))
    return net


def body():
    net = nn.Sequential()
    for channels in [4, 6]:
        net.add(stage(channels))
    return net


def part(i):
    if i == 0:
        return body()
    if i == 1:
        return nn.GlobalMaxPool2D()
    return stage(4)


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.body = part(0)
        for i in (1, 2):
            setattr(self, "part%d" % i, part(i))

    def forward(self, x):
        x = self.body(x)
        return [x, *[getattr(self, "part%d" % i)(x) for i in (1, 2)]]


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(2,3,8,8), dtype='float32'),)


def other():
    return (nd.array(onp.random.randn(3,3,8,8), dtype='float32'),)
