"""Samplers: how a search chooses the next trial."""

from __future__ import annotations

from nndsl.vocabulary.word import Word


class Sampler(Word):
    """How a search chooses the values of the next trial."""

    role = "samplers"
    positional = 0
