"""Mutants: scripts with one mistake, of the kinds that people make in backward passes."""

from __future__ import annotations

import ast
import textwrap
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nndsl.live.gradients.listing import Listing
from nndsl.live.gradients.running import Array
from nndsl.program.passes import eliminate_dead_code

FACTOR = "(1 + 1e-4)"
OTHER_AXIS = {0: 1, 1: 0, -1: 0}
MAX_VARIABLES = 2  # that stand in for one
ROOM = ("np.empty", "np.empty_like", "np.zeros", "np.zeros_like")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A script with one mistake, and the answer: what was there, and what is there now."""

    kind: str
    line: int
    was: str
    now: str
    text: str

    @property
    def answer(self) -> str:
        """Say where the mistake is, and how to mend it: of a loop, the line that is wrong."""
        now, was, line = self.now, self.was, self.line
        if now.count("\n") == was.count("\n"):
            pairs = zip(now.split("\n"), was.split("\n"), strict=True)
            at, (now, was) = next(pair for pair in enumerate(pairs) if pair[1][0] != pair[1][1])
            line += at
        return f"line {line}: {self.kind}\n  is      {now.strip()}\n  was     {was.strip()}\n"


def backward_mutants(listing: Listing, values: Mapping[str, Any]) -> Iterator[Mutant]:
    """Yield a mutant for each mistake in each statement of the backward pass.

    `values` are those of the variables of `loss_and_gradients`: an array is taken for another
    where they have the same shape, and do not hold the same numbers.
    """
    arrays = {
        name: value
        for name, value in values.items()
        if isinstance(value, np.ndarray) and value.ndim > 0
    }
    forward = {
        id(statement) for statement in eliminate_dead_code(listing.statements, listing.losses)
    }
    known: dict[str, list[str]] = defaultdict(list)  # by function
    seen: set[int] = set()
    for step in listing.steps:
        line, written, names = step.line, step.written, known[step.function]
        if line not in seen:  # of a block that is there several times
            if id(step.statement) not in forward and any(name[0] == "d" for name in written.writes):
                yield from _of_statement(listing.text, line, written.text, names, arrays)
            names += written.writes
        seen.add(line)


def update_mutants(text: str) -> Iterator[Mutant]:
    """Yield a mutant for each mistake in each statement of the optimizer's step."""
    for function in ast.parse(text).body:
        if isinstance(function, ast.FunctionDef) and function.name == "update":
            for node in _plain(function.body[1:]):
                code = ast.get_source_segment(text, node)
                assert code is not None
                yield from _of_statement(text, node.lineno, code, [], {})


