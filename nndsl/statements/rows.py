"""Lengths of arrays: numbers, and those that grow with the batch."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rows:
    """N times `each`: as many rows as there are examples, or positions of all examples.

    It is no text, for `1 / ` before "N * 4" would be another number: code takes it as `node_of`.
    """

    each: int = 1


Dimension = int | Rows
Dimensions = tuple[Dimension, ...]


def node_of(length: Dimension) -> ast.expr:
    """Return a length as code."""
    if isinstance(length, Rows):
        n = ast.Name("N", ast.Load())
        return n if length.each == 1 else ast.BinOp(n, ast.Mult(), ast.Constant(length.each))
    return ast.Constant(length) if length >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-length))


def margin(length: Dimension) -> str:
    """Return how the margin says a length; in code it would be `N*64` without parentheses."""
    if isinstance(length, Rows):
        return "N" if length.each == 1 else f"N*{length.each}"
    return str(length)
