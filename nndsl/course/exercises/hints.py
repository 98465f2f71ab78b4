"""Hints for a blank in three steps: where it belongs, what it is made of, how it is built."""

import builtins
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce

from nndsl.course.exercises.units import hands_on, reads_of, writes_of
from nndsl.emit.layout import shape_text
from nndsl.ir import Assign, AugmentedAssign, Name, Operation, Statement, statement
from nndsl.ir.printer import comment as print_comment
from nndsl.ir.printer import statement as print_statement
from nndsl.ir.rows import Dimensions
from nndsl.ir.tree import (
    NO_COMMENT,
    Block,
    Expression,
    KeywordStatement,
    Line,
    Node,
    expressions,
    parts,
    places,
    variable_of,
)
from nndsl.languages import in_a_row, listed, sentence, translated
from nndsl.live.judging.observation import ME

HOLE = Name("___")
MAX_HOLLOW = (
    3  # statements: of more than these, to show all but one word of each is to tell the answer
)
SAYS = {
    "@": "a product of matrices",
    ".T": "a transpose",
    "*": "an element-wise product",
    "/": "a division",
    "**": "a power",
    ".sum()": "a sum",
    ".mean()": "a mean",
    ".reshape()": "another shape",
    ".transpose()": "its axes in another order",
    ">": "a comparison",
    "[]": "an index",
    "-": "a difference",
}
NOTHING_MORE = "Read what stands around the blank, and the docstring of its function."
LIBRARIES = ("np.", "math.")
SIZES = (".shape", ".size", "len()")  # no gradient goes through them
MOVES = (".reshape()", ".transpose()", ".T")  # the same numbers, elsewhere
BEGUN = ("np.zeros_like()", "np.zeros()")  # with what is filled afterwards
BY_CHAIN = "by the chain rule, the gradient of what that gives is multiplied by its slope there"
BY_ALL = "what comes back through each of these adds up"
BY_MOVE = "that moves numbers and changes none, so the gradient is brought back to where they stood"
BY_PLACE = (
    "the gradients of numbers that are taken from it go back to the places that they have there"
)
BY_FACTOR = "the gradient of a factor is that of the product, times the other factor"
BY_REPEATED = "{rule}, and summed over all that the factor was used for"
BY_FUNCTION = "the script has a function that goes back through this one: call it"
BY_FILLING = "the gradient begins with zeros, which are filled below"
BY_LOSS = (
    "the backward pass begins with it: derive on paper, in one step, all from there to the loss"
)
BY_PRODUCT = (
    "a product of matrices gives the gradient back as a product, too, with the transpose of its "
    "other factor"
)
BY_ROWS = "it is added to every row, so the gradients of all rows add up"
BY_PLACES = "it is added at every place, so the gradients of all places add up"


def hints(
    variables: Sequence[str],
    lines: Sequence[Statement | Line],
    forward: Iterable[Statement],
    purpose: str,
    rest: Iterable[Statement] = (),
    hidden: Collection[str] = (),
) -> tuple[str, ...]:
    """Return the hints for what writes some variables on some lines.

    `forward` are the statements of the forward pass that it may be the derivative of, `rest` those
    of its function, and `purpose` says what the function is for. What is `hidden` is left out of
    the script as well, and its text is not quoted.
    """
    made = [*map(_statement, lines)]
    before = [*simple(forward)]
    known = {name for one in before for name in (*writes_of(one), *reads_of(one))}
    found = [_where(name, before, made, known, hidden) for name in variables]
    for name in variables:
        if not _is_gradient(name, known):
            found += _place(name, lines, rest)
    said = map(sentence, dict.fromkeys(filter(None, found)) or [purpose or NOTHING_MORE])
    first = reduce(lambda before, then: sentence("{before} {then}", before=before, then=then), said)
    if not made:
        return (translated(first),)
    written = {
        "np",
        "math",
        *dir(builtins),
        *(name for one in made for name in (*one.writes, *writes_of(one))),
    }
    operations = dict.fromkeys(
        name for one in made for value in _values(one.node) for name in _operations(value)
    )
    called = {name.strip("`") for name in operations}
    reads = sorted({name for one in made for name in reads_of(one)} - written - called)
    names = in_a_row(*reads) if reads else sentence("nothing else")
    second = sentence("It is made of {names}.", names=names)
    if operations:
        template = "It is made of {names}, with {operations}."
        used = in_a_row(*map(sentence, operations))
        second = sentence(template, names=names, operations=used)
    hollow = _hollow if len(made) <= MAX_HOLLOW else _outermost
    third = "\n".join(print_statement(_with_hole(one.node, hollow)) for one in made)
    return (translated(first), translated(second), third)


def _statement(line: Statement | Line) -> Statement:
    if isinstance(line, Statement):
        return line
    return replace(statement(line.node), comment=line.comment, shape=line.shape)


