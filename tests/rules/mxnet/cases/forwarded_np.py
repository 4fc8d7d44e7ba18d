EXPECT = "convert"
REASON = "functions of the file that only hand on to a method of an array, or are an operator by another name"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()

concat = np.concatenate
transpose = lambda a: a.T
reshape = lambda x, *args, **kwargs: x.reshape(*args, **kwargs)
reduce_sum = lambda x, *args, **kwargs: x.sum(*args, **kwargs)
swapaxes = lambda x, *args: x.swapaxes(*args)


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(3, flatten=False)

    def forward(self, x):
        y = concat((x, x * 2), axis=1)
        y = reshape(y, (y.shape[0], -1, 2))
        y = swapaxes(self.fc(y), 1, 2)
        return reduce_sum(y, axis=1) + reduce_sum(transpose(x))


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
