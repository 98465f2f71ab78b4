"""Formulas over numbers that are known only while a script runs: the step, a scheduled rate."""

from collections.abc import Collection, Mapping

from nndsl.ir import Expression, Operation, names_of
from nndsl.ir.values import NUMBER, Value
from nndsl.vocabulary.lowered_formulas import LoweredFormulas
from nndsl.vocabulary.own_word import OwnWord

MODULES = ("np", "math")


class StepFormulas(LoweredFormulas):
    """Formulas of a word as statements; of `numbers`, a formula knows no more than that."""

    def __init__(
        self, word: OwnWord, numbers: Collection[str], arrays: Mapping[str, Value] | None = None
    ) -> None:
        super().__init__(word, {})
        self.known |= dict.fromkeys(numbers, NUMBER)
        self.known |= arrays or {}

    def number_of(self, node: Expression) -> float:
        """Return the value of a number that the page fixes; 1 stands for any other."""
        return super().number_of(node) if self.is_fixed(node) else 1.0

    def is_fixed(self, node: Expression) -> bool:
        """Does the page say what number it is?"""
        return {*names_of(node)} <= {*self.values, *MODULES}

    def _of_numbers(self, node: Operation, page: Expression) -> Operation:
        if node.op == "np.where()":
            test, then, otherwise = node.operands
            return Operation("if", (then, test, otherwise), enclosed=True)
        return super()._of_numbers(node, page)
