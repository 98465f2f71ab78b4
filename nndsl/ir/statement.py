"""A statement of a generated program: a tree, what it reads and writes, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from nndsl.ir import parser, printer
from nndsl.ir.printer import CALL, SIGN, SUM, tightness
from nndsl.ir.rows import Dimensions
from nndsl.ir.tree import (
    NO_COMMENT,
    Assign,
    AugmentedAssign,
    Block,
    Comment,
    Comprehension,
    Expression,
    ExpressionStatement,
    KeywordStatement,
    Line,
    Name,
    Node,
    Opaque,
    Operation,
    Rule,
    comment,
    expressions,
    names_of,
    rewritten,
    root,
    transformed,
)
from nndsl.record import record
from nndsl.source import Origin

Renaming = Mapping[str, "str | tuple[str, ...]"]


@record
class Heading:
    """What stands above statements: the part of a script that they belong to, and a sentence."""

    part: str = ""
    sentence: str = ""

    def __bool__(self) -> bool:
        return bool(self.sentence)


NO_HEADING = Heading()


@record
class Statement:
    """One statement: its tree, what it reads and writes, and where it comes from.

    `writes` are the names it binds or changes; `mutates` those of them that it changes in
    place, which leaves their other readers with the changed value.
    """

    node: Node
    reads: frozenset[str]
    writes: tuple[str, ...]
    mutates: frozenset[str] = frozenset()
    comment: Comment = NO_COMMENT
    shape: Dimensions | None = None
    origin: Origin | None = None
    formula: str = ""  # what it says before passes change it, once that is noted
    section: Heading = NO_HEADING  # under which a reader finds it

    @property
    def text(self) -> str:
        return printer.statement(self.node)

    @property
    def is_compound(self) -> bool:
        """Does it hold other statements, as a loop or a condition does?"""
        return isinstance(self.node, Block)

    @property
    def value(self) -> Expression | None:
        """The right-hand side of a plain assignment to a single name (`y = …`), else None."""
        match self.node:
            case Assign((Name(),), value) if not _is_tuple(value):
                return value
        return None

    @property
    def target(self) -> str | None:
        """The name that a plain assignment writes, else None."""
        return self.writes[0] if self.value is not None else None

    @property
    def copied(self) -> str | None:
        """The name that a plain copy `y = x` reads, else None."""
        value = self.value
        return value.id if isinstance(value, Name) else None

    @property
    def names(self) -> Iterator[str]:
        """The variables in it, in the order in which a reader meets them."""
        for expression in expressions(self.node):
            yield from names_of(expression)

    def with_node(self, node: Node) -> Statement:
        """Return another statement in the place of this one."""
        return replace(statement(node), **{name: getattr(self, name) for name in _OF_THE_PLACE})

    def with_comment(self, sentence: str) -> Statement:
        """Return the statement with another comment; an empty sentence is none."""
        return replace(self, comment=comment(sentence))

    def rewrite(self, rule: Rule) -> Statement:
        """Return the statement with its expressions transformed by a rule."""
        return self.with_node(rewritten(self.node, rule))

    def rename(self, names: Renaming) -> Statement:
        """Replace variables by their new names; a tuple of names stands as `(W1, W2)`.

        Code, such as a number, may take the place of a variable that is only read.
        Comments keep their words, except those in backticks, which are names too.
        """
        return replace(
            self,
            node=rewritten(self.node, _renaming(names)),
            reads=frozenset(_renamed_names(self.reads, names)),
            writes=tuple(_renamed_names(self.writes, names)),
            mutates=frozenset(_renamed_names(self.mutates, names)),
            comment=_renamed_comment(self.comment, names),
        )


_OF_THE_PLACE = ("comment", "formula", "shape", "origin", "section")


def statement(node: Node, why: str | Comment = NO_COMMENT) -> Statement:
    """Return a tree as a statement that comes from nowhere yet. `why` is its comment."""
    effects = _Effects()
    effects.of(node)
    return Statement(
        node,
        frozenset(effects.reads),
        tuple(effects.writes),
        frozenset(effects.mutates),
        comment(why) if isinstance(why, str) else why,
    )


@lru_cache(maxsize=4096)
def parse_text(text: str) -> tuple[Statement, ...]:
    """Parse a vocabulary's text into statements.

    SyntaxError where it is not Python, or more of it than the tree can say.
    """
    return tuple(statement(line.node, line.comment) for line in parser.parse(text))


def bound_names(node: Node) -> frozenset[str]:
    """Return the names that a statement binds: not those whose elements it changes."""
    effects = _Effects()
    effects.of(node)
    return frozenset(effects.binds)


def reads(statements: Iterable[Statement]) -> set[str]:
    """Return all names that statements read."""
    return {name for statement in statements for name in statement.reads}


def names_in(statements: Iterable[Statement]) -> set[str]:
    """Return all names that statements read or write."""
    return {name for statement in statements for name in (*statement.reads, *statement.writes)}


def block(head: str, body: Iterable[Statement], rest: str = "") -> Statement:
    """Build the block that `head` begins (`for i in order:`) around statements.

    `rest` is the text of the `else` or `except` that follows.
    """
    (begun,) = parse_text(f"{head}\n    pass\n{rest}")
    assert isinstance(begun.node, Block)
    lines = tuple(Line(inner.node, inner.comment, shape=inner.shape) for inner in body)
    return statement(replace(begun.node, body=lines), begun.comment)


def assign(
    target: str | Expression, value: Expression, *, like: Statement | None = None
) -> Statement:
    """Build `target = value`; comment, shape and origin are taken from `like`."""
    node = Assign((Name(target) if isinstance(target, str) else target,), value)
    return statement(node) if like is None else like.with_node(node)


def is_operand(value: Expression) -> bool:
    """Can an expression stand in a sum as it is, for a reader: a product, a call, a sum …?"""
    tight = tightness(value)
    return tight >= CALL or (tight >= SUM and isinstance(value, Operation) and tight != SIGN)


def plus(left: Expression, right: Expression) -> Expression:
    """Return `left + right`; the terms of `right` follow one by one, as in `a + b - c`."""
    match right:
        case Operation("+" | "-" as op, (first, second), enclosed=False):
            return Operation(op, (plus(left, first), second))
    if not is_operand(right):
        right = printer.enclosed(right)
    return Operation("+", (left, right))


# --- What a statement reads and writes --------------------------------------------------


# A number that is drawn changes the stream that it comes from.
DRAWS = frozenset(
    f".{name}()"
    for name in """
        random standard_normal normal uniform integers permutation permuted shuffle choice gumbel
        exponential laplace binomial bytes spawn
    """.split()
)


class _Effects:
    """Collects what a statement reads, writes and changes in place."""

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.writes: dict[str, None] = {}
        self.mutates: set[str] = set()
        self.binds: set[str] = set()

    def of(self, node: Node) -> None:
        match node:
            case Assign(targets, value):
                for target in targets:
                    self._bind(target)
                self._read(value)
            case AugmentedAssign(target, _, value):
                self._bind(target)
                self._read(value)
                self._mutate(target)
            case ExpressionStatement(value):
                self._read(value)
                self._call(value)
            case KeywordStatement(_, value) if value is not None:
                self._read(value)
            case Opaque(pieces, binds):
                self.reads.update(p.id for p in pieces if isinstance(p, Name) and p.id not in binds)
                self.writes.update(dict.fromkeys(sorted(binds)))
                self.binds |= binds
            case Block("def", Operation(op, operands, defaults), _, body):
                self._define(op.removesuffix("()"), operands, defaults, body)
            case Block(_, value, binds, body, otherwise):
                if binds is not None:
                    self._bind(binds)
                if value is not None:
                    self._read(value)
                for line in (*body, *([otherwise] if otherwise else ())):
                    self.of(line.node)

    def _define(
        self,
        name: str,
        arguments: Iterable[Expression],
        defaults: Iterable[tuple[str, Expression]],
        body: Iterable[Line],
    ) -> None:
        """A function is bound, and what it binds itself stays inside."""
        self._bind(Name(name))
        for _, value in defaults:
            self._read(value)
        inner = _Effects()
        for line in body:
            inner.of(line.node)
        given = {*(name for name, _ in defaults), *(n for a in arguments for n in names_of(a))}
        own = inner.binds | given
        self.reads |= inner.reads - own - {name}
        self.mutates |= inner.mutates - own
        self.writes |= {written: None for written in inner.writes if written not in own}

    def _bind(self, target: Expression) -> None:
        match target:
            case Name(name):
                self.writes[root(name)] = None
                self.binds.add(name)
            case Operation("tuple" | "list" | "*", operands):
                for operand in operands:
                    self._bind(operand)
            case _:  # `x[i]`, `x.state`
                self._read(target)
                self._mutate(target)

    def _read(self, node: Expression) -> None:
        match node:
            case Name(name):
                self.reads.add(root(name))
            case Operation(op, operands, options):
                if op[-1] == ")" and op[0] not in ".(":
                    self.reads.add(root(op))
                for operand in operands:
                    self._read(operand)
                for name, value in options:
                    self._read(value)
                    if name == "out":
                        self._mutate(value)
                if op.endswith(".at()") and operands:
                    self._mutate(operands[0])
                if op in DRAWS:
                    self._mutate(operands[0])
            case Comprehension(_, element, clauses):
                inner = _Effects()
                inner._read(element)
                for clause in clauses:
                    inner._read(clause.iterable)
                    for condition in clause.conditions:
                        inner._read(condition)
                own = {name for clause in clauses for name in names_of(clause.target)}
                self.reads |= inner.reads - own
                self.mutates |= inner.mutates - own
                self.writes |= {name: None for name in inner.writes if name not in own}
                self._read(clauses[0].iterable)  # its variables are not there yet

    def _call(self, node: Expression) -> None:
        """A call that is a whole statement changes its object, or else its first argument."""
        match node:
            case Operation(op, (first, *_), options) if op[-1] == ")" and op != "print()":
                if op == ".shuffle()":
                    for argument in node.operands[1:]:
                        self._mutate(argument)
                if op[0] == "." or all(name != "out" for name, _ in options):
                    self._mutate(first)

    def _mutate(self, target: Expression) -> None:
        for name in _owners(target):
            self.reads.add(name)
            self.writes[name] = None
            self.mutates.add(name)


def _owners(node: Expression) -> Iterator[str]:
    """Yield the variables whose memory an expression may be: `x` of `x[…].y` and `x.ravel()`.

    What a function returns may be a part of any of its arguments.
    """
    match node:
        case Name(name):
            yield root(name)
        case Operation(op, (inner, *_)) if op == "[]" or op[0] == ".":
            yield from _owners(inner)
        case Operation(_, operands, options):
            for operand in (*operands, *(value for _, value in options)):
                yield from _owners(operand)


def _is_tuple(value: Expression) -> bool:
    return isinstance(value, Operation) and value.op == "tuple"


# --- Renaming ---------------------------------------------------------------------------


def renamed(node: Expression, names: Renaming) -> Expression:
    """Return an expression with variables replaced, as `Statement.rename` does it."""
    return transformed(node, _renaming(names))


def _renaming(names: Renaming) -> Rule:
    def rule(node: Expression) -> Expression:
        match node:
            case Name(name):
                new = names.get(name)
                return node if new is None else _name(new)
            case Operation(op) if op[-1] == ")" and op[0] not in ".(":
                first = root(op)
                if first in names:
                    return replace(node, op=f"{names[first]}{op[len(first) :]}")
        return node

    return rule


@lru_cache(maxsize=65536)
def _name(new: str | tuple[str, ...]) -> Expression:
    if isinstance(new, tuple):
        return Operation("tuple", tuple(map(Name, new)), enclosed=True)
    return Name(new) if new.isidentifier() else parser.parse_value(new)


def _renamed_names(names: Iterable[str], renaming: Renaming) -> Iterator[str]:
    for name in names:
        new = renaming.get(name, name)
        if isinstance(new, str):
            yield from [new] if new.isidentifier() else names_of(_name(new))
        else:
            yield from new


def _renamed_comment(made: Comment, names: Renaming) -> Comment:
    if not made.arguments:
        return made
    return replace(made, arguments=tuple([renamed(a, names) for a in made.arguments]))
