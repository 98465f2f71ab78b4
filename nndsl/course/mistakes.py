"""Mistakes that people make in scripts: statements as they should not be.

They are found in the tree of a script: what they have in common is an operation, and no word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nndsl.course.observation import STEP, Array
from nndsl.course.units import EVALUATE, PREDICT, UPDATE
from nndsl.ir import (
    NO_HEADING,
    Assign,
    AugmentedAssign,
    Expression,
    KeywordStatement,
    Literal,
    Name,
    Operation,
    Statement,
    statement,
)
from nndsl.ir.tree import NO_COMMENT, Block, Line, Node, places
from nndsl.live.gradients.mutants import wrong_operations, wrong_variables
from nndsl.program.program import Function, Program
from nndsl.program.sections import Section

BACKWARD, FORWARD, LOSS, UPDATING, INIT, DATA, EVALUATION, NUMERICS = PARTS = (
    "backward",
    "forward",
    "loss",
    "update",
    "init",
    "data",
    "evaluation",
    "numerics",
)
PARAMS, LOAD, TRAIN, MAIN = "params", "load_data", "train", "main"
UNARY = ("np.sqrt()", "math.sqrt()", "np.exp()", "np.tanh()")
OTHER_SIGN = {"-": "+", "+": "-"}
SIMPLE = ("[]", ">", "-", "@", ".T")  # operations that may change places

Statements = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A statement of a function as it should not be; `node` None: it is left out."""

    part: str  # of PARTS
    kind: str
    function: str  # `params`: the statement that makes them
    at: int
    node: Node | None
    body: Statements = ()  # of the whole function, where it has another one


# --- The statements of a script -----------------------------------------------------------


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
        body = changed[mistake.function]
        old = body[mistake.at]
        new = (old.with_node(mistake.node),) if mistake.node is not None else ()
        changed[mistake.function] = mistake.body or (
            *body[: mistake.at],
            *new,
            *body[mistake.at + 1 :],
        )
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


# --- What may be wrong with them ----------------------------------------------------------


def natural_mistakes(
    program: Program, functions: Mapping[str, Statements], arrays: Mapping[str, Mapping[str, Array]]
) -> list[Mistake]:
    """Return mistakes that may be made in the functions of a script.

    `arrays` are what variables of a function hold: one is taken for another of its shape.
    """
    found: list[Mistake] = []
    for name, body in functions.items():
        part = _part_of(program, name)
        known: list[str] = []
        for at, made in enumerate(body):
            own = part or _part_of_step(made, at, body)
            for kind, node in _of_statement(program, name, made, known, arrays.get(name, {})):
                is_shift = kind == "dropped term" and _lost(made, node, ".max()")
                found.append(Mistake(NUMERICS if is_shift else own, kind, name, at, node))
            known += made.writes
    found += _in_training_mode(program, functions)
    return [mistake for mistake in found if mistake.part]


def _part_of(program: Program, name: str) -> str:
    """Return the part of a script that a function belongs to, if it is one alone."""
    known = {PREDICT: FORWARD, EVALUATE: EVALUATION, UPDATE: UPDATING, PARAMS: INIT, STEP: ""}
    known |= {TRAIN: DATA, MAIN: DATA, LOAD: DATA}
    known |= {function.name: INIT for function in program.initializers}
    if program.loading is not None:
        known |= {function.name: DATA for function in program.loading.functions}
    return known.get(name, BACKWARD if name.endswith("_backward") else FORWARD)


def _part_of_step(made: Statement, at: int, body: Statements) -> str:
    has_no_passes = not any(other.section for other in body)  # it takes differences of the loss
    if made.section.part == BACKWARD or has_no_passes:
        return BACKWARD
    losses = {"loss", "penalty"}
    return LOSS if losses & {*made.writes} else FORWARD if made.section else ""


def _of_statement(
    program: Program,
    function: str,
    made: Statement,
    known: Collection[str],
    arrays: Mapping[str, Array],
) -> Iterator[tuple[str, Node | None]]:
    """Yield kinds of mistakes, and the statement with each of them."""
    if function == PARAMS:
        yield from _of_parameters(made.node)
    elif function in (TRAIN, MAIN):
        yield from _of_loop(made.node)
        yield from _of_parts(made.node, function)
    elif not (made.writes and any(op.op == ".values()" for op in _operations(made.node))):
        yield from _of_signs(made.node)
        yield from _of_expressions(program, made.node, known, arrays)
        if function == LOAD:
            yield from _of_loop(made.node)
            yield from _of_parts(made.node, function)


