"""Sections: the statements at the top of a spec that are filled in with settings."""

from __future__ import annotations

from nndsl.vocabulary.word import Word


class Section(Word):
    """A part of a spec, `name { … }`, whose settings are the fields of the word."""

    role = "sections"
    positional = 0
