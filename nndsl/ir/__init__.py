"""Mathematics as data: statements as trees, what they read and write, how they are printed."""

from nndsl.ir.parser import parse_value
from nndsl.ir.printer import wrapped
from nndsl.ir.statement import (
    NO_HEADING,
    Heading,
    Statement,
    assign,
    block,
    is_operand,
    names_in,
    parse_text,
    plus,
    reads,
    renamed,
    statement,
)
from nndsl.ir.tree import (
    Assign,
    AugmentedAssign,
    Expression,
    ExpressionStatement,
    KeywordStatement,
    Literal,
    Name,
    Operation,
    name_tuple,
    names_of,
    quoted,
)

__all__ = [
    "NO_HEADING",
    "Assign",
    "AugmentedAssign",
    "Expression",
    "ExpressionStatement",
    "Heading",
    "KeywordStatement",
    "Literal",
    "Name",
    "Operation",
    "Statement",
    "assign",
    "block",
    "is_operand",
    "name_tuple",
    "names_in",
    "names_of",
    "parse_text",
    "parse_value",
    "plus",
    "quoted",
    "reads",
    "renamed",
    "statement",
    "wrapped",
]
