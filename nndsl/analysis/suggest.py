"""Did you mean …?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def suggestion(wrong: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to a wrong one, or None where none is close."""
    from difflib import get_close_matches

    known = list(known)
    folded = {name.replace("_", "").lower(): name for name in known}
    same = folded.get(wrong.replace("_", "").lower())
    if same:
        return same
    for name in known:  # mse, bce
        if "_" in name and wrong.lower() == "".join(part[:1] for part in name.split("_")):
            return name
    close = get_close_matches(wrong[:64], known, n=1, cutoff=0.6)
    return close[0] if close else None


def did_you_mean(wrong: str, known: Sequence[str]) -> str | None:
    """Return a help line: the closest name, or all names; None where there are none."""
    close = suggestion(wrong, known)
    if close:
        return f"did you mean `{close}`?"
    return f"there {'is' if len(known) == 1 else 'are'} {', '.join(known)}" if known else None
