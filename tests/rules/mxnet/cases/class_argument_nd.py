EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Norm(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.broadcast_sub(x, F.mean(x, axis=1, keepdims=True))


class Bottleneck(nn.Block):
    def __init__(self, width, norm_layer=Norm, **kwargs):
        super().__init__(**kwargs)
        self.body = nn.Sequential()
        with self.body.name_scope():
            self.body.add(norm_layer())
            self.body.add(nn.Dense(width))

    def forward(self, x):
        return nd.relu(x + self.body(x))


class Net(nn.Block):
    def __init__(self, norm_layer=Norm, act_layer=nn.LeakyReLU, **kwargs):
        super().__init__(**kwargs)
        block = Bottleneck
        self.a = block(4, norm_layer)
        self.act = act_layer(0.1)
        self.b = block(4, norm_layer=norm_layer)

    def forward(self, x):
        return self.b(self.act(self.a(x)))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(5, 4), dtype="float32"),)
