"""Codes of shapes."""

from nndsl.codes.code import Code

CODES: tuple[Code, ...] = ()
