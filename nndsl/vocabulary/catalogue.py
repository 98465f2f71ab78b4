"""Finds words by role and name. A word is imported when a spec uses it, and not before."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from nndsl.vocabulary.word import Word, camel_case

_FOLDER = Path(__file__).parent
_added: dict[tuple[str, str], type[Word]] = {}


@cache
def _files(role: str) -> tuple[str, ...]:
    return tuple(sorted(f.stem for f in (_FOLDER / role).glob("*.py") if f.stem[0] != "_"))


@cache
def roles() -> tuple[str, ...]:
    """Return the names of all roles: the folders of the vocabulary."""
    return tuple(sorted(f.parent.name for f in _FOLDER.glob("*/__init__.py")))


def names(role: str) -> tuple[str, ...]:
    """Return the words of a role, sorted. Nothing is imported."""
    return tuple(sorted({*_files(role), *(word for r, word in _added if r == role)}))


def find(role: str, word: str) -> type[Word] | None:
    """Return the class of a word, or None where the role has no such word."""
    if (role, word) in _added:
        return _added[role, word]
    if word not in _files(role):
        return None
    found: type[Word] = getattr(import_module(f"nndsl.vocabulary.{role}.{word}"), camel_case(word))
    return found


def roles_of(word: str) -> tuple[str, ...]:
    """Return the roles that have a word of this name."""
    return tuple(role for role in roles() if word in names(role))


@contextlib.contextmanager
def added(word: type[Word]) -> Iterator[None]:
    """Know one more word while the context lasts, as if its file stood in the vocabulary."""
    key = (word.role, word.word())
    _added[key] = word
    try:
        yield
    finally:
        del _added[key]
