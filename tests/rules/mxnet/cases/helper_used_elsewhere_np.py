EXPECT = "convert"
import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


def split_heads(x, heads):
    x = x.reshape(x.shape[0], x.shape[1], heads, -1)
    return x.transpose(0, 2, 1, 3)


def merge_heads(x, scale=None):
    x = np.tanh(x) if scale is None else np.tanh(x) * scale
    return x.transpose(0, 2, 1, 3)


def shapes():
    return split_heads(np.ones((2, 3, 4)), 2).shape, merge_heads(np.ones((2, 2, 3, 2)), scale=2).shape


class Net(nn.Block):
    def __init__(self, heads, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads
        self.fc = nn.Dense(6, flatten=False)

    def forward(self, x):
        y = split_heads(self.fc(x), self.heads)
        return merge_heads(merge_heads((y), scale=0.5))


def make():
    assert shapes() == ((2, 2, 3, 2), (2, 3, 2, 2))
    return Net(2)


def inputs():
    return (np.array(onp.random.randn(2, 3, 4), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(5, 3, 4), dtype="float32"),)
