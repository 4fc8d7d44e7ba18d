"""``verify``: is the rewritten code equivalent to the original, and is it faster?

The parent, here, never imports the user's code or a framework; it starts workers in the user's interpreter, and judges
by what they bring back.
"""

from .api import AUTO, verify_files, verify_pairs, verify_texts
from .options import Stopped, VerifyError, VerifyOptions
from .pair import Pair
from .scale import Store
from .verdict import VERDICT_SCHEMA, Speed, Verdict

__all__ = [
    "AUTO",
    "VERDICT_SCHEMA",
    "Pair",
    "Speed",
    "Stopped",
    "Store",
    "Verdict",
    "VerifyError",
    "VerifyOptions",
    "verify_files",
    "verify_pairs",
    "verify_texts",
]
