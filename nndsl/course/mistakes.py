"""Mistakes that people make in scripts: which statement may be wrong, in what part, and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from nndsl.course.observation import STEP, Array
from nndsl.course.units import EVALUATE, PREDICT, UPDATE
from nndsl.course.wrong_statements import (
    LOAD,
    MAIN,
    TRAIN,
    Around,
    of_expressions,
    of_loop,
    of_network,
    of_parameters,
    of_parts,
    of_signs,
    operations,
)
from nndsl.ir import (
    NO_HEADING,
    Expression,
    KeywordStatement,
    Literal,
    Name,
    Operation,
    Statement,
    statement,
)
from nndsl.ir.tree import NO_COMMENT, Node, expressions, parts
from nndsl.program.program import Program

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
PARAMS = "params"
FANS = ("fan_in", "fan_out")
ACTIVATIONS = ("np.maximum()", "np.tanh()")

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

    def put(self, body: Statements) -> Statements:
        """Return the statements of its function with the mistake."""
        new = (body[self.at].with_node(self.node),) if self.node is not None else ()
        return self.body or (*body[: self.at], *new, *body[self.at + 1 :])


def natural_mistakes(
    program: Program, functions: Mapping[str, Statements], arrays: Mapping[str, Mapping[str, Array]]
) -> list[Mistake]:
    """Return mistakes that may be made in the functions of a script.

    None of them leaves a variable unused: every linter would tell it.
    `arrays` are what variables of a function hold: one is taken for another of its shape.
    """
    remembered = [name for name, *_ in program.training.update.states] if program.training else []
    constants = [constant.name for constant in program.constants]
    activations, strength = _said_in(functions.get(STEP, ()), constants)
    found: list[Mistake] = []
    for name, body in functions.items():
        of_function = _part_of(program, name)
        known: list[str] = []
        for at, made in enumerate(body):
            part = of_function or _part_of_step(made, body)
            around = Around(
                known,
                arrays.get(name, {}),
                (remembered, *_alike(constants), FANS),
                activations if part == FORWARD else (),
                strength,
                may_divide="N" in known and part in (BACKWARD, LOSS),
            )
            for kind, node in _of_statement(name, made.node, around):
                is_shift = kind == "dropped term" and _lost(made, node, ".max()")
                found.append(Mistake(NUMERICS if is_shift else part, kind, name, at, node))
            known += made.writes
    found += _in_training_mode(program, functions)
    unused = {name: _unused(body) for name, body in functions.items()}
    return [
        mistake
        for mistake in found
        if mistake.part
        and (
            mistake.body
            or _unused(mistake.put(functions[mistake.function])) <= unused[mistake.function]
        )
    ]


def _unused(body: Statements) -> set[str]:
    """Return the variables, each of a statement of its own, that no statement reads.

    Linters say nothing of one of several names: `W1, b1, W2, b2 = params.values()`.
    """
    read = {name for made in body for name in made.reads}
    return {made.target for made in body if made.target is not None} - read


def _said_in(step: Statements, constants: list[str]) -> tuple[tuple[Operation, ...], str]:
    """Return the activations of a training step, and the constant of its penalty's gradient."""
    made = [part for s in step for value in expressions(s.node) for part in parts(value)]
    activations = (
        replace(o, operands=o.operands[:-1])
        for o in made
        if isinstance(o, Operation) and o.op in ACTIVATIONS
    )
    strengths = [
        factor.id
        for o in made
        if isinstance(o, Operation) and o.op == "+"
        for factor in _factors(o.operands[1])
        if isinstance(factor, Name) and factor.id in constants
    ]
    only = [
        a for a in dict.fromkeys(activations) if all(isinstance(o, Literal) for o in a.operands)
    ]
    return tuple(only), next(iter(strengths), "")


def _factors(value: Expression) -> tuple[Expression, ...]:
    return value.operands if isinstance(value, Operation) and value.op == "*" else ()


def _alike(constants: list[str]) -> Iterator[list[str]]:
    """Yield constants that are taken for each other: `BETA1` and `BETA2`."""
    for stem in dict.fromkeys(name[:-1] for name in constants):
        yield [name for name in constants if name[:-1] == stem]


def _part_of(program: Program, name: str) -> str:
    """Return the part of a script that a function belongs to, if it is one alone."""
    known = {PREDICT: FORWARD, EVALUATE: EVALUATION, UPDATE: UPDATING, PARAMS: INIT, STEP: ""}
    known |= {TRAIN: DATA, MAIN: DATA, LOAD: DATA}
    known |= {function.name: INIT for function in program.initializers}
    if program.loading is not None:
        known |= {function.name: DATA for function in program.loading.functions}
    return known.get(name, BACKWARD if name.endswith("_backward") else FORWARD)


def _part_of_step(made: Statement, body: Statements) -> str:
    """Return the part that a statement of the training step belongs to. Empty: to none."""
    if not any(other.section for other in body):  # it takes differences of the loss
        return BACKWARD
    return made.section.part


def _of_statement(function: str, node: Node, around: Around) -> Iterator[tuple[str, Node | None]]:
    """Yield kinds of mistakes, and the statement with each of them."""
    if function == PARAMS:
        yield from of_parameters(node)
        return
    if function not in (TRAIN, MAIN):
        if any(op.op == ".values()" for op in operations(node)):  # names for what is given
            return
        yield from of_signs(node)
        yield from of_network(node, around)
        yield from of_expressions(node, around)
    if function in (TRAIN, MAIN, LOAD):
        yield from of_loop(node)
        yield from of_parts(node, function)


def _in_training_mode(program: Program, functions: Mapping[str, Statements]) -> Iterator[Mistake]:
    """Yield a prediction that does what a training step does: with noise, say."""
    if program.training is None or len(program.graph.outputs) > 1:
        return
    step, evaluate = functions[STEP], functions[EVALUATE]
    called = [m for m in evaluate if any(op.op == f"{PREDICT}()" for op in operations(m.node))]
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
    counts = [sum(o.op == op for o in operations(n)) for n in (made.node, node) if n is not None]
    return len(counts) == 2 and counts[1] < counts[0]
