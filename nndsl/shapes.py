"""Shapes of examples, and what a reader calls their axes."""

from __future__ import annotations

import math

Shape = tuple[int, ...]  # of one example: the axis of the batch is left out


class SequenceShape(tuple[int, ...]):
    """The shape of an example that has a row of features at each of its positions: (T, features).

    A script lays such values out as rows: all positions of all examples, one below the other, so
    that a layer of rows needs to know nothing of it.
    """

    __slots__ = ()

    @property
    def row(self) -> Shape:
        """The shape of one position."""
        return Position(self[1:], self[0])


class Position(tuple[int, ...]):
    """The shape of one of `of` positions, to a layer that sees them one by one: (features,)."""

    of: int

    def __new__(cls, shape: Shape, of: int) -> Position:
        made = super().__new__(cls, shape)
        made.of = of
        return made


class Channels(tuple[int, ...]):
    """The shape of an example with channels along time: (channels, steps).

    That three axes are the channels, the height and the width of an image needs no saying.
    """

    __slots__ = ()


class Tokens(tuple[int, ...]):
    """The shape of an example that is the numbers of tokens, each below `vocab_size`: (T,).

    Where `padding` is a token, it fills up examples that are shorter than others.
    """

    vocab_size: int
    padding: int | None

    def __new__(cls, shape: Shape, vocab_size: int, padding: int | None = None) -> Tokens:
        made = super().__new__(cls, shape)
        made.vocab_size, made.padding = vocab_size, padding
        return made


def show_shape(shape: Shape) -> str:
    """Write the shape of one example: "64", "1 x 28 x 28"."""
    return " x ".join(map(str, shape)) if shape else "a single number"


def axes(shape: Shape) -> tuple[str, ...]:
    """Return what the axes are called; nothing where that is not known."""
    if isinstance(shape, SequenceShape):
        return ("positions", "features")
    if isinstance(shape, Channels):
        return ("channels", "steps")
    if len(shape) == 3:
        return ("channels", "height", "width")
    return ("features",) if len(shape) == 1 else ()


def describe(shape: Shape) -> str:
    """Return "a row of 64 features", "3 channels, 28 high and 28 wide", "8 x 8"."""
    if isinstance(shape, Tokens):
        return f"{count(shape[0], 'token')} of {count(shape.vocab_size, 'kind')}"
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
    return shape[:1] if isinstance(shape, SequenceShape | Tokens) else shape[1:]


def divisors(number: int, near: int) -> str:
    """Return what divides a number, next to another one that does not: "2 and 5"."""
    small = [d for d in range(1, math.isqrt(number) + 1) if number % d == 0]
    every = {*small, *(number // d for d in small)}
    nearby = max(d for d in every if d < near), min((d for d in every if d > near), default=0)
    return " and ".join(str(d) for d in nearby if d)
