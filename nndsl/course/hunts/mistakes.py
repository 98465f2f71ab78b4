"""Mistakes that people make in scripts: which statement may be wrong, in what part, and how."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from nndsl.course.exercises.units import EVALUATE, PREDICT, reads_of, writes_of
from nndsl.course.hunts.wrong_statements import (
    LOAD,
    MAIN,
    TRAIN,
    Around,
    average,
    of_averages,
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
    Assign,
    Expression,
    KeywordStatement,
    Literal,
    Name,
    Operation,
    Statement,
    statement,
)
from nndsl.ir.tree import (
    NO_COMMENT,
    Node,
    expressions,
    parts,
    places,
    putting,
    transformed,
    variable_of,
)
from nndsl.live.judging.observation import ME, STEP, Array
from nndsl.program.parts import (
    BACKWARD,
    EVALUATION,
    FORWARD,
    INIT,
    LOSS,
    NUMERICS,
    parts_of_all,
)
from nndsl.program.passes import eliminate_dead_code
from nndsl.program.program import Program
from nndsl.vocabulary import layer

PARAMS = "params"
FANS = ("fan_in", "fan_out")
ACTIVATIONS = ("np.maximum()", "np.tanh()")
IN_TRAINING_MODE = "prediction in training mode"

Statements = tuple[Statement, ...]
Functions = Mapping[str, Statements]  # of a method `Class.method`


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
    program: Program, functions: Functions, arrays: Mapping[str, Mapping[str, Array]]
) -> list[Mistake]:
    """Return mistakes that may be made in the functions of a script.

    None of them leaves a variable unused: every linter would tell it.
    `arrays` are what variables of a function hold: one is taken for another of its shape.
    """
    remembered = [name for name, *_ in program.training.update.states] if program.training else []
    constants = [constant.name for constant in program.constants]
    activations, strength = _said_in(functions, constants)
    part_of = {**parts_of_all(program), PARAMS: INIT}
    found: list[Mistake] = []
    for name, body in functions.items():
        written = {variable for made in body for variable in writes_of(made)}
        sources = {variable: reads_of(made) for made in body for variable in writes_of(made)}
        known = [v for made in body for v in sorted(reads_of(made) - written)]  # it is given them
        gradients = [v for v in known if v in arrays.get(name, {}) and not v.startswith(ME)]
        for at, made in enumerate(body):
            part = part_of.get(name) or (_part_of_step(made, body) if name == STEP else "")
            count: Expression | None = Name("N") if "N" in known else None
            if part == BACKWARD and count is None and gradients:
                count = Operation("len()", (Name(gradients[0]),))
            around = Around(
                known,
                arrays.get(name, {}),
                sources,
                (remembered, *_alike(constants), FANS),
                activations if part == FORWARD else (),
                strength,
                count if part in (BACKWARD, LOSS) else None,
            )
            for kind, node in _of_statement(name, made.node, around) if part else ():
                is_shift = kind == "dropped term" and _lost(made, node, ".max()")
                found.append(Mistake(NUMERICS if is_shift else part, kind, name, at, node))
            known += writes_of(made)
    found += _in_training_mode(program, functions)
    found += _by_the_batch(program, functions)
    unused = {name: _unused(functions, name) for name in functions}
    kept = []
    for one in found:
        changed = {**functions, one.function: one.put(functions[one.function])}
        if one.body or _unused(changed, one.function) <= unused[one.function]:
            kept.append(one)
    return kept


def _unused(functions: Functions, name: str) -> set[str]:
    """Return the variables of a function, and the attributes of its class, that nothing reads.

    Linters say nothing of one of several names: `W1, b1, W2, b2 = params.values()`.
    """
    body, of = functions[name], name.rpartition(".")[0]
    unread = {made.target for made in body if made.target is not None}
    unread -= {variable for made in body for variable in made.reads}
    if of:
        whole = [m for other in functions if other.startswith(f"{of}.") for m in functions[other]]
        kept = {variable for made in whole for variable in writes_of(made)}
        read = {variable_of(part) for made in whole for part, _ in places(made.node)}
        unread |= {variable for variable in kept - read if variable.startswith(f"{ME}.")}
    return unread


def _said_in(functions: Functions, constants: list[str]) -> tuple[tuple[Operation, ...], str]:
    """Return the activations of a network, and the constant of its penalty's gradient."""
    within = (s for name, body in functions.items() if name == STEP or "." in name for s in body)
    made = [part for s in within for value in expressions(s.node) for part in parts(value)]
    activations, strength = [], ""
    for part in made:
        match part:
            case Operation(op, (*numbers, _)) if op in ACTIVATIONS:
                if all(isinstance(number, Literal) for number in numbers):
                    activations.append(replace(part, operands=tuple(numbers)))
            case Operation("+", (_, Operation("*", factors))):
                named = (one.id for one in factors if isinstance(one, Name))
                strength = strength or next((name for name in named if name in constants), "")
    return tuple(dict.fromkeys(activations)), strength


