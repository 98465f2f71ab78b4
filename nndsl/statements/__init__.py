"""Mathematics as data: numpy statements, what they read and write, and how they are renamed."""

from nndsl.statements.statement import Identifier, Statement, parse_expression, parse_text

__all__ = ["Identifier", "Statement", "parse_expression", "parse_text"]
