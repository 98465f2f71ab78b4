"""Statements as they should not be: what is forgotten, taken for another, or there once too often.

They are found in the tree of a statement: what they have in common is an operation, and no word.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from nndsl.course.hunts.confused import are_confused
from nndsl.ir import (
    Assign,
    AugmentedAssign,
    Expression,
    ExpressionStatement,
    KeywordStatement,
    Literal,
    Name,
    Operation,
    parse_value,
)
from nndsl.ir.tree import Block, Node, places, variable_of
from nndsl.live.gradients.mutants import wrong_operations, wrong_variables
from nndsl.live.judging.observation import ME, Array
from nndsl.vocabulary.partition import PARTS

LOAD, TRAIN, MAIN = "load_data", "train", "main"
UNARY = ("np.sqrt()", "math.sqrt()", "np.exp()", "np.tanh()")
OTHER_SIGN = {"-": "+", "+": "-"}
DRAWN = "normal()"

Wrong = tuple[str, Node | None]  # a kind of mistake, and the statement with it; None: it is missing


@dataclass(frozen=True, slots=True)
class Around:
    """What a statement stands among, of which something comes into it by mistake."""

    known: Collection[str]  # variables that are written before
    arrays: Mapping[str, Array]  # what those of the function hold
    sources: Mapping[str, Set[str]]  # and what each is made of
    alike: Sequence[Sequence[str]]  # names that are taken for each other
    activations: Sequence[Operation]  # without what they are of
    strength: str  # the constant of the penalty's gradient; empty: there is none
    count: Expression | None  # of examples, by which it is divided once too often


def of_signs(node: Node) -> Iterator[Wrong]:
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
    yield from _inside(node, of_signs)


def of_averages(node: Node) -> Iterator[Wrong]:
    """Yield a running average in which what is new counts as much as what was there should."""
    if (found := average(node)) is not None:
        kept, share, new = found
        match share:
            case Operation("-", (Literal(1), rest)):
                other = rest
            case _:
                other = Operation("-", (Literal(1, "1"), share))
        moved = Operation("*", (other, Operation("-", (new, kept))))
        yield "old and new swapped", AugmentedAssign(kept, "+", moved)
    yield from _inside(node, of_averages)


def average(node: Node) -> tuple[Expression, Expression, Expression] | None:
    """Return a running average that a statement moves, by what share, and towards what."""
    match node:
        case AugmentedAssign(kept, "+", Operation("*", (share, Operation("-", (new, before))))) if (
            before == kept
        ):
            return kept, share, new
    return None


def _inside(node: Node, rule: Callable[[Node], Iterable[Wrong]]) -> Iterator[Wrong]:
    """Yield a block with one of its statements as a rule has it."""
    if isinstance(node, Block):
        for at, line in enumerate(node.body):
            for kind, changed in rule(line.node):
                new = () if changed is None else (replace(line, node=changed),)
                rest = (*node.body[:at], *new, *node.body[at + 1 :])
                if rest:
                    yield kind, replace(node, body=rest)


def of_expressions(node: Node, around: Around) -> Iterator[Wrong]:
    """Yield a statement with a mistake in one of its operations or names."""
    twins = _twins(node)
    for part, put in places(node):
        name = variable_of(part)
        alike = [
            other
            for other in around.known
            if other in around.arrays
            and name in around.arrays
            and are_confused(name, other, around.arrays, around.sources)
        ]
        others = [*wrong_operations(part), *wrong_variables(part, alike, around.arrays)]
        others += _of_functions(part)
        others += _added(part, around.count)
        others += _of_names(part, around.alike)
        for kind, wrong in others:
            changed = put(wrong)
            if not _is_artificial(part, wrong) and _twins(changed) <= twins:
                yield kind, changed


def of_network(node: Node, around: Around) -> Iterator[Wrong]:
    """Yield a layer with an activation too many, a gradient with a term or a factor too many."""
    match node:
        case Assign(_, Operation("+", (Operation("@"), _)) as value) | KeywordStatement(
            "return", Operation("+", (Operation("@"), _)) as value
        ):
            for activation in around.activations:
                more = replace(activation, operands=(*activation.operands, value))
                yield "activation too many", replace(node, value=more)
        case Assign((Name(target),), Operation(".sum()") as value) if around.strength:
            own = (f"{ME}.{target[1:]}", target[1:])
            array = next((name for name in own if name in around.arrays), own[-1])
            decay = Operation("*", (Name(around.strength), parse_value(array)))
            yield "term too many", replace(node, value=Operation("+", (value, decay)))
        case AugmentedAssign(_, "-", Literal(1)) if around.count is not None:
            yield "1/N twice", replace(node, value=Operation("/", (Literal(1, "1"), around.count)))
        case AugmentedAssign(target, "/", Name("N")):
            yield "wrong factor", replace(node, value=Operation(".size", (target,)))
    for part, put in places(node):
        match part:
            case Operation("*", (Name(factor), right)) if factor == around.strength:
                twice = Operation("*", (Literal(2, "2"), Name(factor)))
                yield "wrong factor", put(Operation("*", (twice, right)))


def _twins(node: Node) -> int:
    """Count operations on twice the same: nobody writes `fan_in + fan_in`."""
    pairs = (op.operands for op in operations(node) if len(op.operands) == 2)
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
        case Operation("+"), Operation("-", (_, right)):  # as likely with either sign
            return any(o.op.endswith(DRAWN) for o in operations(ExpressionStatement(right)))
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


def _added(part: Expression, count: Expression | None) -> Iterator[tuple[str, Expression]]:
    """Yield operations with more than there should be, or in another order."""
    match part:
        case Operation("@", (left, right)) if count is not None:
            yield "1/N twice", Operation("/", (part, count))
            yield "sign", Operation("@", (Operation("-", (left,)), right))
        case Operation(".sum()" | ".mean()", _) if count is not None:
            yield "1/N twice", Operation("/", (part, count))
        case Operation("-", (left, right)):
            yield "sign", Operation("-", (right, left))
        case Operation("/", (left, right)) if isinstance(right, Name):
            yield "wrong factor", Operation("/", (left, _squared(right)))
        case Operation("*", (left, right)) if left != right and all(
            map(variable_of, (left, right))
        ):
            yield "wrong factor", Operation("*", (left, _squared(right)))


def _squared(value: Expression) -> Expression:
    return Operation("**", (value, Literal(2, "2")))


def _of_names(part: Expression, alike: Iterable[Sequence[str]]) -> Iterator[tuple[str, Expression]]:
    """Yield what is easily taken for another: `BETA1` and `BETA2`, `m` and `v`, two fans."""
    for group in alike:
        if isinstance(part, Name) and part.id in group:
            yield from (("wrong variable", Name(other)) for other in group if other != part.id)


def of_parameters(node: Node) -> Iterator[Wrong]:
    """Yield parameters of which one begins with other numbers: zeros, or those of another fan."""
    for part, put in places(node):
        match part:
            case Operation("pair", (name, Operation("np.zeros()" | "np.ones()" as op) as drawn)):
                other = "np.ones()" if op == "np.zeros()" else "np.zeros()"
                yield (
                    "other initial values",
                    put(replace(part, operands=(name, replace(drawn, op=other)))),
                )
            case Operation("pair", (name, Operation(op, (shape, *_)) as drawn)):
                zeros = Operation("np.zeros()", (shape, Name("np.float32")))
                yield "weights of zero", put(Operation("pair", (name, zeros)))
                fans = [size for option, size in drawn.options if option.startswith("fan_")]
                sizes = shape.operands if isinstance(shape, Operation) else ()
                for wrong in (size for size in sizes if fans[:1] and size != fans[0]):
                    options = ((option, wrong) for option, _ in drawn.options[:1])
                    changed = replace(drawn, options=(*options, *drawn.options[1:]))
                    yield "wrong fan", put(replace(part, operands=(name, changed)))


def of_loop(node: Node) -> Iterator[Wrong]:
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


def of_parts(node: Node, function: str, known: Collection[str]) -> Iterator[Wrong]:
    """Yield statements in which a part of the data is taken for another that is there."""
    names = [name for name in (*PARTS, *["order"] * (function == LOAD)) if name in known]
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


def operations(node: Node) -> Iterator[Operation]:
    """Yield the operations of a statement."""
    return (part for part, _ in places(node) if isinstance(part, Operation))