def simple(lines: Iterable[Statement | Line]) -> Iterator[Statement]:
    """Yield statements, those inside of loops as well; what only hands on uses nothing."""
    for one in map(_statement, lines):
        if isinstance(one.node, Block):
            yield from simple(one.node.body)
        elif not hands_on(one, set()):
            yield one


def _is_gradient(name: str, known: Collection[str]) -> bool:
    """Is it called after a value of the forward pass, if that is known? `dh_next` is not."""
    value = name.removeprefix("d")
    return value not in ("", name) and (not known or bool({value, f"{ME}.{value}"} & {*known}))


def _where(
    name: str,
    forward: Sequence[Statement],
    made: Sequence[Statement],
    known: Collection[str],
    hidden: Collection[str],
) -> str:
    """Say where the forward pass uses the value whose gradient is looked for."""
    value = name.removeprefix("d")
    if not _is_gradient(name, known):
        return _comment(made)
    names = {value, f"{ME}.{value}"}
    using = [one for one in forward if _passes_on(one, names)]
    used = [_quoted(one.text, hidden) for one in using]
    is_hidden = any(one.text in hidden for one in using)
    if not used:
        template = "{name} is the gradient of the loss with respect to {value}."
        return sentence(template, name=name, value=value)
    own, of_value = _shape(name, made), _shape(value, forward)
    if own and of_value and own != of_value:
        return sentence(
            "{name}, of shape {shape}, says how the loss changes with a part of {value}. The "
            "forward pass uses {value} in {where}: the gradients of what these give add up.",
            name=name,
            shape=shape_text(own),
            value=value,
            where=listed(*(f"`{text}`" for text in used)),
        )
    return sentence(
        "{name} says how the loss changes with {value}, and has its shape. The forward pass uses "
        "{value} in {where}: {rule}.",
        name=name,
        value=value,
        where=listed(*(f"`{text}`" for text in used)),
        rule=sentence(_rule(names, using, made, is_hidden=is_hidden)),
    )


def _rule(
    names: Collection[str],
    using: Sequence[Statement],
    made: Sequence[Statement],
    *,
    is_hidden: bool,
) -> str:
    """Say how the gradient goes back through the statements that use a value.

    `made` is the answer. Of what `is_hidden` nothing is said.
    """
    if all(_begins(one.node) for one in made):
        return BY_FILLING
    written = {name for one in made for name in one.writes}
    if not any(name[0] == "d" for one in made for name in reads_of(one) - written):
        return BY_LOSS
    if len(using) > 1:
        return BY_ALL
    if is_hidden:
        return BY_CHAIN
    done = {part.op for one in made for part in _done(one.node)}
    own = any(map(_is_own, done))
    for used in _done(using[0].node):
        direct = any(variable_of(operand) in names for operand in used.operands)
        inside = any(variable_of(_array(operand)) in names for operand in used.operands)
        match used.op:
            case "+" if inside and ".sum()" in done:
                return BY_ROWS if direct else BY_PLACES
            case "@" if inside and "@" in done:
                return BY_PRODUCT
            case "*" if inside and "*" in done:
                rule = sentence(BY_FACTOR)
                return sentence(BY_REPEATED, rule=rule) if ".sum()" in done else rule
            case op if direct and op in MOVES:
                return BY_MOVE
            case "[]" if direct:
                return BY_PLACE
            case op if direct and own and _is_own(op):
                return BY_FUNCTION
    return BY_CHAIN


def _begins(node: Node) -> bool:
    """Does a statement make an array that others fill?"""
    match node:
        case Assign(_, Operation(op, _)):
            return op in BEGUN
    return False


def _done(node: Node) -> Iterator[Operation]:
    """Yield all that a statement does, the outermost first."""
    return (part for part, _ in places(node) if isinstance(part, Operation))


def _is_own(op: str) -> bool:
    """Is it a call of a function of the script?"""
    return op.endswith("()") and op[0].isalpha() and op != "len()" and not op.startswith(LIBRARIES)


def _array(value: Expression) -> Expression:
    """Return the array whose numbers a value has, all of them or some, in whatever order."""
    match value:
        case Operation(op, (first, *_)) if op in MOVES or op == "[]":
            return _array(first)
    return value


def _passes_on(made: Statement, names: Collection[str]) -> bool:
    """Do values come into a statement? The shape of an array has no gradient."""

    read = [part for part, _ in places(made.node)]
    sizes = (part for part in read if isinstance(part, Operation) and part.op in SIZES)
    sized = [part for size in sizes for part in parts(size)]
    return sum(variable_of(part) in names for part in read) > sum(
        variable_of(part) in names for part in sized
    )


def _quoted(text: str, hidden: Collection[str]) -> str:
    """Return a statement; of one that is hidden, what it writes."""
    if text not in hidden:
        return text
    written, is_there, _ = text.partition("= ")
    return f"{written}= …" if is_there else f"{text.partition(' ')[0]} …"


