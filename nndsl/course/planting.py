"""The statements of a script's functions, with mistakes in them or without, and no word of either.

What says the same in another order stands beside mistakes: not all that differs is wrong.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from nndsl.course.hunt_key import checksum
from nndsl.course.mistakes import PARAMS, Mistake, Statements
from nndsl.ir import Expression, Literal, Name, Operation, Statement
from nndsl.ir.printer import expression as print_expression
from nndsl.ir.tree import NO_COMMENT, Block, Line, Node, places
from nndsl.program.program import Function
from nndsl.program.sections import Section

SIMPLE = ("[]", ">", "-", "@", ".T")  # operations that may change places

Change = tuple[int, int, int, int]  # lines of one text, and those of another in their place


def functions_of(sections: Sequence[Section]) -> dict[str, Statements]:
    """Return the statements of each function, with what it returns as the last; and `params`."""
    found: dict[str, Statements] = {}
    for part in (part for section in sections for part in section.parts):
        if isinstance(part, Function):
            found[part.name] = part.body
        elif isinstance(part, tuple) and any(PARAMS in made.writes for made in part):
            found[PARAMS] = part
    return found


def with_functions(sections: Sequence[Section], changed: Mapping[str, Statements]) -> list[Section]:
    """Return sections whose functions have other statements."""

    def made(part: object) -> object:
        if isinstance(part, Function) and part.name in changed:
            return part.with_body(changed[part.name])
        if isinstance(part, tuple) and PARAMS in changed and any(PARAMS in m.writes for m in part):
            return changed[PARAMS]
        return part

    return [
        replace(section, parts=tuple(map(made, section.parts)))  # type: ignore[arg-type]
        for section in sections
    ]


def planted(
    functions: Mapping[str, Statements], mistakes: Iterable[Mistake]
) -> dict[str, Statements]:
    """Return the statements of functions with mistakes in them, each in a statement of its own."""
    changed = dict(functions)
    for mistake in sorted(mistakes, key=lambda mistake: -mistake.at):  # what is left out moves none
        changed[mistake.function] = mistake.put(changed[mistake.function])
    return changed


def without_reasons(made: Statement) -> Statement:
    """Return a statement without comments, also in what it holds: they would tell what is wrong."""
    return replace(made.with_node(_without_reasons(made.node)), comment=NO_COMMENT)


def _without_reasons(node: Node) -> Node:
    if not isinstance(node, Block):
        return node
    return replace(
        node,
        body=tuple(map(_plain_line, node.body)),
        otherwise=_plain_line(node.otherwise) if node.otherwise is not None else None,
    )


def _plain_line(line: Line) -> Line:
    return replace(line, node=_without_reasons(line.node), comment=NO_COMMENT)


def harmless(made: Statement) -> dict[str, Statement]:
    """Return statements that compute the same, written in another way, by what is rewritten."""
    found = {}
    for part, put in places(made.node):
        for number, other in enumerate(_again(part)):
            found[f"{number} {print_expression(part)}"] = made.with_node(put(other))
    return found


def _again(part: Expression) -> Iterator[Expression]:
    """Yield an expression written in another order, as a power, or as a call of numpy's."""
    match part:
        case Operation("*", (left, right)) if left == right:
            yield Operation("**", (left, Literal(2, "2")))
        case Operation("*" | "+" as op, (left, right)) if _is_simple(left) and _is_simple(right):
            yield Operation(op, (right, left))
        case Operation(">", (left, Literal(0))):
            yield Operation("<", (Literal(0, "0"), left))
        case Operation("**", (Name() as base, Literal(2))):
            yield Operation("*", (base, base))
        case Operation(".sum()" | ".mean()" | ".max()" as op, operands) if part.options:
            yield replace(part, op=f"np{op}", operands=operands)
        case Operation("@", (left, right)):
            yield Operation("np.matmul()", (left, right))


def _is_simple(value: Expression) -> bool:
    return isinstance(value, Name) or (isinstance(value, Operation) and value.op in SIMPLE)


def changes(before: Sequence[str], now: Sequence[str]) -> list[Change]:
    """Return where lines differ, but for what the head of a script says of its text."""
    old, new = (["" if checksum(line) else line for line in lines] for lines in (before, now))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [change[1:] for change in matcher.get_opcodes() if change[0] != "equal"]


def touched(change: Change) -> Iterator[int]:
    """Yield the lines that change; where one is added, that before which it stands."""
    return iter(range(change[0], max(change[1], change[0] + 1)))


def span(changes: Sequence[Change]) -> Change:
    """Return all changes as one."""
    begins, ends, firsts, lasts = zip(*changes, strict=True)
    return min(begins), max(ends), min(firsts), max(lasts)
