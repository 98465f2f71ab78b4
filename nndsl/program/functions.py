"""The functions that the texts of words call: each stands in a script once, where it is called."""

from __future__ import annotations

from collections.abc import Iterable

from nndsl.ir import names_of, parse_value
from nndsl.ir.parser import parse_functions
from nndsl.program.context import reads
from nndsl.program.program import Function


def called_functions(texts: Iterable[str], callers: Iterable[Function]) -> tuple[str, ...]:
    """Return the source of each function in `texts` that is called, by `callers` or by another.

    Words may share a function: it comes with each of them, and stands in the script once.
    """
    known: dict[str, tuple[str, set[str]]] = {}  # name -> its source, and the names that it reads
    for text in dict.fromkeys(texts):
        known |= {name: (source, names) for name, source, names in parse_functions(text)}
    wanted: set[str] = set()
    waiting = set(known) & {
        name
        for caller in callers
        for name in reads(caller.statements) | {*names_of(parse_value(f"({caller.returns})"))}
    }
    while waiting:
        wanted |= waiting
        waiting = {name for called in waiting for name in known[called][1] & set(known)} - wanted
    return tuple(source for name, (source, _) in known.items() if name in wanted)
