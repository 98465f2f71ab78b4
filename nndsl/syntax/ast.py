"""The abstract syntax tree: what the text says, before any name means anything.

Every node carries the span it was read from. The tree knows the five forms of the
language (setting, call, declaration, comparison, value) and no word of its vocabulary. `Hole`
and `Broken` stand where a text has syntax errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from nndsl.record import record
from nndsl.source import Source, Span


@record
class Name:
    text: str
    span: Span


# --- Values ---------------------------------------------------------------------------


@record
class Number:
    value: int | float
    span: Span


@record
class String:
    value: str
    span: Span


@record
class Boolean:
    value: bool
    span: Span


@record
class Unary:
    """`-x` or `+x`."""

    operator: str
    operand: Value
    span: Span


@record
class Operation:
    """`first operator value operator value …`, from the left.

    The operators are `+ -`, or `* / // % @`, or a single `**` or comparison.
    """

    first: Value
    rest: tuple[tuple[str, Value], ...]
    span: Span

    def until(self, count: int) -> Operation:
        """Return the operation as far as its `count`-th operator reaches."""
        if count == len(self.rest):
            return self
        end = self.rest[count - 1][1].span
        return Operation(self.first, self.rest[:count], self.first.span.to(end))


@record
class Group:
    """A value in parentheses, kept so that the text can be printed as it was written."""

    inner: Value
    span: Span


@record
class Sequence:
    """A tuple `(1, 28, 28)` or a list `[a, b]`."""

    items: tuple[Value, ...]
    is_list: bool
    span: Span


@record
class Hole:
    """A value, or some arguments, that could not be read; a syntax error says why."""

    span: Span


@record
class Argument:
    """`value`, or `name = value`."""

    name: Name | None
    value: Value
    span: Span


@record
class Reference:
    """A name, or a call that stands as a value: `he`, `width`, `sgd(lr=0.1)`.

    `arguments` is None where there are no parentheses.
    """

    name: Name
    arguments: tuple[Argument, ...] | None
    span: Span


Value = Number | String | Boolean | Unary | Operation | Group | Sequence | Reference | Hole


# --- Statements -----------------------------------------------------------------------


@record
class Setting:
    """`name = value`; `name = residual { … }`, a call with a body; `name, other = value`."""

    name: Name
    value: Value
    span: Span
    body: Body | None = None
    others: tuple[Name, ...] = ()

    @property
    def names(self) -> tuple[Name, ...]:
        return (self.name, *self.others)


@record
class Body:
    statements: tuple[Statement, ...]
    span: Span


@record
class Call:
    """`name`, `name(arguments)`, either with or without a body `{ … }`; or `name "text"`."""

    name: Name
    arguments: tuple[Argument, ...] | None
    body: Body | None
    span: Span

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Those in its body, if it has one."""
        return self.body.statements if self.body else ()


@record
class Declaration:
    """`word name`, then `= value` (as in a setting), or arguments and a body, each optional."""

    word: Name
    name: Name
    value: Value | None
    arguments: tuple[Argument, ...] | None
    body: Body | None
    span: Span


@record
class Comparison:
    """`name operator value`, with an operator of `<= >= == != < >`."""

    name: Name
    operator: str
    value: Value
    span: Span


@record
class Broken:
    """A statement whose form could not be read: its first name (empty where it has none)."""

    name: Name
    body: Body | None
    span: Span


Statement = Setting | Call | Declaration | Comparison | Broken


@record
class Comment:
    """`# …`, with its `#`, without the line end; `trailing` after something on its line."""

    text: str
    span: Span
    trailing: bool


@record
class Import:
    """Where a page imports words from: the text that names the file, and the files that came."""

    span: Span
    sources: tuple[Source, ...]


@record
class Tree:
    """A text as it was read, or with the statements of what it imports in their places.

    Where it has syntax errors the tree holds what could be read, and `unread` are the pieces of
    the text that could not, or not wholly. No code may be made of such a tree.
    """

    source: Source
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = ()
    unread: tuple[Span, ...] = ()
    imports: tuple[Import, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.unread


def walk(*nodes: object) -> Iterator[Any]:
    """Yield nodes and all nodes in them, each before its parts, in the order of the text."""
    waiting: list[object] = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting += reversed(node)
        elif is_dataclass(node) and not isinstance(node, Span | Source):
            yield node
            waiting += [getattr(node, part.name) for part in reversed(fields(node))]
