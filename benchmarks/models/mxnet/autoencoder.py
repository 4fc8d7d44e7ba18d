import mxnet as mx
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Autoencoder(nn.Block):
    def __init__(self, size=256, code=16, **kwargs):
        super().__init__(**kwargs)
        self.encoder = nn.Sequential()
        self.encoder.add(nn.Dense(64, activation="tanh"), nn.Dense(code))
        self.decoder = nn.Sequential()
        self.decoder.add(nn.Dense(64, activation="tanh"), nn.Dense(size))

    def forward(self, x):
        code = self.encoder(x)
        code = code / (1e-6 + np.sqrt(np.sum(code * code, axis=-1, keepdims=True)))
        return self.decoder(code), code


INPUT_SHAPES = [(1, 256), (8, 256)]


def example_inputs(seed=0, shape=(1, 256)):
    mx.random.seed(seed)
    return (np.random.normal(size=shape),)