def _of_signs(node: Node) -> Iterator[tuple[str, Node | None]]:
    """Yield a statement, or one in it, that adds instead of subtracting, or is left out."""
    match node:
        case AugmentedAssign(target, op, value):
            if op in OTHER_SIGN:
                yield "sign", AugmentedAssign(target, OTHER_SIGN[op], value)
            if op == "+":
                yield "overwritten", Assign((target,), value)
            yield ("missing 1/N" if op == "/" else "left out"), None
        case Assign(targets, Operation("-", (value,))):
            yield "sign", Assign(targets, value)
        case Block(body=body):
            for at, line in enumerate(body):
                for kind, changed in _of_signs(line.node):
                    new = () if changed is None else (replace(line, node=changed),)
                    rest = (*body[:at], *new, *body[at + 1 :])
                    if rest:
                        yield kind, replace(node, body=rest)


def _of_expressions(
    program: Program, node: Node, known: Collection[str], arrays: Mapping[str, Array]
) -> Iterator[tuple[str, Node]]:
    remembered = [name for name, *_ in program.training.update.states] if program.training else []
    for part, put in places(node):
        others = [*wrong_operations(part), *wrong_variables(part, known, arrays)]
        others += _of_functions(part)
        others += _added(part, "N" in known)
        others += _of_names(part, remembered, [one.name for one in program.constants])
        twins = _twins(node)
        for kind, wrong in others:
            changed = put(wrong)
            if not _is_artificial(part, wrong) and _twins(changed) <= twins:
                yield kind, changed


def _twins(node: Node) -> int:
    """Count operations on twice the same: nobody writes `fan_in + fan_in`."""
    pairs = (op.operands for op in _operations(node) if len(op.operands) == 2)
    return sum(left == right for left, right in pairs)


def _is_artificial(part: Expression, wrong: Expression) -> bool:
    """Does it look like nothing that somebody would write? `(A @ B).T`, and `-b` for `a - b`."""
    match part, wrong:
        case Operation("@"), Operation(".T"):
            return True
        case Operation("-", (_, right)), Operation("-", (other,)):
            return right == other
        case Operation(), Literal():
            return True
    return False


def _of_functions(part: Expression) -> Iterator[tuple[str, Expression]]:
    match part:
        case Operation(op, (inner,)) if op in UNARY:
            yield "missing function", inner
        case Operation("**", (inner, Literal(2))):
            yield "missing square", inner
        case Operation("*", (left, right)) if left == right:
            yield "missing square", left
        case Operation("/", (Literal(2), right)):
            yield "wrong factor", Operation("/", (Literal(1, "1"), right))


def _added(part: Expression, has_count: bool) -> Iterator[tuple[str, Expression]]:
    """Yield operations with more than there should be, or in another order."""
    match part:
        case Operation("@", (left, right)) if has_count:
            yield "1/N twice", Operation("/", (part, Name("N")))
            yield "sign", Operation("@", (Operation("-", (left,)), right))
        case Operation(".sum()", _) if has_count:
            yield "1/N twice", Operation("/", (part, Name("N")))
        case Operation("-", (left, right)):
            yield "sign", Operation("-", (right, left))
        case Operation("/", (left, right)) if isinstance(right, Name):
            yield "wrong factor", Operation("/", (left, Operation("**", (right, Literal(2, "2")))))
        case Operation("*", (Name() as left, Name() as right)) if left != right:
            yield "wrong factor", Operation("*", (left, Operation("**", (right, Literal(2, "2")))))


def _of_names(
    part: Expression, remembered: Sequence[str], constants: Sequence[str]
) -> Iterator[tuple[str, Expression]]:
    """Yield what is easily taken for another: `BETA1` and `BETA2`, `m` and `v`, two fans."""
    for group in (remembered, constants, ("fan_in", "fan_out")):
        if isinstance(part, Name) and part.id in group:
            for other in group:
                is_alike = other[:-1] == part.id[:-1] or group is remembered or "fan_" in other
                if other != part.id and is_alike:
                    yield "wrong variable", Name(other)


