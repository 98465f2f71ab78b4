"""Initializers: how the numbers of a parameter begin."""

from typing import ClassVar

from nndsl.data import Signal
from nndsl.ir import Name, Operation, parse_text
from nndsl.ir.tree import expressions, parts
from nndsl.vocabulary.builtin import Builtin


class Initializer(Builtin):
    """How a parameter begins.

    `draw` is the body of a function of the script, or stands where the parameter is made if it
    is one statement without chance. It writes `w` and may read `shape`, `fan_in`, `fan_out` (the
    numbers of inputs and outputs of a unit), the word's own fields, and `rng`, a generator of
    its own for this parameter. What does not read `dtype` is cast to it.
    """

    kind = "initializers"
    draw: ClassVar[str]
    explanation: ClassVar[str]  # one line, for the function's docstring
    by_fan: ClassVar[bool] = False  # its spread follows from fan_in and fan_out

    @property
    def draws_numbers_alone(self) -> bool:
        """Is each number drawn alone? Not where the lengths of the shape are read one by one."""
        every = (
            part for s in parse_text(self.draw) for e in expressions(s.node) for part in parts(e)
        )
        return not any(
            isinstance(part, Operation) and part.op == "[]" and part.operands[0] == Name("shape")
            for part in every
        )

    def moments(self, fan_in: int, fan_out: int) -> Signal | None:
        """Return the mean and the variance of the numbers, or None where they are not known."""
        return None
