EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


def put_into(Class):
    def wrapper(obj):
        setattr(Class, obj.__name__, obj)

    return wrapper


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.d = nn.Dense(3)
        self.scale = self.params.get("scale", shape=(3,))

    def squash(self, h):
        return np.tanh(h)


@put_into(Net)
def forward(self, x):
    h = self.d(x)
    return self.parts(self.squash(h) * self.scale.data(ctx=x.ctx)) + h.mean(axis=-1, keepdims=True)


@put_into(Net)
def parts(self, h):
    return self.squash(h.reshape(h.shape[0], 1, -1)).sum(axis=1)


def make():
    return Net()


def inputs():
    return (np.array(onp.random.uniform(size=(2, 5)), dtype="float32"),)


def other():
    return (np.array(onp.random.uniform(size=(4, 5)), dtype="float32"),)