def _alike(constants: list[str]) -> Iterator[list[str]]:
    """Yield constants that are taken for each other: `BETA1` and `BETA2`."""
    for stem in dict.fromkeys(name[:-1] for name in constants):
        yield [name for name in constants if name[:-1] == stem]


def _part_of_step(made: Statement, body: Statements) -> str:
    """Return the part that a statement of the training step belongs to. Empty: to none.

    One that asks objects has no headings: what it returns ahead of gradients is the loss.
    """
    if any(other.section for other in body):
        return made.section.part
    match body[-1].node:
        case KeywordStatement("return", Operation("tuple", (*losses, _))):
            return LOSS if {Name(name) for name in made.writes} & {*losses} else BACKWARD
    return BACKWARD


def _of_statement(function: str, node: Node, around: Around) -> Iterator[tuple[str, Node | None]]:
    """Yield kinds of mistakes, and the statement with each of them."""
    if function == PARAMS:
        yield from of_parameters(node)
        return
    if function not in (TRAIN, MAIN):
        if any(op.op == ".values()" for op in operations(node)):  # names for what is given
            return
        yield from of_signs(node)
        yield from of_averages(node)
        yield from of_network(node, around)
        yield from of_expressions(node, around)
    if function in (TRAIN, MAIN, LOAD):
        yield from of_loop(node)
        yield from of_parts(node, function, around.known)


def _in_training_mode(program: Program, functions: Functions) -> Iterator[Mistake]:
    """Yield a prediction that does what a training step does: with noise, say."""
    if program.training is None or len(program.graph.outputs) > 1:
        return
    if not any(node.layer.inference_forward for node in program.graph.nodes):
        return
    for at, made in enumerate(functions[PREDICT]):
        for part, put in places(made.node):
            match part:
                case Operation(op, operands) if op == f".{layer.PREDICT}()":
                    asked = Operation(f".{layer.FORWARD}()", operands)
                    yield Mistake(EVALUATION, IN_TRAINING_MODE, PREDICT, at, put(asked))
    asks = [m for m in functions[EVALUATE] if f"{PREDICT}()" in {o.op for o in operations(m.node)}]
    output = asks[0].writes[0] if asks and asks[0].writes else ""
    forward = (made for made in functions[STEP] if made.section.part != BACKWARD)
    plain = [replace(made, section=NO_HEADING, comment=NO_COMMENT) for made in forward]
    if kept := eliminate_dead_code(plain, {output}):
        body = (*kept, statement(KeywordStatement("return", Name(output))))
        yield Mistake(EVALUATION, IN_TRAINING_MODE, PREDICT, 0, None, body)


def _by_the_batch(program: Program, functions: Functions) -> Iterator[Mistake]:
    """Yield a prediction that takes what its batch has for a running average over many."""
    arguments = {block.name: block.arguments for block in program.blocks}
    calls = [call for made in functions.get(STEP, ()) for call in operations(made.node)]
    for name, body in functions.items():
        of = name.removesuffix(f".{layer.FORWARD}")
        predicts = PREDICT if of == name else f"{of}.{layer.PREDICT}"
        given = [call.operands for call in calls if call.op == f"{name}()"]
        known = [dict(zip(arguments.get(name, ()), values, strict=False)) for values in given]
        values = {made.target: made.node.value for made in body if isinstance(made.node, Assign)}
        averages = filter(None, (average(made.node) for made in body))
        for (kept, _, new), own in product(averages, known or [{}]):
            here, taken = (
                transformed(one, putting(own)) for one in (kept, values.get(variable_of(new), kept))
            )
            for at, made in enumerate(functions.get(predicts, ())):
                for part, put in places(made.node):
                    if part == here != taken:
                        yield Mistake(EVALUATION, IN_TRAINING_MODE, predicts, at, put(taken))


def _lost(made: Statement, node: Node | None, op: str) -> bool:
    """Has a statement an operation that is not there any more?"""
    counts = [sum(o.op == op for o in operations(n)) for n in (made.node, node) if n is not None]
    return len(counts) == 2 and counts[1] < counts[0]
