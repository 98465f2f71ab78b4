"""Did you mean …?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from nndsl.analysis.fixes import fix
from nndsl.diagnostics import Edit, Fix
from nndsl.source import Span
from nndsl.vocabulary import registry

MAX_KEPT = 1_000  # answers: a block has its mistakes wherever it stands


def suggestion(wrong: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to a wrong one, or None where none is close."""
    return _suggestion(wrong, tuple(known))


@lru_cache(MAX_KEPT)
def _suggestion(wrong: str, known: tuple[str, ...]) -> str | None:
    from difflib import get_close_matches

    folded = {_folded(name): name for name in known}
    same = folded.get(_folded(wrong)) or same_thing(wrong, known)
    if same:
        return same
    close = get_close_matches(wrong[:64], known, n=1, cutoff=0.6)
    return close[0] if close and _is_near(wrong, close[0]) else None


def _is_near(wrong: str, name: str) -> bool:
    """Is it more than a few letters that two names share, as `hinge` and `sine` do?"""
    grown = wrong.startswith(name) or name.startswith(wrong)
    most = max(1, len(wrong) // (2 if wrong[:1] == name[:1] else 3))
    return grown or _distance(wrong, name, most) <= most


def same_thing(wrong: str, known: Iterable[str]) -> str | None:
    """Return the one known name that is meant elsewhere by this one (`swish`, `mse`), or None."""
    initials = {name: "".join(part[:1] for part in name.split("_")) for name in known}
    if wrong in initials:
        return None
    found = {name for name, short in initials.items() if "_" in name and short == wrong.lower()}
    found = found or {*registry.called(wrong)} & {*initials}
    return found.pop() if len(found) == 1 else None


def endings(wrong: str, known: Iterable[str]) -> list[str]:
    """Return the names that end with these words, if there are several: each may be meant."""
    found = [name for name in known if _folded(wrong) in _tails(name)]
    return found if len(found) > 1 and wrong not in known else []


def _tails(name: str) -> Iterator[str]:
    """Return what is left of a name without its first words, as it is compared, from each on."""
    words = name.split("_")
    return (_folded("".join(words[first:])) for first in range(1, len(words)))


MAX_LISTED = 16  # names in one line of help


def did_you_mean(wrong: str, known: Sequence[str]) -> str | None:
    """Return a help line: the closest name, or all names; None where there are none."""
    close, several = suggestion(wrong, known), endings(wrong, known)
    if several:
        return f"did you mean {' or '.join(f'`{name}`' for name in several)}?"
    if close:
        return f"did you mean `{close}`?"
    if len(known) > MAX_LISTED:
        rest = f"and {len(known) - MAX_LISTED} more: see `nndsl list`"
        return f"there are {', '.join(known[:MAX_LISTED])} {rest}"
    return f"there {'is' if len(known) == 1 else 'are'} {', '.join(known)}" if known else None


def sure_correction(wrong: str, known: Iterable[str]) -> str | None:
    """Return the one known name that a typing error makes this of, or None.

    A longer name (`nadam`, `relu6`, `sgdm`), a part of a short one (`sqr`) or another number
    (`conv3d`) is most likely no slip, but a word that the language does not have.
    """
    return _surely_meant(wrong, frozenset(known))


@lru_cache(MAX_KEPT)
def _surely_meant(wrong: str, names: frozenset[str]) -> str | None:
    if wrong in names or len(wrong) > 64:
        return None
    same = [name for name in names if _folded(name) == _folded(wrong)]
    if same:
        return same[0] if len(same) == 1 else None
    most = max(1, len(wrong) // 4)
    near = {name: distance for name in names if (distance := _distance(wrong, name, most)) <= most}
    closest = [name for name, distance in near.items() if distance == min(near.values())]
    if len(closest) != 1 or len(wrong) < 3:
        return None
    (close,) = closest
    grown = wrong.startswith(close) or wrong.endswith(close)
    doubled = wrong in (close + close[-1:], close[:1] + close)
    digits = re.compile(r"\d")
    cut = len(wrong) < 4 and (close.startswith(wrong) or close.endswith(wrong))
    if (grown and not doubled) or cut or digits.findall(wrong) != digits.findall(close):
        return None
    return close


def correct_typo(wrong: str, known: Iterable[str]) -> str | None:
    """Return the known name that a check goes on with, or None where it could be any."""
    known = list(known)
    return sure_correction(wrong, known) or same_thing(wrong, known)


def typo_fix(span: Span, wrong: str, known: Iterable[str]) -> tuple[Fix, ...]:
    """Return the fix that writes the closest name at a span, if one is close and stands there."""
    known = list(known)
    sure = sure_correction(wrong, known)
    close = sure or suggestion(wrong, known)
    if close is None or close == wrong or span.text != wrong or endings(wrong, known):
        return ()
    return fix(f"write `{close}`", Edit(span, close), safe=sure is not None)


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _distance(a: str, b: str, most: int) -> int:
    """Return how many letters are added, left out, changed or swapped; more than `most` is more."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row, two_above = row, [i], before
        for j, y in enumerate(b, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, two_above[j - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]