def _comment(made: Sequence[Statement]) -> str:
    """Return what the script says of it."""
    said = next((print_comment(one.comment) for one in made if one.comment), "")
    return sentence("Its comment says: {said}.", said=said) if said else ""


def _place(
    name: str, lines: Sequence[Statement | Line], rest: Iterable[Statement]
) -> Iterator[str]:
    """Say what part of the page a value is of, and what is made of it: gradients, if nothing else.

    `lines` are those that are looked for, `rest` the statements of their function.
    """
    own = [one for one in lines if isinstance(one, Statement) and name in one.writes]
    if origin := next((one.origin for one in own if one.origin), None):
        code, line = " ".join(origin.span.text.split()), str(origin.span.line)
        yield sentence(
            "{name} belongs to `{code}`, line {line} of the page.", name=name, code=code, line=line
        )
    known = {id(one) for one in lines}
    others = simple(one for one in rest if id(one) not in known)
    needing = [one.writes[0] for one in others if name in one.reads and one.writes]
    needing = [*dict.fromkeys(other for other in needing if other != name)]
    if needing:
        values = [other for other in needing if other[0] != "d" or not other[1:]] or needing
        yield sentence("It goes into {names}.", names=in_a_row(*values))


def _shape(name: str, made: Iterable[Statement]) -> Dimensions:
    """Return the shape of what is written first under a name, as far as it is known."""
    return next((one.shape for one in made if one.shape and name == one.target), ())


def _values(node: Node) -> Iterator[Expression]:
    """Yield the expressions of a statement, of `a -= b` what it does: `a - b`."""
    match node:
        case AugmentedAssign(target, op, value):
            yield Operation(op, (target, value))
        case Block(body=body, otherwise=otherwise):
            yield from expressions(replace(node, body=(), otherwise=None))
            for line in (*body, *([otherwise] if otherwise is not None else ())):
                yield from _values(line.node)
        case _:
            yield from expressions(node)


def _operations(value: Expression, *, is_index: bool = False) -> Iterator[str]:
    """Yield what is done, but for the sums in an index: `t - 1` is a place."""
    if not isinstance(value, Operation):
        return
    op, (first, *others) = value.op, value.operands or (None,)
    if op in SAYS and (op != "-" or (others and not is_index)):
        yield SAYS[op]
    elif op.startswith(LIBRARIES) or (op[0].isalpha() and op.endswith("()")):
        yield f"`{op.removesuffix('()')}`"
    for inner in (first, *others, *(given for _, given in value.options)):
        if isinstance(inner, Operation):
            inside = is_index or (op == "[]" and inner is not first)
            yield from _operations(inner, is_index=inside)


def _with_hole(node: Node, hollow: Callable[[Expression], Expression]) -> Node:
    """Return a statement in which a part of its value is to be found."""
    match node:
        case Assign(_, value) | AugmentedAssign(_, _, value):
            return replace(node, value=hollow(value))
        case KeywordStatement("return", value) if value is not None:
            return replace(node, value=hollow(value))
        case Block(body=body):
            holes = tuple(
                replace(line, node=_with_hole(line.node, hollow), comment=NO_COMMENT)
                for line in body
            )
            return replace(node, body=holes)
    return node


def _outermost(value: Expression) -> Expression:
    """Return what is done last to make a value, and of what is to be found."""
    match value:
        case Operation(op, operands, options) if op not in ("dict", "[]"):
            holes = tuple((name, HOLE) for name, _ in options)
            return replace(value, operands=(HOLE,) * len(operands), options=holes)
    return HOLE


def _hollow(value: Expression) -> Expression:
    """Return a value whose last operand is to be found."""
    match value:
        case Operation(".astype()", (inner, *others)):
            return replace(value, operands=(_hollow(inner), *others))
        case Operation("-", (inner,)) if isinstance(inner, Operation) and inner.op[0] == ".":
            return replace(value, operands=(_hollow(inner),))
        case Operation(".mean()" | ".sum()", (_,), ()):
            return replace(value, operands=(HOLE,))
        case Operation(op, operands) if op.endswith("()") and len(operands) > 2:
            at = max(range(len(operands)), key=lambda n: len([*parts(operands[n])]))
            holed = (HOLE if n == at else operand for n, operand in enumerate(operands))
            return replace(value, operands=tuple(holed))
        case Operation(op, (first, *others, _)) if op[0] != "[" and op != "tuple":
            return replace(value, operands=(first, *others, HOLE))
        case Operation(op, (_,)) if op[0] != ".":
            return replace(value, operands=(HOLE,))
        case Operation(_, (_,), options) if options:
            holes = tuple((name, HOLE) for name, _ in options)
            return replace(value, options=holes)
    return HOLE
