"""How often training reports."""

from __future__ import annotations

from typing import ClassVar

from nndsl.vocabulary.builtin import Builtin


class Report(Builtin):
    """How often training reports: `due`, an expression over `epoch` and the word's fields."""

    kind = "reports"
    due: ClassVar[str]
