"""Codes of names."""

from nndsl.codes.code import Code

CODES: tuple[Code, ...] = ()
