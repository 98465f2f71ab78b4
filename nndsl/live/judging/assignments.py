"""What the functions of a script give values to: in which lines, of what, and in which loops.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from nndsl.live.judging.keys import Variable
from nndsl.live.judging.observation import ME, RETURNED

# --- What a script assigns -----------------------------------------------------------

IN_PLACE = ("at", "copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis")
PLAIN = (  # what a part of an array is told by
    *(ast.Tuple, ast.Slice, ast.Name, ast.Constant, ast.expr_context),
    *(ast.BinOp, ast.UnaryOp, ast.Add, ast.Sub, ast.USub),
)
STEPS = 300_000  # to read a script: the longest that a page gives takes 10,000


class Loop(NamedTuple):
    """A loop of a function: the lines it goes through, and the variable that counts them."""

    first: int
    body: int
    last: int
    counts: str  # empty: none does


class Call(NamedTuple):
    """A call of a function of the script: in which line, and what it is given, by place or name."""

    function: str
    line: int
    given: dict[int | str, set[Variable]]


class Given(NamedTuple):
    """A line that gives a variable a value, all of it or a part, and what that is made of.

    `value` is that, where it is an expression; of a part, where that is told by numbers.
    """

    line: int
    used: set[Variable]
    is_whole: bool
    value: ast.expr | None = None


class Assigned:
    """What a function gives values to. Of a variable that is given several, `lines` has the last.

    `given` has all of them. In the line of `begins` it is given its shape, `uses` says what it is
    made of, and `handed` are those that are handed on: they stand for a part of another one.
    `parts` are of arrays, `h[t - 1]`, and the lines that they stand in; `filled` are those that are
    given values last, by variable. `defined` are the functions and the
    values that the script itself defines.
    """

    def __init__(self, parameters: list[str]) -> None:
        self.parameters = parameters
        self.defined: Mapping[str, ast.FunctionDef | ast.expr] = {}
        self.lines: dict[str, int] = {}
        self.given: dict[str, list[Given]] = {}
        self.begins: dict[str, int] = {}
        self.uses: dict[str, set[Variable]] = {}
        self.parts: dict[str, set[int]] = {}
        self.filled: dict[str, str] = {}
        self.handed: set[str] = set()
        self.loops: list[Loop] = []  # outer ones first
        self.calls: list[Call] = []

    def loops_of(self, name: str) -> list[Loop]:
        """Return the loops that a variable is given its value in, the innermost last."""
        return self.loops_around(self.lines.get(name.partition("[")[0], 0))

    def line_before(self, name: str, loop: Loop) -> int:
        """Return the last line before a loop that gives a variable a value. 0: none does."""
        lines = (one.line for one in self.given.get(name, ()))
        return max((line for line in lines if line < loop.first), default=0)

    def is_read_first(self, variable: Variable, loop: Loop) -> bool:
        """Does a loop read a variable in its first pass before it gives it another value?"""
        given = (one.line for one in self.given.get(variable[1], ()))
        first = min((line for line in given if loop.body <= line <= loop.last), default=loop.last)
        return any(loop.body <= line <= first for line, _ in self.readers(variable))

    def readers(self, variable: Variable) -> Iterator[tuple[int, str]]:
        """Yield the lines that read a variable, and for which one; empty: to call a function."""
        for name, given in self.given.items():
            yield from ((one.line, name) for one in given if variable in one.used)
        for call in self.calls:
            if any(variable in used for used in call.given.values()):
                yield call.line, ""

    def can_read(self, name: str, other: str) -> bool:
        """Is another variable there where one is given its value: before, or in an earlier pass?"""
        line, name = self.lines.get(name.partition("[")[0], 0), other.partition("[")[0]
        given = self.begins.get(name, self.lines.get(name, 0))
        return given <= line or any(given <= loop.last for loop in self.loops_around(line))

    def parts_of(self, loop: Loop) -> Iterator[str]:
        """Yield parts of arrays in a loop that are the same at the end of a pass."""
        for part, lines in self.parts.items():
            names = {n.id for n in ast.walk(ast.parse(part)) if isinstance(n, ast.Name)}
            base = part.partition("[")[0]
            later = (
                one.line > max(lines) and (name != base or one.is_whole)
                for name in names
                for one in self.given.get(name, ())
                if loop.body <= one.line <= loop.last
            )
            if self.loops_around(max(lines))[-1:] == [loop] and not any(later):
                yield part

    def loops_around(self, line: int) -> list[Loop]:
        """Return the loops in which a line is run again and again, the innermost last."""
        return [loop for loop in self.loops if loop.body <= line <= loop.last]


def assigned(text: str) -> dict[str, Assigned]:
    """Return what each function of a script assigns, a method as `Class.method`.

    Of what is no Python, nothing, nor of what would take long to read.
    """
    try:
        body = ast.parse(text).body
        functions = dict(_functions(body))
        defined: dict[str, ast.FunctionDef | ast.expr] = {**functions}
        for node in body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    defined[name] = value
        known: dict[str, list[str]] = {}  # functions by what a call of one may look like
        for name in functions:
            owner, _, method = name.rpartition(".")
            known.setdefault(f".{method}" if owner else name, []).append(name)
            if method == "__init__":
                known.setdefault(owner, []).append(name)
        steps = _Steps()
        found = {n: _Reader(n, node, known, steps).found for n, node in functions.items()}
        for one in found.values():
            one.defined = defined
        return found
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def _functions(body: list[ast.stmt], owner: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name):
                yield f"{owner}{name}", node
            case ast.ClassDef(name=name) if not owner:
                yield from _functions(node.body, f"{name}.")


class _Steps:
    """Counts what is looked at: a student may write what takes any time and memory to read."""

    def __init__(self) -> None:
        self.left = STEPS

    def take(self, count: int = 1) -> None:
        """Count so many. ValueError: those were too many."""
        self.left -= count
        if self.left < 0:
            raise ValueError("the script takes too long to read")

    def walk(self, node: ast.expr) -> Iterator[ast.AST]:
        """Yield an expression and all that stands in it."""
        for inner in ast.walk(node):
            self.take()
            yield inner


class _Reader:
    """Reads a function, statement by statement."""

    def __init__(
        self, name: str, node: ast.FunctionDef, known: Mapping[str, list[str]], steps: _Steps
    ) -> None:
        self.name, self.known, self.steps = name, known, steps
        taken = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
        self.found = Assigned(taken[1:] if taken[:1] == [ME] else taken)
        self._body(node.body)

    def _body(self, body: list[ast.stmt]) -> None:
        for node in body:
            self._statement(node)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
                return
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._give(target, value)
            case ast.AugAssign(target=target, op=op, value=value):
                self._give(target, ast.BinOp(target, op, value), adds=True)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._give(target, value)
            case ast.Return(value=value):
                self._return(node, value)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=of, attr=attr), args=args)):
                is_first = bool(args) and attr in IN_PLACE  # `np.add.at(dW, rows, dy)`
                self._give_one(args[0] if is_first else of, self._used(node.value), adds=True)
            case ast.For(target=target, iter=iterated, body=body):
                names = [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]
                self._loop(node, body, names[0] if names else "")
                self._give(target, iterated)
            case ast.While(body=body):
                self._loop(node, body, "")
            case ast.With(items=items):
                for item in items:
                    if item.optional_vars is not None:
                        self._give(item.optional_vars, item.context_expr)
        for part in _expressions(node):
            for inner in self.steps.walk(part):
                if isinstance(inner, ast.NamedExpr):
                    self._give(inner.target, inner.value)
                if isinstance(inner, ast.Call):
                    self._call(inner)
                if isinstance(inner, ast.Subscript) and (text := _part(inner)):
                    self.found.parts.setdefault(text, set()).add(inner.lineno)
        branches = (*getattr(node, "handlers", ()), *getattr(node, "cases", ()))
        for parts in (vars(one).values() for one in (node, *branches)):
            for held in parts:
                if isinstance(held, list) and held and isinstance(held[0], ast.stmt):
                    self._body(held)

    def _call(self, node: ast.Call) -> None:
        given: dict[int | str, set[Variable]] = {}
        for at, one in enumerate(node.args):
            given[at] = self._used(one)
        for keyword in node.keywords:
            given[keyword.arg or ""] = self._used(keyword.value)
        for function in self._called(node.func):
            self.found.calls.append(Call(function, node.lineno, given))

    def _loop(self, node: ast.For | ast.While, body: list[ast.stmt], counts: str) -> None:
        if body[0].lineno > node.lineno:  # in one line nothing can be told apart
            last = body[-1].end_lineno or node.lineno
            self.found.loops.append(Loop(node.lineno, body[0].lineno, last, counts))

    def _return(self, node: ast.Return, value: ast.expr | None) -> None:
        self._note(RETURNED, node.lineno, self._used(value) if value else set(), value=value)
        if isinstance(value, ast.Tuple):
            for at, one in enumerate(value.elts):
                self._note(f"{RETURNED}[{at}]", node.lineno, self._used(one), value=one)

    def _give(self, target: ast.expr, value: ast.expr, *, adds: bool = False) -> None:
        if not isinstance(target, ast.Tuple | ast.List):
            self._give_one(target, self._used(value), value, adds=adds)
            return
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        called = self._called(value.func) if isinstance(value, ast.Call) else []
        for at, one in enumerate(target.elts):
            if len(parts) == len(target.elts):
                self._give(one, parts[at])
                continue
            results = {(function, f"{RETURNED}[{at}]") for function in called}
            used = self._used(value) - {(function, RETURNED) for function in called}
            is_handed = bool(name_of(value))  # a part of what another variable is
            for leaf in _leaves(one):
                self._give_one(leaf, results or used, is_handed=is_handed)

    def _give_one(
        self,
        target: ast.expr,
        used: set[Variable],
        value: ast.expr | None = None,
        *,
        adds: bool = False,
        is_handed: bool = False,
    ) -> None:
        is_whole, filled = not adds, _part(target)
        value = None if isinstance(target, ast.Subscript | ast.Starred) and not filled else value
        while isinstance(target, ast.Subscript | ast.Starred):
            if isinstance(target, ast.Subscript):
                used, is_whole = used | self._used(target.slice), False
            target = target.value
        name = name_of(target)
        if name:
            used = used | {(self.name, name)} if adds else used
            self._note(name, target.lineno, used, is_whole=is_whole, value=value)
            self.found.filled[name] = filled
            if is_whole:
                self.found.begins[name] = target.lineno
            if is_handed:
                self.found.handed.add(name)

    def _note(
        self,
        name: str,
        line: int,
        used: set[Variable],
        *,
        is_whole: bool = True,
        value: ast.expr | None = None,
    ) -> None:
        self.found.lines[name.partition("[")[0]] = line
        self.found.uses.setdefault(name, set()).update(used)
        self.found.given.setdefault(name, []).append(Given(line, used, is_whole, value))

    def _used(self, value: ast.expr) -> set[Variable]:
        """Return the variables that an expression reads, and what the functions in it return."""
        found = set()
        for node in self.steps.walk(value):
            if isinstance(node, ast.Name | ast.Attribute):
                called = self._called(node)
                found |= {(function, RETURNED) for function in called}
                if not called and (name := name_of(node)) and name != ME:
                    found.add((self.name, name))
        return found

    def _called(self, node: ast.expr) -> list[str]:
        match node:
            case ast.Name(id=name):
                called = self.known.get(name, [])
            case ast.Attribute(attr=attr):
                called = self.known.get(f".{attr}", [])
            case _:
                called = []
        self.steps.take(len(called))
        return called


def _leaves(target: ast.expr) -> list[ast.expr]:
    """Return what is given values, of targets within targets."""
    if isinstance(target, ast.Tuple | ast.List):
        return [leaf for one in target.elts for leaf in _leaves(one)]
    return [target]


def _part(node: ast.expr) -> str:
    """Return the text of a part of an array by numbers: `h[t - 1]`. Empty: it is none."""
    match node:
        case ast.Subscript(value=ast.Name(), slice=index):
            is_plain = all(isinstance(one, PLAIN) for one in ast.walk(index))
            return ast.unparse(node) if is_plain else ""
    return ""


def name_of(node: ast.expr) -> str:
    """Return the name of a variable, of what an object holds `self.x`. Empty: it is none."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=attr) if owner == ME:
            return f"{ME}.{attr}"
    return ""


def _expressions(node: ast.stmt) -> Iterator[ast.expr]:
    """Yield the expressions of a statement, and none of those that stand in it."""
    for held in ast.iter_child_nodes(node):
        if isinstance(held, ast.expr):
            yield held
        elif isinstance(held, ast.withitem):
            yield held.context_expr
