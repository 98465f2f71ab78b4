"""Mutants: scripts with one mistake, of the kinds that people make in backward passes."""

import textwrap
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from nndsl.ir import Assign, AugmentedAssign, Expression, Literal, Name, Operation, parse_value
from nndsl.ir.printer import expression as print_expression
from nndsl.ir.printer import statement as print_statement
from nndsl.ir.tree import Node, places, variable_of
from nndsl.ir.values import COMPARISONS
from nndsl.live.arrays import Array

FACTOR = parse_value("1 + 1e-4")
OTHER_AXIS = {0: 1, 1: 0, -1: 0}
MAX_VARIABLES = 2  # that stand in for one
ROOM = ("np.empty()", "np.empty_like()", "np.zeros()", "np.zeros_like()")


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


def statement_mutants(
    text: str, node: Node, numbers: range, known: Collection[str], arrays: Mapping[str, Array]
) -> Iterator[Mutant]:
    """Yield a mutant for each mistake in the statement that stands on these lines of a text.

    `known` are the arrays among `arrays` that may be taken for another there.
    """
    lines = text.split("\n")
    first = lines[numbers[0] - 1]
    indent = " " * (len(first) - len(first.lstrip()))
    before, after = lines[: numbers[0] - 1], lines[numbers[-1] :]
    code = print_statement(node)
    seen = {code}
    for kind, changed in _mistakes(node, known, arrays):
        if changed not in seen:
            seen.add(changed)
            mutated = "\n".join([*before, textwrap.indent(changed, indent), *after])
            yield Mutant(kind, numbers[0], code, changed, mutated)


def _mistakes(
    node: Node, known: Collection[str], arrays: Mapping[str, Array]
) -> Iterator[tuple[str, str]]:
    """Yield kinds of mistakes, and the code of a statement with each of them."""
    if isinstance(node, Assign | AugmentedAssign):
        if _is_room(node.value):
            return
        yield "sign", print_statement(replace(node, value=Operation("-", (node.value,))))
        scaled = Operation("*", (FACTOR, node.value))
        yield "factor 1 + 1e-4", print_statement(replace(node, value=scaled))
        if isinstance(node, AugmentedAssign):
            yield "missing 1/N" if node.op == "/" else "dropped term", "pass"
        else:
            first = node.targets[0]
            if isinstance(first, Operation) and first.op == "tuple":
                first = first.operands[0]
            target = print_expression(first)
            entry = f"{target}.flat[np.abs({target}).argmax()] *= 1.01"
            again = f"{target} = {target} * 1.0"
            yield "one entry off by 1%", f"{print_statement(node)}\n{again}\n{entry}"
    for part, put in places(node):
        for kind, wrong in (*wrong_operations(part), *wrong_variables(part, known, arrays)):
            yield kind, print_statement(put(wrong))


def _is_room(value: Expression) -> bool:
    """Is it an array to be filled or to be added to? Nothing of it can be wrong but its shape."""
    match value:
        case Operation("tuple", parts):
            return all(map(_is_room, parts))
        case Operation(op, (inner, *_)):
            return op in ROOM or (op[0] == "." and op[-1] == ")" and _is_room(inner))  # a view
    return False


def wrong_variables(
    part: Expression, known: Collection[str], arrays: Mapping[str, Array]
) -> Iterator[tuple[str, Expression]]:
    """Yield others of the `known` arrays for one of the same shape, with the kind of mistake."""
    array = arrays.get(variable_of(part))
    if array is not None:
        same = [
            name
            for name in known
            if name in arrays
            and arrays[name].shape == array.shape
            and not np.array_equal(arrays[name], array)
        ]
        for name in dict.fromkeys(reversed(same[-MAX_VARIABLES:])):
            yield "wrong variable", parse_value(name)


def wrong_operations(part: Expression) -> Iterator[tuple[str, Expression]]:
    """Yield what stands in the place of an operation by mistake, with the kind of mistake."""
    match part:
        case Operation("+", (left, right)):
            yield "sign", Operation("-", (left, right))
            for kept, lost in ((left, right), (right, left)):
                is_epsilon = isinstance(lost, Name) and "epsilon" in lost.id.lower()
                yield "epsilon left out" if is_epsilon else "dropped term", kept
        case Operation("-", (left, right)):
            yield "sign", Operation("+", (left, right))
            yield "dropped term", left
            yield "dropped term", Operation("-", (right,))
        case Operation("*", (left, right)):
            for kept, lost in ((left, right), (right, left)):
                yield "missing mask" if _is_mask(lost) else "dropped factor", kept
        case Operation("/", (left, right)):
            divisor = print_expression(right)
            is_count = divisor == "N" or ".size" in divisor
            yield "missing 1/N" if is_count else "dropped factor", left
        case Operation("@", (left, right)):
            for at, operand in enumerate((left, right)):
                turned = _transposed(operand)
                yield "transpose", Operation("@", (turned, right) if at == 0 else (left, turned))
            yield "transpose", Operation(".T", (part,))
        case Operation(">", (left, right)):
            yield "sign", Operation("<", (left, right))
        case Operation(op) if op.endswith((".mean()", ".sum()")):
            name = "sum" if op.endswith(".mean()") else "mean"
            yield "missing 1/N", replace(part, op=f"{op.rpartition('.')[0]}.{name}()")
    if isinstance(part, Operation):
        yield from _of_axis(part, dict(part.options))


def _of_axis(part: Operation, options: dict[str, Expression]) -> Iterator[tuple[str, Expression]]:
    match options.get("axis"):
        case Literal(int(axis)):
            other = OTHER_AXIS.get(axis, 0)
        case Operation("-", (_,)):
            other = 0
        case _:
            return
    options["axis"] = Literal(other, str(other))
    yield "wrong axis", replace(part, options=tuple(options.items()))


def _is_mask(value: Expression) -> bool:
    is_comparison = isinstance(value, Operation) and value.op.partition(" ")[0] in COMPARISONS
    return is_comparison or print_expression(value).startswith("mask")


def _transposed(value: Expression) -> Expression:
    match value:
        case Operation(".T", (inner,)):
            return inner
    return Operation(".T", (value,))
