"""Codes of lints."""

from nndsl.codes.code import Code

CODES: tuple[Code, ...] = ()
