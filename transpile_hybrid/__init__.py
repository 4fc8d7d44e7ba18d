"""Take imperative deep-learning code to the form that its framework can compile, prove it equal and measure it faster.

The public Python API is :mod:`transpile_hybrid.api`: ``check``, ``rewrite`` and ``verify``, typed functions on sources.
"""

__version__ = "0.1.0"
