"""A statement of a generated program, and how a vocabulary's text becomes statements."""

from __future__ import annotations

import ast
import io
import textwrap
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from nndsl.source import Origin
from nndsl.statements.rows import Dimensions


class Identifier(str):
    """A variable's name inside a statement's code; everything else there is plain text."""

    __slots__ = ()


Code = tuple[str, ...]  # plain text and Identifiers, in the order of the line
Renaming = Mapping[str, "str | tuple[str, ...]"]
_MODULES = ("np", "math")
_LOOSER_THAN_A_SUM = (ast.LShift, ast.RShift, ast.BitAnd, ast.BitOr, ast.BitXor)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its code, what it reads and writes, and where it comes from.

    `writes` are the names it binds or changes; `mutates` those of them that it changes in
    place, which leaves their other readers with the changed value. `value` is the right-hand
    side of a plain assignment to a single name (`y = …`), and None for every other form.
    """

    code: Code
    reads: frozenset[str]
    writes: tuple[str, ...]
    mutates: frozenset[str] = frozenset()
    value: Code | None = None
    value_is_operand: bool = False  # the value can stand in a sum without parentheses
    value_is_primary: bool = False  # the value can stand anywhere without parentheses
    comment: str = ""
    shape: Dimensions | None = None
    origin: Origin | None = None
    said: str = ""  # the comment before names were filled in: what it says, wherever it says it
    section: str = ""  # the heading under which a reader finds it

    @property
    def text(self) -> str:
        return "".join(self.code)

    @property
    def is_compound(self) -> bool:
        """Does it span several lines, as a loop or a condition does?"""
        return any("\n" in part for part in self.code)

    @property
    def target(self) -> str | None:
        """The name that a plain assignment writes, else None."""
        return self.writes[0] if self.value is not None else None

    @property
    def copied(self) -> str | None:
        """The name that a plain copy `y = x` reads, else None."""
        if (
            self.value is not None
            and len(self.value) == 1
            and isinstance(self.value[0], Identifier)
        ):
            return str(self.value[0])
        return None

    def rename(self, names: Renaming) -> Statement:
        """Replace variables by their new names; a tuple of names stands as `(W1, W2)`.

        A number may take the place of a variable that is only read.
        Comments keep their words, except those in backticks, which are names too.
        """
        comment = self.comment
        if "`" in comment:
            words = comment.split("`")
            words[1::2] = [_spelling(names.get(word, word)) for word in words[1::2]]
            comment = "".join(words)
        return replace(
            self,
            code=_rename(self.code, names),
            value=None if self.value is None else _rename(self.value, names),
            reads=frozenset(_renamed(self.reads, names)),
            writes=tuple(_renamed(self.writes, names)),
            mutates=frozenset(_renamed(self.mutates, names)),
            comment=comment,
        )


def assign(
    target: str,
    value: Code,
    reads: Iterable[str],
    *,
    operand: bool = False,
    primary: bool = False,
    like: Statement | None = None,
) -> Statement:
    """Build `target = value`; comment, shape and origin are taken from `like`."""
    statement = Statement(
        code=(Identifier(target), " = ", *value),
        reads=frozenset(reads),
        writes=(target,),
        value=value,
        value_is_operand=operand,
        value_is_primary=primary,
    )
    if like is not None:
        statement = replace(
            statement,
            comment=like.comment,
            said=like.said,
            shape=like.shape,
            origin=like.origin,
            section=like.section,
        )
    return statement


@lru_cache(maxsize=4096)
def parse_text(text: str) -> tuple[Statement, ...]:
    """Parse a vocabulary's text into statements. SyntaxError where it is not Python."""
    text = textwrap.dedent(text).strip("\n")
    lines = text.split("\n")
    comments = _comments(text)
    return tuple(_statement(node, lines, comments) for node in ast.parse(text).body)


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Statement:
    """Parse an expression as the value of a statement that has no target's name yet (`_ = …`)."""
    (statement,) = parse_text(f"_ = {text}")
    return statement


# --- Reading a text -------------------------------------------------------------------


