"""The mathematics of a program as a tree: expressions made of operations, and statements of them.

Everything but a name and a literal is an operation on operands, told by how it is spelt:

    a + b           Operation("+", (a, b))           -a           Operation("-", (a,))
    np.exp(x)       Operation("np.exp()", (x,))      f(x)         Operation("f()", (x,))
    x.sum(axis=0)   Operation(".sum()", (x,), (("axis", 0),))
    x.T             Operation(".T", (x,))            x[i, 1:]     Operation("[]", (x, i, slice))
    a < b <= c      Operation("< <=", (a, b, c))     (a, b)       Operation("tuple", (a, b))
    f"at {x:.2f}"   Operation("f-string", ("at ", Operation("pair", (x, ".2f"))))

So a table over operations needs a row for each of these texts, and a pass no case for each form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import lru_cache, partial
from typing import Any, TypeAlias

from nndsl.record import record


@record
class Name:
    """A variable, or what a module holds: `np.float32`."""

    id: str


@record
class Literal:
    """A number, a text, a truth value, None or `...`, and how it is written."""

    value: object
    text: str


@record
class Operation:
    """An operation on operands, with its keyword arguments as options.

    `lines` says how many operands stand on each line where they are written on lines of their
    own; it ends in 0 where a comma follows the last. A sum on several lines has (2,), and (1, 1)
    where its second operand begins one. `enclosed`: in parentheses that its place does not ask for.
    """

    op: str
    operands: tuple[Expression, ...] = ()
    options: tuple[tuple[str, Expression], ...] = ()
    lines: tuple[int, ...] = ()
    enclosed: bool = False


@record
class Clause:
    """`for target in iterable if …`."""

    target: Expression
    iterable: Expression
    conditions: tuple[Expression, ...] = ()


@record
class Comprehension:
    """`[element for …]`; `brackets` are `()`, `[]` or `{}`. `spread`: each part on its own line."""

    brackets: str
    element: Expression
    clauses: tuple[Clause, ...]
    spread: bool = False


Expression: TypeAlias = Name | Literal | Operation | Comprehension

NOTHING = Literal(None, "")  # an end that a slice leaves out


@record
class Assign:
    """`a = b = value`."""

    targets: tuple[Expression, ...]
    value: Expression


@record
class AugmentedAssign:
    """`target += value` for the operation `+`."""

    target: Expression
    op: str
    value: Expression


@record
class ExpressionStatement:
    """An expression for its effect."""

    value: Expression


@record
class KeywordStatement:
    """`return value`, `break`, `pass` …: a word, and a value where it takes one."""

    word: str
    value: Expression | None = None


@record
class Block:
    """An indented body under `for`, `if`, `elif`, `else`, `while`, `with`, `try`, `def` …

    `value` is what it runs over, asks, opens, or the function as if it were called; `binds` is
    the target of a `for`, a `with` or an `except`.
    """

    word: str
    value: Expression | None
    binds: Expression | None
    body: tuple[Line, ...]
    otherwise: Line | None = None  # the `elif`, `else` or `except` that follows


@record
class Opaque:
    """A statement that no pass looks into: an import, what a person added; cut at its variables."""

    pieces: tuple[str | Name, ...]
    binds: frozenset[str]


Node: TypeAlias = Assign | AugmentedAssign | ExpressionStatement | KeywordStatement | Block | Opaque


@record
class Comment:
    """Why a statement is there: a sentence, and what is said in it for each name in backticks.

    `sentence` is as the vocabulary has it, before names are given: it tells which comment this
    is, wherever it stands and in whatever language it is said.
    """

    sentence: str = ""
    arguments: tuple[Expression, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sentence)

    @property
    def names(self) -> list[str]:
        """The variables that it speaks of."""
        return [name for argument in self.arguments for name in names_of(argument)]


NO_COMMENT = Comment()


@lru_cache(maxsize=4096, typed=True)  # a sentence with values is another than its text
def comment(sentence: str) -> Comment:
    """Return a comment about the names that stand in it in backticks."""
    return Comment(sentence, tuple(map(Name, sentence.split("`")[1::2])))


@record
class Line:
    """A node inside a block, its comment, and the numbers of the lines that it was read from.

    `shape` is that of what it assigns, for the margin, as in a statement.
    """

    node: Node
    comment: Comment = NO_COMMENT
    numbers: range = field(default=range(0), compare=False)
    shape: Any = field(default=None, compare=False)


# --- Going through a tree ---------------------------------------------------------------


def parts(node: Expression) -> Iterator[Expression]:
    """Yield an expression and all that it is made of."""
    yield node
    for inner in _inner(node):
        yield from parts(inner)


def _inner(node: Expression) -> Iterator[Expression]:
    match node:
        case Operation():
            yield from node.operands
            for _, value in node.options:
                yield value
        case Comprehension():
            yield node.element
            for clause in node.clauses:
                yield from (clause.target, clause.iterable, *clause.conditions)


def expressions(node: Node) -> Iterator[Expression]:
    """Yield the expressions of a statement in the order in which they stand."""
    match node:
        case Assign(targets, value):
            yield from (*targets, value)
        case AugmentedAssign(target, _, value):
            yield from (target, value)
        case ExpressionStatement(value):
            yield value
        case KeywordStatement(_, value) if value is not None:
            yield value
        case Block(word, value, binds, body, otherwise):
            heads = (binds, value) if word == "for" else (value, binds)
            yield from (head for head in heads if head is not None and word != "def")
            for line in (*body, *([otherwise] if otherwise is not None else ())):
                yield from expressions(line.node)
        case Opaque(pieces):
            yield from (piece for piece in pieces if isinstance(piece, Name))


def variable_of(node: Expression) -> str:
    """Return the name of a variable, or of an attribute: `self.W`. Empty: it is neither."""
    match node:
        case Name(name):
            return name
        case Operation(op, (Name("self"),)) if op[0] == "." and op[-1] != ")":
            return f"self{op}"
    return ""


def attributes_of(node: Expression) -> Iterator[str]:
    """Yield the attributes of its object that an expression in a method names: `self.W`."""
    return (name for name in map(variable_of, parts(node)) if name.startswith("self."))


def quoted(text: str) -> Literal:
    """Return a name as a text in double quotes."""
    return Literal(text, f'"{text}"')


def name_tuple(names: Iterable[str]) -> Operation:
    """Return a tuple of variables."""
    return Operation("tuple", tuple(map(Name, names)))


def without_comments(node: Node) -> Node:
    """Return a statement with no comment on any of the lines in it."""
    if not isinstance(node, Block):
        return node
    return replace(
        node,
        body=tuple(map(_plain, node.body)),
        otherwise=_plain(node.otherwise) if node.otherwise is not None else None,
    )


def _plain(line: Line) -> Line:
    return replace(line, node=without_comments(line.node), comment=NO_COMMENT)


Rule: TypeAlias = Callable[[Expression], Expression]


def mapped(node: Expression, rule: Rule) -> Expression:
    """Return an expression with what it is made of directly replaced by a rule."""
    match node:
        case Operation(op, operands, options, lines, enclosed):
            options = tuple([(name, rule(value)) for name, value in options])
            return Operation(op, tuple([rule(o) for o in operands]), options, lines, enclosed)
        case Comprehension(brackets, element, clauses, spread):
            made = [
                Clause(rule(c.target), rule(c.iterable), tuple(map(rule, c.conditions)))
                for c in clauses
            ]
            return Comprehension(brackets, rule(element), tuple(made), spread)
    return node


def transformed(node: Expression, rule: Rule) -> Expression:
    """Return an expression whose parts went through a rule, the innermost first."""
    spine: list[Operation] = []  # a sum is as deep as it has terms: too deep to recurse into
    while isinstance(node, Operation) and node.operands:
        spine.append(node)
        node = node.operands[0]
    node = rule(mapped(node, lambda inner: transformed(inner, rule)))
    for outer in reversed(spine):
        operands = (node, *[transformed(operand, rule) for operand in outer.operands[1:]])
        options = tuple([(name, transformed(value, rule)) for name, value in outer.options])
        node = rule(Operation(outer.op, operands, options, outer.lines, outer.enclosed))
    return node


def putting(values: Mapping[str, Expression]) -> Rule:
    """Return a rule that puts expressions in the places of variables."""
    return lambda part: values.get(part.id, part) if isinstance(part, Name) else part


def replacing(values: Mapping[Expression, Expression]) -> Rule:
    """Return a rule that puts expressions in the places of others."""
    return lambda part: values.get(part, part)


def written_out(steps: Iterable[tuple[str, Expression]]) -> dict[str, Expression]:
    """Return what each name of some steps is, with the names before it written out.

    What reads none of them is the same tree, of which a place may be known.
    """
    known: dict[str, Expression] = {}
    for name, value in steps:
        is_alone = known.keys().isdisjoint(names_of(value))
        known[name] = value if is_alone else transformed(value, putting(known))
    return known


def rewritten(node: Node, rule: Rule) -> Node:
    """Return a statement whose expressions are transformed by a rule."""
    match node:
        case Assign(targets, value):
            return Assign(tuple([transformed(t, rule) for t in targets]), transformed(value, rule))
        case AugmentedAssign(target, op, value):
            return AugmentedAssign(transformed(target, rule), op, transformed(value, rule))
        case ExpressionStatement(value):
            return ExpressionStatement(transformed(value, rule))
        case KeywordStatement(word, value):
            return KeywordStatement(word, None if value is None else transformed(value, rule))
        case Block(word, value, binds, body, otherwise):
            return Block(
                word,
                None if value is None else transformed(value, rule),
                None if binds is None else transformed(binds, rule),
                tuple([_rewritten_line(line, rule) for line in body]),
                None if otherwise is None else _rewritten_line(otherwise, rule),
            )
        case Opaque(pieces, binds):
            changed = {name: rule(Name(name)) for name in binds}
            names = {new.id for new in changed.values() if isinstance(new, Name)}
            whole = tuple([_piece(piece, rule) for piece in pieces])
            return Opaque(whole, frozenset(names))


def _rewritten_line(line: Line, rule: Rule) -> Line:
    return Line(rewritten(line.node, rule), line.comment, shape=line.shape)


_READ: dict[type, tuple[str, ...]] = {
    Operation: ("operands", "options"),
    Comprehension: ("element", "clauses"),
    Clause: ("iterable", "conditions"),
    Assign: ("targets", "value"),
    AugmentedAssign: ("target", "value"),
    ExpressionStatement: ("value",),
    KeywordStatement: ("value",),
    Block: ("value", "body", "otherwise"),
    Line: ("node",),
}


def places(node: Any) -> Iterator[tuple[Expression, Callable[[Expression], Any]]]:
    """Yield each expression that a statement or an expression reads.

    With it comes a function that returns the whole with another expression in its place.
    """
    for name in _READ.get(type(node), ()):
        value = getattr(node, name)
        for at, child in enumerate(value if isinstance(value, tuple) else (value,)):
            put = partial(_put, node, name, at)
            child = child[1] if name == "options" else child
            inner = places(child)
            if name == "targets":
                if not isinstance(child, Operation) or child.op != "[]":
                    continue
                next(inner)  # an array whose elements are bound is not read
            elif name != "target" and isinstance(child, Name | Literal | Operation | Comprehension):
                yield child, put
            for part, put_inner in inner:
                yield part, partial(_put_inner, put, put_inner)


def _put(node: Any, name: str, at: int, new: Any) -> Any:
    items = getattr(node, name)
    if isinstance(items, tuple):
        new = (items[at][0], new) if name == "options" else new
        new = (*items[:at], new, *items[at + 1 :])
    return replace(node, **{name: new})


def _put_inner(put: Callable[[Any], Any], put_inner: Callable[[Any], Any], new: Any) -> Any:
    return put(put_inner(new))


def _piece(piece: str | Name, rule: Rule) -> str | Name:
    if isinstance(piece, str):
        return piece
    new = rule(piece)
    return new if isinstance(new, Name) else piece


@lru_cache(maxsize=4096)
def root(name: str) -> str:
    """Return the variable that a dotted name or a call begins with: `np` of `np.exp()`."""
    return name.partition("(")[0].partition(".")[0]


def names_of(node: Expression) -> Iterator[str]:
    """Yield the variables in an expression, in the order in which a reader meets them."""
    for part in parts(node):
        if isinstance(part, Name):
            yield root(part.id)
        elif isinstance(part, Operation) and part.op[-1] == ")" and part.op[0] not in ".(":
            yield root(part.op)