def _of_parameters(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield parameters of which one begins with zeros instead of drawn numbers."""
    for part, put in places(node):
        match part:
            case Operation("pair", (name, Operation(op, (shape, *_)))) if not op.startswith("np."):
                zeros = Operation("np.zeros()", (shape, Name("np.float32")))
                yield "weights of zero", put(Operation("pair", (name, zeros)))


def _of_loop(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield examples that are taken in their own order, or targets of other examples."""
    slices = {}
    for part, put in places(node):
        match part:
            case Operation(".permutation()", (_, count)):
                yield "no shuffling", put(Operation("np.arange()", (count,)))
    for inner in _assigned(node):
        match inner:
            case Assign((Name(name),), Operation("[]", (Name("order"), taken))):
                slices[name] = taken
    for part, put in places(node):
        match part:
            case Operation("[]", (Name(array), Name(index))) if index in slices and array != "X":
                yield "targets of others", put(Operation("[]", (Name(array), slices[index])))


def _assigned(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Block):
        for line in node.body:
            yield from _assigned(line.node)


def _of_parts(node: Node, function: str) -> Iterator[tuple[str, Node]]:
    """Yield statements in which a part of the data is taken for another."""
    names = ("training", "validation", "test", *(["order"] if function == LOAD else []))
    for part, put in places(node):
        match part:
            case Operation("tuple", operands) if all(_index(o) in names for o in operands):
                for other in names:
                    if operands and other != _index(operands[0]):
                        yield "wrong part", put(_indexed(part, other))
            case Operation("[]", (array, Name("training"))) if not isinstance(
                node, KeywordStatement
            ):
                yield "statistics of all data", put(array)
            case Operation("*", (Name(name),)) if function == MAIN and name in names:
                for other in names:
                    if other != name:
                        yield "wrong part", put(Operation("*", (Name(other),)))


def _index(value: Expression) -> str:
    match value:
        case Operation("[]", (_, Name(name))):
            return name
    return ""


def _indexed(group: Operation, other: str) -> Expression:
    operands = (
        replace(o, operands=(o.operands[0], Name(other))) if isinstance(o, Operation) else o
        for o in group.operands
    )
    return replace(group, operands=tuple(operands))


def _in_training_mode(program: Program, functions: Mapping[str, Statements]) -> Iterator[Mistake]:
    """Yield a prediction that does what a training step does: with noise, say."""
    if program.training is None or len(program.graph.outputs) > 1:
        return
    step, evaluate = functions[STEP], functions[EVALUATE]
    called = [m for m in evaluate if any(op.op == f"{PREDICT}()" for op in _operations(m.node))]
    output = called[0].writes[0] if called and called[0].writes else ""
    forward = [m for m in step if m.section.part != BACKWARD]
    last = max((at for at, made in enumerate(forward) if output in made.writes), default=-1)
    needed, kept = {output}, []
    for made in reversed(forward[: last + 1]):
        if needed & {*made.writes}:
            needed |= made.reads
            kept.append(made)
    predicts = functions[PREDICT]
    known = {name for made in predicts for name in made.reads | {*made.writes}}
    more = {name for made in kept for name in made.reads} - known
    drawn = {name for name in more if name in program.streams or name.endswith("_rng")}
    if not kept or not (drawn or any("mean" in made.text or "state" in made.text for made in kept)):
        return
    plain = [replace(made, section=NO_HEADING, comment=NO_COMMENT) for made in reversed(kept)]
    body = (*plain, statement(KeywordStatement("return", Name(output))))
    yield Mistake(EVALUATION, "prediction in training mode", PREDICT, 0, None, body)


def _lost(made: Statement, node: Node | None, op: str) -> bool:
    """Has a statement an operation that is not there any more?"""
    counts = [sum(o.op == op for o in _operations(n)) for n in (made.node, node) if n is not None]
    return len(counts) == 2 and counts[1] < counts[0]


def _operations(node: Node) -> Iterator[Operation]:
    return (part for part, _ in places(node) if isinstance(part, Operation))


# --- What is as right as before -----------------------------------------------------------


def harmless(made: Statement) -> Iterator[Statement]:
    """Yield a statement that computes the same, in another order."""
    for part, put in places(made.node):
        match part:
            case Operation("*" | "+" as op, (left, right)) if _is_simple(left) and _is_simple(
                right
            ):
                yield made.with_node(put(Operation(op, (right, left))))
            case Operation(">", (left, Literal(0))):
                yield made.with_node(put(Operation("<", (Literal(0, "0"), left))))


def _is_simple(value: Expression) -> bool:
    return isinstance(value, Name) or (isinstance(value, Operation) and value.op in SIMPLE)
