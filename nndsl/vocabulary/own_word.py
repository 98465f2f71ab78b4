"""What words have in common that a page defines itself, by formulas."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from nndsl.ir import Expression, Operation, names_of
from nndsl.ir.printer import expression
from nndsl.ir.tree import parts, written_out
from nndsl.record import record
from nndsl.source import Span
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.formula_functions import EVERY, OF_BACKWARD

FEATURES_OF = "features of"  # a value: the length of its rows
MAX_INLINED = 50  # operations of formulas that are written as one


@record
class Formula:
    """`name = value` of a word's body."""

    name: str
    value: Expression
    span: Span


class OwnWord(Builtin):
    """A word of the page: its arguments are fields, and formulas say what it computes.

    It stands before the class of its kind among the bases of a class. `places` says where a part
    of a formula stands, by its identity.
    """

    positional = 0
    word: ClassVar[str] = ""
    formulas: ClassVar[tuple[Formula, ...]] = ()
    gradients: ClassVar[tuple[Formula, ...]] = ()  # of a backward pass that the page writes
    places: ClassVar[Mapping[int, Span]] = {}

    @classmethod
    def keyword(cls) -> str:
        return cls.word

    @property
    def fields(self) -> dict[str, Any]:
        """The arguments that it was given, by name."""
        return {name: getattr(self, name) for name in type(self).model_fields}

    @property
    def lines(self) -> list[str]:
        """The formulas as the page has them."""
        return [f"{formula.name} = {on_page(formula.value)}" for formula in self.formulas]

    @classmethod
    def inlined(cls, name: str) -> Expression:
        """Return what a name of the page is, as one formula."""
        return written_out((formula.name, formula.value) for formula in cls.formulas)[name]

    def reads(self, name: str) -> bool:
        """Does one of the formulas read a name?"""
        return any(name in names_of(f.value) for f in (*self.formulas, *self.gradients))


def inlined_operations(formulas: Iterable[Formula], name: str) -> int:
    """Return how many operations a name is, written as one formula: they may double each line."""
    counts: dict[str, int] = {}
    for formula in formulas:
        own = sum(isinstance(part, Operation) for part in parts(formula.value))
        counts[formula.name] = own + sum(counts.get(n, 0) for n in names_of(formula.value))
    return counts[name]


def on_page(node: Expression) -> str:
    """Return a formula as its page has it."""
    both = (*EVERY.items(), *OF_BACKWARD.items())  # in which `transpose` is another operation
    names = {function.op: f"{name}()" for name, function in both}

    if isinstance(node, Operation) and node.enclosed:
        node = Operation(node.op, node.operands, node.options)

    def said(part: Expression) -> Expression:
        match part:
            case Operation("np.concatenate()" | "reshape()" as op, (Operation(_, items),)):
                return Operation(names[op], tuple(map(said, items)))
            case Operation(op, operands, options, lines, enclosed):
                return Operation(
                    names.get(op, op), tuple(map(said, operands)), options, lines, enclosed
                )
        return part

    return expression(said(node))
