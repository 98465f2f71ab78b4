"""Codes of data."""

from nndsl.codes.code import Code

CODES: tuple[Code, ...] = ()
