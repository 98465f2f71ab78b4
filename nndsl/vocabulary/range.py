"""Ranges: where a search takes the values of a name from."""

from __future__ import annotations

from typing import ClassVar

from nndsl.vocabulary.word import Word


class Range(Word):
    """The values that a search may give to a `let`.

    With `numeric` they are numbers between the fields `low` and `high`; else they are listed.
    """

    role = "ranges"
    positional = 2
    numeric: ClassVar[bool] = True
