"""Inputs times a number."""

from __future__ import annotations


def scaled(scale: float) -> str:
    """Write how inputs are scaled: ` / 255`, ` * 0.5`, or nothing where the scale is 1."""
    if scale == 1:
        return ""
    divisor = round(1 / scale) if scale and abs(1 / scale) < 2**53 else 0
    return f" / {divisor}" if divisor > 1 and 1 / divisor == scale else f" * {scale!r}"
