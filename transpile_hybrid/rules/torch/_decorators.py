"""Decorators that a file gets: what Python calls takes more than what TorchScript compiles, the function they wrap.

Their names start with ``_``: TorchScript looks up what ``forward`` names in them first.
"""

from __future__ import annotations


def takes_more(word: str, positional: bool, keywords: bool) -> tuple[str, ...]:
    """Return the decorator that takes what others give, and drops it."""
    given = "*args[: len(_names)]" if positional else "*args"
    named = "**{name: value for name, value in kwargs.items() if name in _names}" if keywords else "**kwargs"
    stars = [f'inspect.Parameter("{name}", inspect.Parameter.{kind})' for name, kind, there in (
        ("args", "VAR_POSITIONAL", positional), ("kwargs", "VAR_KEYWORD", keywords)) if there]  # fmt: skip
    listed = stars[0] if len(stars) == 1 else "".join(f"\n        {one}," for one in stars) + "\n    "
    return (
        f"def {word}(_function):",
        "    # callers may give more than the function uses; TorchScript compiles the function, which has no stars",
        "    _names = inspect.signature(_function).parameters",
        "",
        "    @functools.wraps(_function)",
        "    def wrapper(*args, **kwargs):",
        f"        return _function({given}, {named})",
        "",
        f"    _stars = [{listed}]",
        "    wrapper.__signature__ = inspect.Signature([*_names.values(), *_stars])",
        "    return wrapper",
    )


OR_WITH_MORE = (
    "def or_with_more(_whole):",
    "    # TorchScript compiles the function below; calls with more than it has parameters go to the whole one",
    "    def decorate(_function):",
    "        _names = list(inspect.signature(_function).parameters)",
    "",
    "        @functools.wraps(_function)",
    "        def wrapper(*args, **kwargs):",
    "            if len(args) <= len(_names) and set(_names).issuperset(kwargs):",
    "                return _function(*args, **kwargs)",
    "            return _whole(*args, **kwargs)",
    "",
    "        wrapper.__signature__ = inspect.signature(_whole)",
    "        return wrapper",
    "",
    "    return decorate",
)

OR_WITH_KEYWORDS = (
    "def or_with_keywords(_whole):",
    "    # TorchScript compiles the function below; calls with more keywords than it has go to the whole one",
    "    def decorate(_function):",
    "        _names = set(inspect.signature(_function).parameters)",
    "",
    "        @functools.wraps(_function)",
    "        def wrapper(*args, **kwargs):",
    "            if _names.issuperset(kwargs):",
    "                return _function(*args, **kwargs)",
    "            return _whole(*args, **kwargs)",
    "",
    "        wrapper.__signature__ = inspect.signature(_whole)",
    "        return wrapper",
    "",
    "    return decorate",
)

COMPILED_FOR_LESS = (
    "def compiled_for_less(_whole):",
    "    # TorchScript compiles the function below, for calls that give no more; Python runs the whole one",
    "    def decorate(_function):",
    "        @functools.wraps(_function)",
    "        def wrapper(*args, **kwargs):",
    "            return _whole(*args, **kwargs)",
    "",
    "        wrapper.__signature__ = inspect.signature(_whole)",
    "        return wrapper",
    "",
    "    return decorate",
)
