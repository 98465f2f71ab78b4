"""Instruments: what `record` writes down while a network trains."""

from __future__ import annotations

from nndsl.vocabulary.word import Word


class Instrument(Word):
    """What is written down about every layer after each epoch."""

    role = "instruments"
    positional = 0
