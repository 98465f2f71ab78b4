"""Samplers: how a search chooses the next trial."""

from typing import Any, ClassVar

from nndsl.vocabulary.builtin import Builtin


class Sampler(Builtin):
    """How a search chooses the values of the next trial."""

    kind = "samplers"
    positional = 0
    by_default: ClassVar[str] = "random"  # the word that is meant where a spec names none
    optuna: ClassVar[str]  # the class of optuna.samplers that does it
    options: ClassVar[dict[str, Any]] = {}  # its arguments, besides the seed
