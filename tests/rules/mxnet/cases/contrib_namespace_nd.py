EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


from mxnet import contrib


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.conv = nn.Conv2D(4, 3)

    def forward(self, x):
        y = self.conv(x)
        return y, contrib.ndarray.MultiBoxPrior(y, sizes=[0.2, 0.3], ratios=[1, 2, 0.5])


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(2,3,7,8), dtype='float32'),)


def other():
    return (nd.array(onp.random.randn(3,3,7,8), dtype='float32'),)
