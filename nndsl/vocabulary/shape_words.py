"""Shapes in words: what a reader calls the axes of an example."""

from __future__ import annotations

import math

from nndsl.vocabulary.word import Channels, Position, Positions, Shape, Tokens, show_shape


def axes(shape: Shape) -> tuple[str, ...]:
    """Return what the axes are called; nothing where that is not known."""
    if isinstance(shape, Positions):
        return ("positions", "features")
    if isinstance(shape, Channels):
        return ("channels", "steps")
    if len(shape) == 3:
        return ("channels", "height", "width")
    return ("features",) if len(shape) == 1 else ()


def describe(shape: Shape) -> str:
    """Return "a row of 64 features", "3 channels, 28 high and 28 wide", "8 x 8"."""
    if isinstance(shape, Tokens):
        return f"{count(shape[0], 'token')} of {count(shape.kinds, 'kind')}"
    names = axes(shape)
    if names == ("positions", "features"):
        return f"{count(shape[0], 'position')} of {count(shape[1], 'feature')}"
    if names == ("channels", "steps"):
        return f"{count(shape[0], 'channel')} of {count(shape[1], 'step')}"
    if names == ("channels", "height", "width"):
        return f"{count(shape[0], 'channel')}, {shape[1]} high and {shape[2]} wide"
    if names == ("features",):
        each = f" at each of {count(shape.of, 'position')}" if isinstance(shape, Position) else ""
        return f"a row of {count(shape[0], 'feature')}{each}"
    return show_shape(shape)


def shared_axes(first: Shape, second: Shape) -> tuple[str, ...]:
    """Return what the axes of both are called; nothing where they are not the same."""
    if len(first) != len(second):
        return ()
    names = {axes(first), axes(second)} - {()}
    return names.pop() if len(names) == 1 else ()


def differences(first: Shape, second: Shape) -> str:
    """Return "30 channels and 20, height 24 and 22"; nothing where the axes are not the same."""
    found = zip(shared_axes(first, second), first, second, strict=False)
    return ", ".join(
        f"{name} {a} and {b}" if name in ("height", "width") else f"{a} {name} and {b}"
        for name, a, b in found
        if a != b
    )


def count(number: int, what: str) -> str:
    """Return "1 channel", "2 channels"."""
    return f"{number} {what}{'s' * (number != 1)}"


def places(shape: Shape) -> Shape:
    """Return the lengths of the axes that are places: of an image, steps, or positions."""
    return shape[:1] if isinstance(shape, Positions | Tokens) else shape[1:]


def divisors(number: int, near: int) -> str:
    """Return what divides a number, next to another one that does not: "2 and 5"."""
    small = [d for d in range(1, math.isqrt(number) + 1) if number % d == 0]
    every = {*small, *(number // d for d in small)}
    nearby = max(d for d in every if d < near), min((d for d in every if d > near), default=0)
    return " and ".join(str(d) for d in nearby if d)
