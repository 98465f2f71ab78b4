"""Codes of expectations."""

from nndsl.codes.code import Code

CODES: tuple[Code, ...] = ()