def _plain(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body and of its loops and conditions."""
    for node in body:
        inner: list[ast.stmt] = getattr(node, "body", [])
        if inner:
            yield from _plain(inner)
        else:
            yield node


def _of_statement(
    text: str, line: int, code: str, known: Collection[str], arrays: Mapping[str, Array]
) -> Iterator[Mutant]:
    lines = text.split("\n")
    length = code.count("\n") + 1
    first = lines[line - 1]
    indent = " " * (len(first) - len(first.lstrip()))
    seen = {code}
    for kind, changed in _mistakes(code, known, arrays):
        if changed in seen:
            continue
        seen.add(changed)
        written = textwrap.indent(changed, indent).split("\n")
        mutated = "\n".join([*lines[: line - 1], *written, *lines[line - 1 + length :]])
        yield Mutant(kind, line, code, changed, mutated)


def _mistakes(
    code: str, known: Collection[str], arrays: Mapping[str, Array]
) -> Iterator[tuple[str, str]]:
    tree = ast.parse(code).body[0]
    change = _Change(code)
    if isinstance(tree, ast.Assign | ast.AugAssign):
        if _is_room(tree.value):
            return
        target = ast.unparse(tree.targets[0] if isinstance(tree, ast.Assign) else tree.target)
        yield "sign", change(tree.value, f"-({change.of(tree.value)})")
        yield "factor 1 + 1e-4", change(tree.value, f"{FACTOR} * ({change.of(tree.value)})")
        if isinstance(tree, ast.AugAssign):
            kind = "missing 1/N" if isinstance(tree.op, ast.Div) else "dropped term"
            yield kind, "pass"
        else:
            entry = f"{target}.flat[np.abs({target}).argmax()] *= 1.01"
            yield "one entry off by 1%", f"{code}\n{target} = {target} * 1.0\n{entry}"
    filled = {id(target) for node in ast.walk(tree) for target in _filled(node)}
    for node in ast.walk(tree):
        yield from _of_node(node, change)
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        # Room that is left as it was holds anything, by chance what is right.
        if node.id in arrays and id(node) not in filled:
            array = arrays[node.id]
            same = [
                name
                for name in known
                if name in arrays
                and arrays[name].shape == array.shape
                and not np.array_equal(arrays[name], array)
            ]
            for name in dict.fromkeys(reversed(same[-MAX_VARIABLES:])):
                yield "wrong variable", change(node, name)


def _filled(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the variables whose elements a statement binds: `y` of `y[...] = x`."""
    for target in node.targets if isinstance(node, ast.Assign) else ():
        if isinstance(target, ast.Subscript):
            yield target.value


def _is_room(value: ast.expr) -> bool:
    """Is it an array to be filled or to be added to? Nothing of it can be wrong but its shape."""
    if isinstance(value, ast.Tuple):
        return all(map(_is_room, value.elts))
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        if ast.unparse(value.func) in ROOM:
            return True
        value = value.func.value  # a view of it: `.transpose(…)`
    return False


def _of_node(node: ast.AST, change: _Change) -> Iterator[tuple[str, str]]:
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield "sign", change(node, f"{change.of(left)} - ({change.of(right)})")
            for kept, lost in ((left, right), (right, left)):
                is_epsilon = isinstance(lost, ast.Name) and "epsilon" in lost.id.lower()
                kind = "epsilon left out" if is_epsilon else "dropped term"
                yield kind, change(node, f"({change.of(kept)})")
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            yield "sign", change(node, f"{change.of(left)} + {change.of(right)}")
            yield "dropped term", change(node, f"({change.of(left)})")
            yield "dropped term", change(node, f"(-({change.of(right)}))")
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            for kept, lost in ((left, right), (right, left)):
                is_mask = isinstance(lost, ast.Compare) or change.of(lost).startswith("mask")
                kind = "missing mask" if is_mask else "dropped factor"
                yield kind, change(node, f"({change.of(kept)})")
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            divisor = change.of(right)
            is_count = divisor == "N" or ".size" in divisor
            yield (
                "missing 1/N" if is_count else "dropped factor",
                change(node, f"({change.of(left)})"),
            )
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            for operand in (left, right):
                if isinstance(operand, ast.Attribute) and operand.attr == "T":
                    yield "transpose", change(operand, change.of(operand.value))
                else:
                    yield "transpose", change(operand, f"({change.of(operand)}).T")
            yield "transpose", change(node, f"({change.of(node)}).T")
        case ast.Compare(ops=[ast.Gt()], left=left, comparators=[right]):
            yield "sign", change(node, f"{change.of(left)} < {change.of(right)}")
        case ast.keyword(arg="axis", value=ast.Constant(value=int(axis)) as value):
            yield "wrong axis", change(value, str(OTHER_AXIS.get(axis, 0)))
        case ast.keyword(arg="axis", value=ast.UnaryOp() as negative):
            yield "wrong axis", change(negative, "0")
        case ast.Call(func=ast.Attribute(attr="mean" | "sum" as name) as function):
            other = "sum" if name == "mean" else "mean"
            yield "missing 1/N", change(function, change.of(function).removesuffix(name) + other)


class _Change:
    """Replaces a piece of code by another, where ast says it stands."""

    def __init__(self, code: str) -> None:
        self.code = code.encode()  # the columns of ast count bytes
        self.starts = [0]
        for line in self.code.split(b"\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)

    def of(self, node: ast.expr) -> str:
        """Return the code of an expression."""
        start, end = self._place(node)
        return self.code[start:end].decode()

    def __call__(self, node: ast.expr, code: str) -> str:
        start, end = self._place(node)
        return (self.code[:start] + code.encode() + self.code[end:]).decode()

    def _place(self, node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self.starts[node.lineno - 1] + node.col_offset
        return start, self.starts[node.end_lineno - 1] + node.end_col_offset
