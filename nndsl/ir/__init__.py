"""Mathematics as data: statements as trees, what they read and write, how they are printed."""

from nndsl.ir.parser import parse_value
from nndsl.ir.statement import (
    Statement,
    assign,
    is_operand,
    parse_foreign,
    parse_text,
    plus,
    renamed,
    statement,
)
from nndsl.ir.tree import Assign, Change, Evaluate, Expression, Literal, Name, Operation, names_of

__all__ = [
    "Assign",
    "Change",
    "Evaluate",
    "Expression",
    "Literal",
    "Name",
    "Operation",
    "Statement",
    "assign",
    "is_operand",
    "names_of",
    "parse_foreign",
    "parse_text",
    "parse_value",
    "plus",
    "renamed",
    "statement",
]
