"""Mathematics as data: numpy statements, what they read and write, and how they are renamed."""

from nndsl.statements.rows import Dimension, Dimensions, Rows, margin, node_of
from nndsl.statements.statement import Identifier, Statement, parse_expression, parse_text

__all__ = [
    "Dimension",
    "Dimensions",
    "Identifier",
    "Rows",
    "Statement",
    "margin",
    "node_of",
    "parse_expression",
    "parse_text",
]
