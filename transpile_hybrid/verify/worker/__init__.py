"""The part of ``verify`` that runs in the user's interpreter.

It needs the standard library, the one framework under test and the numpy which that framework brings, and keeps to the
syntax of Python 3.9.  It is started by path (see ``__main__``), never imported by the parent, save for :mod:`wire`,
:mod:`tree` and :mod:`stats`, which are plain standard library.
"""
