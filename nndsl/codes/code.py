"""What is known about one code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding.

    `wrong` is a whole spec that gives exactly this finding and no other; `right` is the same
    spec, mended, that gives none. `why` says what would happen otherwise.
    """

    name: str  # NN203
    title: str  # a few words: "given twice"
    what: str  # what the checker found, in words of the language
    why: str
    wrong: str
    right: str
    source: str = ""  # paper or page, for a lint
    files: Mapping[str, str] = field(default_factory=dict)  # texts that both specs read, by name
    settings: Mapping[str, str] = field(default_factory=dict)  # `--set` for both specs
