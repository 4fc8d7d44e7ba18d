import tensorflow as tf


class TextCNN(tf.keras.Model):
    def __init__(self, words=500, size=32, channels=16, widths=(3, 4, 5)):
        super().__init__()
        self.embedding = tf.keras.layers.Embedding(words, size)
        self.convs = [tf.keras.layers.Conv1D(channels, width, activation="relu") for width in widths]
        self.decoder = tf.keras.layers.Dense(2)

    def call(self, tokens):
        embedded = self.embedding(tokens)
        pooled = [tf.reduce_max(conv(embedded), axis=1) for conv in self.convs]
        return self.decoder(tf.concat(pooled, axis=-1))


INPUT_SHAPES = [(1, 40), (4, 40)]


def example_inputs(seed=0, shape=(1, 40)):
    return (tf.random.stateless_uniform(shape, seed=(seed, 1), maxval=500, dtype=tf.int32),)
