"""Did you mean …?"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from nndsl.analysis.fixes import fix
from nndsl.diagnostics import Edit, Fix
from nndsl.record import record
from nndsl.source import Span
from nndsl.vocabulary import registry

MAX_KEPT = 1_000  # answers: a block has its mistakes wherever it stands
MAX_LETTERS = 64  # of a name that is compared
MAX_LISTED = 16  # names in one line of help


@record
class Correction:
    """What a wrong name is taken for: by what is said of it, by its fix, and by the check."""

    name: str | None = None  # the known name that is meant by it, or None where none is close
    is_sure: bool = False  # by a typing error and nothing else: a fix that writes it is safe
    is_same: bool = False  # by what it is called elsewhere (`swish`, `mse`)
    several: tuple[str, ...] = ()  # names that end with these words: each may be meant


def correction(wrong: str, known: Iterable[str]) -> Correction:
    """Return what a wrong name may stand for of those that are known."""
    return _correction(wrong, tuple(known))


@lru_cache(MAX_KEPT)
def _correction(wrong: str, known: tuple[str, ...]) -> Correction:
    if wrong in known:
        return Correction(wrong)
    several = _endings(wrong, known)
    folded = [name for name in known if _folded(name) == _folded(wrong)]
    if folded:
        return Correction(folded[-1], len({*folded}) == 1 and not several, several=several)
    if same := _same_thing(wrong, known):
        return Correction(same, is_same=True, several=several)
    if len(wrong) > MAX_LETTERS:
        return Correction(several=several)
    slip = _slip(wrong, known)
    return Correction(slip or _near(wrong, known), bool(slip) and not several, several=several)


def suggestion(wrong: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to a wrong one, or None where none is close."""
    return correction(wrong, known).name


def did_you_mean(wrong: str, known: Sequence[str]) -> str | None:
    """Return a help line: the closest name, or all names; None where there are none."""
    found = correction(wrong, known)
    if found.several:
        return f"did you mean {' or '.join(f'`{name}`' for name in found.several)}?"
    if found.name:
        return f"did you mean `{found.name}`?"
    if len(known) > MAX_LISTED:
        rest = f"and {len(known) - MAX_LISTED} more: see `nndsl list`"
        return f"there are {', '.join(known[:MAX_LISTED])} {rest}"
    return f"there {'is' if len(known) == 1 else 'are'} {', '.join(known)}" if known else None


def correct_typo(wrong: str, known: Iterable[str]) -> str | None:
    """Return the known name that a check goes on with, or None where it could be any."""
    found = correction(wrong, known)
    return found.name if found.is_sure or found.is_same else None


def typo_fix(span: Span, wrong: str, known: Iterable[str]) -> tuple[Fix, ...]:
    """Return the fix that writes the closest name, where the wrong one stands once in a span.

    It stands there as a word, or in quotes as a text: the name of a column may be any.
    """
    found = correction(wrong, known)
    if found.name in (None, wrong) or found.several:
        return ()
    quoted, word = (rf"(?<=\"){re.escape(wrong)}(?=\")", rf"(?<!\w){re.escape(wrong)}(?!\w)")
    places = [*re.finditer(quoted, span.text)] or [*re.finditer(word, span.text)]
    is_text = bool(places) and places[0].re.pattern == quoted
    if len(places) != 1 or not (is_text or found.name.isidentifier()) or {*found.name} & {*'"\\'}:
        return ()
    start, end = (span.start + at for at in places[0].span())
    edit = Edit(Span(span.source, start, end), found.name)
    return fix(f"write `{found.name}`", edit, safe=found.is_sure)


def _same_thing(wrong: str, known: Sequence[str]) -> str | None:
    """Return the one known name that is meant elsewhere by this one, or None."""
    initials = {name: "".join(part[:1] for part in name.split("_")) for name in known}
    found = {name for name, short in initials.items() if "_" in name and short == wrong.lower()}
    found = found or {*registry.called(wrong)} & {*initials}
    return found.pop() if len(found) == 1 else None


def _endings(wrong: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the names that end with these words, if there are several."""
    found = tuple(name for name in known if _folded(wrong) in _tails(name))
    return found if len(found) > 1 else ()


def _tails(name: str) -> Iterator[str]:
    """Return what is left of a name without its first words, as it is compared, from each on."""
    words = name.split("_")
    return (_folded("".join(words[first:])) for first in range(1, len(words)))


def _slip(wrong: str, known: Sequence[str]) -> str | None:
    """Return the one known name that a typing error makes this of, or None.

    A longer name (`nadam`, `relu6`, `sgdm`), a part of a short one (`sqr`) or another number
    (`conv3d`) is most likely no slip, but a word that the language does not have.
    """
    most = max(1, len(wrong) // 4)
    near = {name: distance for name in known if (distance := _distance(wrong, name, most)) <= most}
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


def _near(wrong: str, known: Sequence[str]) -> str | None:
    """Return the known name that shares more than a few letters, as `hinge` and `sine` do."""
    from difflib import get_close_matches

    for name in get_close_matches(wrong, known, n=1, cutoff=0.6):
        grown = wrong.startswith(name) or name.startswith(wrong)
        most = max(1, len(wrong) // (2 if wrong[:1] == name[:1] else 3))
        if grown or _distance(wrong, name, most) <= most:
            return name
    return None


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
