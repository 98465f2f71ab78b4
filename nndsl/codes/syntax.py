"""Codes of syntax."""

from nndsl.codes.code import Code

CODES: tuple[Code, ...] = ()
