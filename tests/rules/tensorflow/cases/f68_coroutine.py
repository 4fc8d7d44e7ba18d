"""A coroutine."""

import asyncio

import tensorflow as tf

EXPECT = "flag"
REASON = "a coroutine"
TARGETS = ["call"]


async def f(x):
    await asyncio.sleep(0)
    return tf.nn.softmax(x) * 2.0


def make():
    return lambda x: asyncio.run(f(x))


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
