"""From text to tree: the one door through which numpy statements come in."""

from __future__ import annotations

import ast
import io
import string
import textwrap
import tokenize
from collections.abc import Iterator, Sequence
from functools import lru_cache

from nndsl.ir.printer import enclosed, needs_parentheses
from nndsl.ir.tree import (
    NO_COMMENT,
    NOTHING,
    Assign,
    AugmentedAssign,
    Block,
    Clause,
    Comment,
    Comprehension,
    Expression,
    ExpressionStatement,
    KeywordStatement,
    Line,
    Literal,
    Name,
    Node,
    Opaque,
    Operation,
    comment,
)
from nndsl.record import record

MODULES = ("np", "math")  # what they hold is named with a dot: `np.exp` is no part of a variable

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.MatMult: "@",
    ast.Pow: "**",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
    ast.Not: "not",
    ast.And: "and",
    ast.Or: "or",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.List: "list",
    ast.Set: "set",
    ast.Tuple: "tuple",
}
_LOOSE = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp)


def parse(text: str) -> tuple[Line, ...]:
    """Parse statements. SyntaxError where the text is no Python, or more than the tree can say."""
    text = textwrap.dedent(text).strip("\n")
    return _Reader(text).lines(ast.parse(text).body)


@lru_cache(maxsize=4096)
def parse_value(text: str) -> Expression:
    """Parse an expression. SyntaxError as for `parse`."""
    return _Reader(text).expression(ast.parse(text, mode="eval").body)


@record
class Definition:
    """What a script defines: a function, a class, or a variable that it assigns; on which lines."""

    name: str
    arguments: tuple[str, ...]
    body: tuple[Line, ...]  # of a function without its docstring
    numbers: range
    is_function: bool = True
    methods: tuple[Definition, ...] = ()  # of a class; its body is what it assigns
    base: str = ""  # of a class: the one that it extends


def parse_script(text: str) -> Iterator[Definition]:
    """Yield what a script defines, whatever a person wrote there. SyntaxError: it is no Python."""
    reader = _Reader(text, strict=False)
    yield from _definitions(ast.parse(text).body, reader)


def _definitions(body: Sequence[ast.stmt], reader: _Reader) -> Iterator[Definition]:
    for node in body:
        numbers = _numbers(node)
        match node:
            case ast.FunctionDef(name=name, args=arguments, body=body):
                names = [argument.arg for argument in arguments.args]
                names += [f"*{arguments.vararg.arg}"] if arguments.vararg else []
                is_said = ast.get_docstring(node, clean=False) is not None
                yield Definition(name, tuple(names), reader.lines(body[is_said:]), numbers)
            case ast.ClassDef(name=name, bases=bases, body=body):
                methods = tuple(d for d in _definitions(body, reader) if d.is_function)
                held = reader.lines([n for n in body if isinstance(n, ast.Assign)])
                base = next((base.id for base in bases if isinstance(base, ast.Name)), "")
                yield Definition(name, (), held, numbers, False, methods, base)
            case ast.Assign(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Name):
                        yield Definition(target.id, (), reader.lines([node]), numbers, False)


@lru_cache(maxsize=16)  # one check asks for the same script in float64 some twenty times
def replace_name(text: str, name: str, new: str) -> str:
    """Return a script with another name for what a module holds, `np.float32`; no string changes.

    SyntaxError where it is no Python.
    """
    lines = text.encode().split(b"\n")  # places are counted in bytes
    places = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and _module(node) == name
    ]
    for node in sorted(places, key=_begin, reverse=True):
        line = lines[node.lineno - 1]
        assert node.end_col_offset is not None
        lines[node.lineno - 1] = (
            line[: node.col_offset] + new.encode() + line[node.end_col_offset :]
        )
    return b"\n".join(lines).decode()


class UnsupportedSyntax(SyntaxError):
    """Python that the tree has no word for."""