def _comments(text: str) -> dict[int, tuple[int, str]]:
    """Map a line's number to the column and the words of its comment."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {
        token.start[0]: (token.start[1], token.string.lstrip("# "))
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _statement(node: ast.stmt, lines: list[str], comments: dict[int, tuple[int, str]]) -> Statement:
    if any(isinstance(part, ast.JoinedStr) for part in ast.walk(node)):
        raise SyntaxError(
            "a text of the vocabulary holds no f-strings: names in them cannot be renamed"
        )
    first, last = node.lineno, node.end_lineno or node.lineno
    is_compound = hasattr(node, "body")
    comment = "" if is_compound else comments.get(last, (0, ""))[1]
    code = _fragments(node, lines, first, last, {} if is_compound else comments)
    usage = _Usage()
    usage.visit(node)
    value, operand, primary = None, False, False
    if (
        isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name)
        and not isinstance(node.value, ast.Tuple)  # `f(y)` is not `f(a, b)`
    ):
        rest = code[1].removeprefix(" = ")
        code = (code[0], " = ", *([rest] if rest else []), *code[2:])
        value = code[2:]
        primary = isinstance(
            node.value, ast.Call | ast.Name | ast.Attribute | ast.Subscript | ast.Constant
        )
        operand = primary or (
            isinstance(node.value, ast.BinOp) and not isinstance(node.value.op, _LOOSER_THAN_A_SUM)
        )
    return Statement(
        code=code,
        reads=frozenset(usage.reads - usage.local),
        writes=tuple(name for name in usage.writes if name not in usage.local),
        mutates=frozenset(usage.mutates),
        value=value,
        value_is_operand=operand,
        value_is_primary=primary,
        comment=comment,
        said=comment,
    )


def _fragments(
    node: ast.stmt,
    lines: list[str],
    first: int,
    last: int,
    comments: dict[int, tuple[int, str]],
) -> Code:
    """Cut the source of a statement at its variables (`ast.Name`: no attribute, no keyword)."""
    names = sorted(
        (part.lineno, part.col_offset, part.id)
        for part in ast.walk(node)
        if isinstance(part, ast.Name)
    )
    fragments: list[str] = []
    for number in range(first, last + 1):
        text = lines[number - 1]
        if number in comments:
            text = text[: comments[number][0]].rstrip()
        line = text.encode()  # the columns of ast count bytes
        at = 0
        for _, column, name in (entry for entry in names if entry[0] == number):
            if line[at:column]:
                fragments.append(line[at:column].decode())
            fragments.append(Identifier(name))
            at = column + len(name.encode())
        rest = line[at:].decode() + ("\n" if number < last else "")
        if rest:
            fragments.append(rest)
    return tuple(fragments)


class _Usage(ast.NodeVisitor):
    """Collects what a statement reads, writes and changes in place."""

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.writes: dict[str, None] = {}
        self.mutates: set[str] = set()
        self.local: set[str] = set()  # variables of comprehensions

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.reads.add(node.id)
        else:
            self.writes[node.id] = None

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.generic_visit(node)
        self._mutate(node.target)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            self._mutate(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        """A call that is a whole statement changes its object, or else its first argument."""
        self.generic_visit(node)
        if isinstance(node.value, ast.Call):
            function, arguments = node.value.func, node.value.args
            if isinstance(function, ast.Attribute) and _base(function) not in _MODULES:
                self._mutate(function.value)
            elif arguments and all(keyword.arg != "out" for keyword in node.value.keywords):
                self._mutate(arguments[0])

    def visit_Call(self, node: ast.Call) -> None:
        """`np.add.at(d, …)` and `out=d` change `d`."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "at" and node.args:
            self._mutate(node.args[0])
        for keyword in node.keywords:
            if keyword.arg == "out":
                self._mutate(keyword.value)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self.generic_visit(node)
        self.local.update(part.id for part in ast.walk(node.target) if isinstance(part, ast.Name))

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.generic_visit(node)
        self.local.update(argument.arg for argument in node.args.args)

    def _mutate(self, target: ast.expr) -> None:
        name = _base(target)
        if name is not None:
            self.reads.add(name)
            self.writes[name] = None
            self.mutates.add(name)


def _base(node: ast.expr) -> str | None:
    """Return the variable that `x[…].y` and `x.reshape(…)` belong to: `x`."""
    while True:
        match node:
            case ast.Subscript(value=inner) | ast.Attribute(value=inner):
                node = inner
            case ast.Call(func=ast.Attribute(value=inner, attr="reshape" | "transpose")):
                node = inner
            case _:
                break
    return node.id if isinstance(node, ast.Name) else None


# --- Renaming -------------------------------------------------------------------------


def _spelling(name: str | tuple[str, ...]) -> str:
    if isinstance(name, str):
        return name
    return f"({', '.join(name)}{',' if len(name) == 1 else ''})"


def _rename(code: Code, names: Renaming) -> Code:
    renamed: list[str] = []
    for part in code:
        new = names.get(part) if isinstance(part, Identifier) else None
        if new is None:
            renamed.append(part)
        elif isinstance(new, str) and new.isdecimal():
            renamed.append(new)
        elif isinstance(new, str):
            renamed.append(Identifier(new))
        else:
            renamed.append("(")
            for position, name in enumerate(new):
                renamed += [", "] * (position > 0) + [Identifier(name)]
            renamed.append(",)" if len(new) == 1 else ")")
    return tuple(renamed)


def _renamed(names: Iterable[str], renaming: Renaming) -> Iterable[str]:
    for name in names:
        new = renaming.get(name, name)
        if isinstance(new, str):
            yield from [] if new.isdecimal() else [new]
        else:
            yield from new
