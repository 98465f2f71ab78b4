"""Sections: the statements at the top of a spec that are filled in with settings."""

from nndsl.vocabulary.builtin import Builtin


class Section(Builtin):
    """A part of a spec, `name { … }`, whose settings are the fields of the word."""

    kind = "sections"
    positional = 0
