"""Finds words by kind and name. A word is imported when a spec uses it, and not before."""

import contextlib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from nndsl.vocabulary.builtin import Builtin, camel_case, snake_case

B = TypeVar("B", bound=Builtin)
_FOLDER = Path(__file__).parent
_added: dict[tuple[str, str], type[Builtin]] = {}


@cache
def _files(kind: str) -> tuple[str, ...]:
    return tuple(sorted(f.stem for f in (_FOLDER / kind).glob("*.py") if f.stem[0] != "_"))


@cache
def kinds() -> tuple[str, ...]:
    """Return the names of all kinds: the folders of the vocabulary."""
    return tuple(sorted(f.parent.name for f in _FOLDER.glob("*/__init__.py")))


def names(kind: str) -> tuple[str, ...]:
    """Return the words of a kind, sorted. Nothing is imported."""
    added = [word for of_kind, word in _added if of_kind == kind]
    return tuple(sorted({*_files(kind), *added})) if added else _files(kind)


def find(kind: str, word: str) -> type[Builtin] | None:
    """Return the class of a word, or None where the kind has no such word."""
    if (kind, word) in _added:
        return _added[kind, word]
    if word not in _files(kind):
        return None
    found: type[Builtin] = getattr(
        import_module(f"nndsl.vocabulary.{kind}.{word}"), camel_case(word)
    )
    return found


def lookup(base: type[B], word: str) -> type[B] | None:
    """Return the class of a word of the kind that a base class stands for, or None."""
    return find(base.kind, word)  # type: ignore[return-value]  # its file is in that folder


def get(base: type[B], word: str) -> type[B]:
    """Return the class of a word that is known to be of the kind of a base class."""
    found = lookup(base, word)
    assert found is not None
    return found


def all_of(base: type[B]) -> list[type[B]]:
    """Return the classes of all words of a kind. They are imported."""
    return [get(base, word) for word in names(base.kind)]


def kinds_of(word: str) -> tuple[str, ...]:
    """Return the kinds that have a word of this name."""
    return tuple(kind for kind in kinds() if word in names(kind))


@cache
def _called() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for kind in kinds():
        for name in _files(kind):
            word = find(kind, name)
            for called in word.called if word else ():
                found[called] = (*found.get(called, ()), name)
    return found


def called(name: str) -> tuple[str, ...]:
    """Return the words that other libraries call by this name. All words are imported."""
    return _called().get(snake_case(name), ())


@contextlib.contextmanager
def added(word: type[Builtin]) -> Iterator[None]:
    """Know one more word while the context lasts, as if its file stood in the vocabulary."""
    key = (word.kind, word.keyword())
    _added[key] = word
    try:
        yield
    finally:
        del _added[key]