class _Reader:
    def __init__(self, text: str, *, strict: bool = True) -> None:
        self._strict = strict
        self._lines = text.split("\n")
        self._comments = _comments(text) if "#" in text else {}

    # --- Statements -----------------------------------------------------------------------

    def lines(self, nodes: Sequence[ast.stmt]) -> tuple[Line, ...]:
        return tuple(self._line(node) for node in nodes)

    def _line(self, node: ast.stmt, word: str = "if") -> Line:
        try:
            made = self._node(node, word)
        except UnsupportedSyntax:
            if self._strict:
                raise
            made = self._foreign(node)
        numbers = _numbers(node)
        last = numbers[0] if isinstance(made, Block) else numbers[-1]
        return Line(made, self._comments.get(last, NO_COMMENT), numbers)

    def _node(self, node: ast.stmt, word: str) -> Node:
        match node:
            case ast.Assign(targets=targets, value=value):
                return Assign(tuple(map(self.expression, targets)), self.expression(value))
            case ast.AugAssign(target=target, op=op, value=value):
                return AugmentedAssign(
                    self.expression(target), _OPERATORS[type(op)], self.expression(value)
                )
            case ast.Expr(value=value):
                return ExpressionStatement(self.expression(value))
            case ast.Return(value=result):
                return KeywordStatement(
                    "return", self.expression(result) if result is not None else None
                )
            case ast.Break() | ast.Continue() | ast.Pass():
                return KeywordStatement(type(node).__name__.lower())
            case ast.For(target=target, iter=iterable, body=body, orelse=[]):
                binds = self.expression(target)
                return Block("for", self.expression(iterable), binds, self.lines(body))
            case ast.While(test=test, body=body, orelse=[]):
                return Block("while", self.expression(test), None, self.lines(body))
            case ast.With(items=[ast.withitem(opened, alias)], body=body):
                name = self.expression(alias) if alias is not None else None
                return Block("with", self.expression(opened), name, self.lines(body))
            case ast.If(test=test, body=body, orelse=rest):
                return Block(
                    word, self.expression(test), None, self.lines(body), self._otherwise(rest)
                )
            case ast.Import() | ast.ImportFrom():
                return self._foreign(node)  # data that needs a library imports it there
            case ast.Delete(targets=[target]):
                return KeywordStatement("del", self.expression(target))
            case ast.Raise(exc=ast.expr() as raised, cause=None):
                return KeywordStatement("raise", self.expression(raised))
            case ast.Raise(exc=ast.expr() as raised, cause=ast.expr() as cause):
                return KeywordStatement("raise", self._operation("from", [raised, cause]))
            case ast.Try(body=body, handlers=handlers, orelse=[], finalbody=[]):
                return Block("try", None, None, self.lines(body), self._handled(handlers))
            case ast.FunctionDef(name=name, body=body, decorator_list=[], returns=None):
                return Block("def", self._head(name, node.args), None, self.lines(body))
        raise UnsupportedSyntax(f"a program has no {type(node).__name__} among its statements")

    def _otherwise(self, rest: list[ast.stmt]) -> Line | None:
        match rest:
            case []:
                return None
            case [ast.If() as node] if self._lines[node.lineno - 1].lstrip().startswith("elif"):
                return self._line(node, "elif")
        number = rest[0].lineno  # `else:` stands there, or on a line of its own above
        while not self._lines[number - 1].lstrip().startswith(("else:", "else :")):
            number -= 1
        return Line(
            Block("else", None, None, self.lines(rest)), self._comments.get(number, NO_COMMENT)
        )

    def _handled(self, handlers: Sequence[ast.ExceptHandler]) -> Line | None:
        if not handlers:
            return None
        first, *rest = handlers
        caught = self.expression(first.type) if first.type is not None else None
        binds = Name(first.name) if first.name is not None else None
        made = Block("except", caught, binds, self.lines(first.body), self._handled(rest))
        return Line(made, self._comments.get(first.lineno, NO_COMMENT))

    def _head(self, name: str, arguments: ast.arguments) -> Expression:
        """Return the head of a function as the call that it looks like."""
        more = (arguments.posonlyargs, arguments.vararg, arguments.kwonlyargs, arguments.kwarg)
        if any(more) or any(argument.annotation for argument in arguments.args):
            raise UnsupportedSyntax("a program has no functions but those of plain arguments")
        names = [argument.arg for argument in arguments.args]
        plain = len(names) - len(arguments.defaults)
        defaults = map(self.expression, arguments.defaults)
        return Operation(
            f"{name}()",
            tuple(map(Name, names[:plain])),
            tuple(zip(names[plain:], defaults, strict=True)),
        )

    def _foreign(self, node: ast.stmt) -> Opaque:
        inner = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
        pieces: list[str | Name] = []
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
            line = self._lines[number - 1].encode()  # ast counts bytes
            line = line[: node.end_col_offset] if number == node.end_lineno else line
            indent = len(line) - len(line.lstrip(b" "))
            at = node.col_offset if number == node.lineno else min(indent, node.col_offset)
            places = sorted((n.col_offset, n.id) for n in inner if n.lineno == number)
            for start, name in places:
                if line[start : start + len(name)] == name.encode():  # not so inside an f-string
                    pieces += [line[at:start].decode(), Name(name)]
                    at = start + len(name)
            pieces.append(line[at:].decode() + "\n" * (number != node.end_lineno))
        binds = {part.id for part in inner if isinstance(part.ctx, ast.Store)}
        if isinstance(node, ast.Import | ast.ImportFrom):  # `import os.path` binds `os`
            binds |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        return Opaque(tuple(pieces), frozenset(binds))

    # --- Expressions ----------------------------------------------------------------------

    def expression(self, node: ast.expr) -> Expression:
        match node:
            case ast.Name(id=name):
                return Name(name)
            case ast.Constant(value=value) if node.lineno == node.end_lineno:
                return Literal(value, self._source(node))
            case ast.JoinedStr():
                return self._formatted(node)
            case ast.Attribute(value=inner, attr=name):
                module = _module(node)
                return Name(module) if module else self._operation(f".{name}", [inner])
            case ast.BinOp(left=left, op=op, right=right):
                return self._operation(_OPERATORS[type(op)], [left, right])
            case ast.UnaryOp(op=op, operand=operand):
                return self._operation(_OPERATORS[type(op)], [operand])
            case ast.BoolOp(op=op, values=values):
                return self._operation(_OPERATORS[type(op)], values)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                signs = " ".join(_OPERATORS[type(op)].replace(" ", "_") for op in ops)
                return self._operation(signs, [left, *rights])
            case ast.IfExp(test=test, body=then, orelse=otherwise):
                return self._operation("if", [then, test, otherwise])
            case ast.Call():
                return self._call(node)
            case ast.Subscript(value=inner, slice=ast.Tuple(elts=indices)) if len(indices) > 1:
                return self._operation("[]", [inner, *indices])
            case ast.Subscript(value=inner, slice=index):
                return self._operation("[]", [inner, index])
            case ast.Slice(lower=lower, upper=upper, step=step):
                ends = [self.expression(end) if end else NOTHING for end in (lower, upper)]
                steps = [self.expression(step)] if step else []
                return Operation("slice", (*ends, *steps))
            case ast.Starred(value=inner):
                return self._operation("*", [inner])
            case ast.List(elts=items) | ast.Set(elts=items) | ast.Tuple(elts=items):
                made = self._operation(_OPERATORS[type(node)], items, around=node)
                is_tuple = isinstance(node, ast.Tuple) and self._source(node).startswith("(")
                is_bare = bool(items) and _begin(items[0]) == _begin(node)  # `(a, b), c`
                return enclosed(made) if is_tuple and not is_bare else made
            case ast.Dict(keys=keys, values=values):
                return Operation(
                    "dict",
                    tuple(
                        Operation("pair", (self.expression(key), self.expression(value)))
                        if key is not None
                        else self._operation("**", [value])
                        for key, value in zip(keys, values, strict=True)
                    ),
                    lines=self._layout(values, node),
                )
            case ast.GeneratorExp() | ast.ListComp() | ast.SetComp() | ast.DictComp():
                return self._comprehension(node)
            case ast.Yield(value=ast.expr() as value):
                return self._operation("yield", [value])
        raise UnsupportedSyntax(f"a program has no {type(node).__name__} in its expressions")

    def _formatted(self, node: ast.JoinedStr) -> Expression:
        source = self._source(node)
        if source[:2] != 'f"' or source[2:4] == '""' or "\\" in source:
            raise UnsupportedSyntax('a program has no formatted text but f"…"')
        pieces: list[Expression] = []
        for text, field, how, conversion in string.Formatter().parse(source[2:-1]):
            if text:
                pieces.append(Literal(text, text.replace("{", "{{").replace("}", "}}")))
            if field is not None:
                pieces.append(self._formatted_value(field, how or "", conversion))
        return Operation("f-string", tuple(pieces))

    def _formatted_value(self, field: str, how: str, conversion: str | None) -> Expression:
        try:
            value = parse_value(field)
        except SyntaxError:  # `{x=}`
            raise UnsupportedSyntax("a program has no formats but of plain values") from None
        if conversion or "{" in how or isinstance(value, Literal):
            raise UnsupportedSyntax("a program has no formats but plain ones")
        return Operation("pair", (value, Literal(how, how))) if how else value

    def _call(self, node: ast.Call) -> Expression:
        name = node.func.id if isinstance(node.func, ast.Name) else _module(node.func)
        operands: list[ast.expr] = [*node.args]
        if name:
            op = f"{name}()"
        elif isinstance(node.func, ast.Attribute):
            op, operands = f".{node.func.attr}()", [node.func.value, *operands]
        else:
            op, operands = "()", [node.func, *operands]
        options = tuple((k.arg or "**", self.expression(k.value)) for k in node.keywords)
        lines = self._layout([*node.args, *(keyword.value for keyword in node.keywords)], node)
        made = self._operation(op, operands)
        assert isinstance(made, Operation)
        return Operation(op, made.operands, options, lines)

    def _operation(
        self, op: str, operands: Sequence[ast.expr], around: ast.expr | None = None
    ) -> Operation:
        made = Operation(op, tuple(map(self.expression, operands)))
        arguments = len(operands) - (op[0] in ".(")
        operands_made = [
            enclosed(operand)
            if isinstance(node, _LOOSE)
            and not (op[-1] == ")" and arguments == 1 and node is operands[-1])
            and not needs_parentheses(made, at)
            and self._is_enclosed(node)
            else operand
            for at, (node, operand) in enumerate(zip(operands, made.operands, strict=True))
        ]
        lines = self._layout(operands, around) if around is not None else ()
        return Operation(op, tuple(operands_made), (), lines)

    def _comprehension(
        self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp
    ) -> Expression:
        if any(clause.is_async for clause in node.generators):
            raise UnsupportedSyntax("a program waits for nothing")
        begins = node.generators[0].target.lineno
        clauses = tuple(
            Clause(
                self.expression(clause.target),
                self.expression(clause.iter),
                tuple(map(self.expression, clause.ifs)),
            )
            for clause in node.generators
        )
        match node:
            case ast.DictComp(key=key, value=value):
                pair = Operation("pair", (self.expression(key), self.expression(value)))
                return Comprehension("{}", pair, clauses)
            case ast.ListComp(elt=element):
                brackets = "[]"
            case ast.SetComp(elt=element):
                brackets = "{}"
            case ast.GeneratorExp(elt=element):
                brackets = "()"
        spread = begins > (element.end_lineno or 0)
        return Comprehension(brackets, self.expression(element), clauses, spread)

    # --- Places in the text ---------------------------------------------------------------

    def _source(self, node: ast.expr) -> str:
        line = self._lines[node.lineno - 1]
        if node.lineno != node.end_lineno:
            return ast.get_source_segment("\n".join(self._lines), node) or ""
        if line.isascii():
            return line[node.col_offset : node.end_col_offset]
        return line.encode()[node.col_offset : node.end_col_offset].decode()  # ast counts bytes

    def _is_enclosed(self, node: ast.expr) -> bool:
        """Does an expression stand in parentheses of its own?"""
        before = self._lines[node.lineno - 1].encode()[: node.col_offset].rstrip()
        after = self._lines[(node.end_lineno or 0) - 1].encode()[node.end_col_offset :].lstrip()
        return before.endswith(b"(") and after.startswith(b")")

    def _layout(self, items: Sequence[ast.expr], around: ast.expr) -> tuple[int, ...]:
        """Return how many items stand on each line, or nothing where they begin with the first."""
        if not items or around.lineno == around.end_lineno:
            return ()
        rows = [getattr(item, "elt", item).lineno for item in items]  # a generator is its `()`
        if rows[0] == around.lineno:
            return ()
        counts = [rows.count(row) for row in dict.fromkeys(rows)]
        end = items[-1]
        rest = self._lines[(end.end_lineno or 0) - 1].encode()[end.end_col_offset :]
        return (*counts, *[0] * rest.lstrip().startswith(b","))


def _begin(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _numbers(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _module(node: ast.expr) -> str:
    """Return `np.linalg.norm` where that is what is named, else an empty text."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name) and node.id in MODULES:
        return ".".join([node.id, *reversed(names)])
    return ""


def _comments(text: str) -> dict[int, Comment]:
    """Map a line's number to its comment."""
    if "'" not in text and '"' not in text:  # a tokenizer takes 10 ms to begin with
        parted = enumerate((line.partition("#") for line in text.split("\n")), 1)
        return {number: comment(said.lstrip("# ")) for number, (_, sign, said) in parted if sign}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    try:
        return {
            token.start[0]: comment(token.string.lstrip("# "))
            for token in tokens
            if token.type == tokenize.COMMENT
        }
    except tokenize.TokenError as error:  # a bracket or a text that does not end
        raise SyntaxError(str(error)) from None
