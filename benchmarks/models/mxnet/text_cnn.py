import mxnet as mx
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class TextCNN(nn.Block):
    def __init__(self, words=500, size=32, channels=16, **kwargs):
        super().__init__(**kwargs)
        self.embedding = nn.Embedding(words, size)
        self.conv3 = nn.Conv1D(channels, 3, activation="relu")
        self.conv4 = nn.Conv1D(channels, 4, activation="relu")
        self.conv5 = nn.Conv1D(channels, 5, activation="relu")
        self.decoder = nn.Dense(2)

    def forward(self, tokens):
        embedded = np.transpose(self.embedding(tokens), (0, 2, 1))
        pooled = [np.max(conv(embedded), axis=2) for conv in (self.conv3, self.conv4, self.conv5)]
        return self.decoder(np.concatenate(pooled, axis=1))


INPUT_SHAPES = [(1, 40), (4, 40)]


def example_inputs(seed=0, shape=(1, 40)):
    mx.random.seed(seed)
    return (np.random.randint(0, 500, size=shape).astype("float32"),)
