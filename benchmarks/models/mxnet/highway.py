import mxnet as mx
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Gate(nn.Block):
    """A layer that lets through what a gate says."""

    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.gate = nn.Dense(size, activation="sigmoid")
        self.layer = nn.Dense(size, activation="relu")

    def forward(self, x):
        g = self.gate(x)
        return g * self.layer(x) + (1 - g) * x


class Highway(nn.Block):
    def __init__(self, size=128, **kwargs):
        super().__init__(**kwargs)
        self.body = nn.Sequential()
        for _ in range(6):
            self.body.add(Gate(size))

    def forward(self, x):
        return self.body(x)


INPUT_SHAPES = [(1, 128), (8, 128)]


def example_inputs(seed=0, shape=(1, 128)):
    mx.random.seed(seed)
    return (np.random.normal(size=shape),)
