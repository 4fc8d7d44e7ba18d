"""What a table of verdicts leaves out: what was not compared of the equal, and what else differs in the others."""

from __future__ import annotations

from ..verify.verdict import ALONE, NEVER_GIVEN, NEVER_REACHED, RENAMED, TRACED_ANEW, Verdict

_BESIDES = 4  # further differences of one unit that are shown
_NAMES, _LINES = 5, 24


def besides(verdict: Verdict) -> list[str]:
    """Return the first difference of each other check than the one that is the reason."""
    found = [
        f"{name}: {text}"
        for name, text in verdict.checks.items()
        if not text.startswith(("ok", "not compared")) and text not in verdict.reason and verdict.equivalent is False
    ]
    return found[:_BESIDES]


def reservations(verdicts: list[Verdict]) -> list[str]:
    """Return what was not compared of the units that are equal, and for which of them inputs were guessed."""
    out: dict[str, None] = {}
    guessed: dict[str, None] = {}
    untrained: dict[str, dict[str, None]] = {}
    for v in verdicts:
        if v.equivalent is not True:
            continue
        gradients = v.checks.get("gradients", "")
        if gradients.startswith("not compared"):
            out[f"{v.after}:{v.unit}: equal, but gradients were {gradients}"] = None
        for check, what in (
            (NEVER_REACHED, f"lines of {v.before} were never reached"),
            (NEVER_GIVEN, "arguments were never given"),
            (ALONE, "functions that are as they were, of which nobody knows what they take, were not run alone"),
            (TRACED_ANEW, "most calls are traced anew (each Python number that it is given is a graph of its own)"),
            (RENAMED, "full names of parameters, which `collect_params` knows, changed"),
        ):
            if check in v.checks:
                out[f"{v.after}:{v.unit}: equal, but {what}: {v.checks[check].removeprefix('ok: ')}"] = None
        if v.inputs == "inferred":
            guessed[v.unit] = None
        if v.checks.get("training", "").startswith("not compared"):
            untrained.setdefault(v.checks["training"], {})[v.unit] = None
    shown = [*out][:_LINES]
    if len(out) > _LINES:
        shown.append(f"and {len(out) - _LINES} more such lines, which the reports hold")
    shown += [f"training of {_listed(names)} was {why}" for why, names in untrained.items()]
    if guessed:
        shown.append(f"inputs were guessed for {_listed(guessed)}: declare or record them for what matters")
    return shown


def _listed(units: dict[str, None]) -> str:
    names = [*units]
    return ", ".join(names[:_NAMES]) + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")
