"""How often training reports."""

from __future__ import annotations

from typing import ClassVar

from nndsl.vocabulary.word import Word


class Report(Word):
    """How often training reports: `due`, an expression over `epoch` and the word's fields."""

    role = "reports"
    due: ClassVar[str]
