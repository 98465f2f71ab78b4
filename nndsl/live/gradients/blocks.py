"""The functions of blocks, written out where they are called.

A gradient is checked, and a mistake is looked for, among the statements of one function. So each
call of a block's function is replaced by its statements, with names of their own: the first call
keeps the names of the function, and what holds the gradient of `x` is still called `dx`.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nndsl.ir import Statement, parse_foreign, parse_text


@dataclass(frozen=True, slots=True)
class Step:
    """A statement with names of its own, and what stands for it in the script."""

    line: int  # of the script, which it begins on
    statement: Statement
    written: Statement
    function: str  # of the script, in which it stands
    shown: str = ""  # how it stands there, if not as a statement


@dataclass(frozen=True, slots=True)
class FunctionText:
    """A function of a script: no loop around it, and one `return` at its end."""

    name: str
    arguments: tuple[str, ...]
    statements: tuple[tuple[int, Statement], ...]
    returned: ast.expr
    binds: frozenset[str]  # other names that it changes are those of the script
    lines: range


@dataclass(frozen=True, slots=True)
class Kept:
    """The tuple that a block's way forward leaves for its way back: here it is none."""

    values: tuple[Meaning, ...]
    names: Mapping[str, Meaning]  # in the function that has made it


Meaning = str | Kept  # of a name in a function: a variable of the whole


def function_text(text: str, name: str) -> FunctionText:
    """Read a function of a script. ValueError where there is none of this name."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            last = node.body[-1]
            returns = [part for part in ast.walk(node) if isinstance(part, ast.Return)]
            if returns != [last] or returns[0].value is None:
                raise ValueError(f"`{name}` has to end in its one `return`, with what it returns")
            names = (part for part in ast.walk(node) if isinstance(part, ast.Name))
            return FunctionText(
                name,
                tuple(argument.arg for argument in node.args.args),
                tuple(_statements(text, node)),
                returns[0].value,
                frozenset(part.id for part in names if isinstance(part.ctx, ast.Store)),
                range(node.lineno, (node.end_lineno or node.lineno) + 1),
            )
    raise ValueError(f"the script has no function `{name}`")


def _statements(text: str, function: ast.FunctionDef) -> Iterator[tuple[int, Statement]]:
    """Yield the statements of a function without docstring and `return`, with their lines."""
    lines = text.split("\n")
    for node in function.body[:-1]:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # the docstring
        own = lines[node.lineno - 1 : node.end_lineno]
        if not isinstance(node, ast.For):  # the comments of a loop belong to its text
            own[-1] = own[-1].encode()[: node.end_col_offset].decode()  # ast counts bytes
        own[0] = " " * node.col_offset + own[0].encode()[node.col_offset :].decode()
        (statement,) = parse_foreign(textwrap.dedent("\n".join(own)))
        yield node.lineno, statement


@dataclass
class WrittenOut:
    """The steps of a function and of the blocks that it calls, in the order in which they run."""

    function: FunctionText
    blocks: Mapping[str, FunctionText]
    steps: list[Step] = field(default_factory=list, init=False)
    names: dict[tuple[str, str], str] = field(default_factory=dict, init=False)  # by function
    returned: ast.expr = field(init=False)
    _taken: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        meanings = self._run(self.function, {}, {})
        (returned,) = parse_text(f"_ = {ast.unparse(self.function.returned)}")
        renamed = ast.parse(returned.rename(_variables(meanings, returned)).text).body[0]
        assert isinstance(renamed, ast.Assign)
        self.returned = renamed.value
        parts = zip(ast.walk(renamed.value), ast.walk(self.function.returned), strict=False)
        for new, old in parts:  # the lines of the script
            ast.copy_location(new, old)

    def _run(
        self, function: FunctionText, names: dict[str, Meaning], wanted: Mapping[str, str]
    ) -> dict[str, Meaning]:
        """Add the steps of a function; return what its names mean at its end.

        `names` are those of its arguments, `wanted` the variables of what it returns.
        """
        for line, statement in function.statements:
            call = _call(statement, self.blocks)
            unpacked = _unpacked(statement, names)
            if call is not None:
                targets, called, arguments = call
                names |= self._called(called, arguments, targets, names, wanted)
            elif unpacked is not None:
                names |= unpacked
            else:
                for name in statement.writes:
                    if name not in names and name in function.binds:
                        names[name] = self._fresh(name, names, wanted)
                renamed = statement.rename(_variables(names, statement))
                self.steps.append(Step(line, renamed, statement, function.name))
        for name, meaning in names.items():
            if isinstance(meaning, str):
                self.names[function.name, meaning] = name
        return names

    def _called(
        self,
        function: FunctionText,
        arguments: list[str],
        targets: list[str],
        names: dict[str, Meaning],
        wanted: Mapping[str, str],
    ) -> dict[str, Meaning]:
        """Add the steps of a call; return what its targets mean."""
        given = (names.get(name, name) for name in arguments)
        returned = _elements(function.returned)
        theirs: dict[str, str] = {}
        for target, element in zip(targets, returned, strict=True):
            if isinstance(element, ast.Name):
                own = names.get(target)
                fresh = own if isinstance(own, str) else self._fresh(target, names, wanted)
                theirs[element.id] = fresh
        inner = self._run(function, dict(zip(function.arguments, given, strict=True)), theirs)
        return {
            target: _meaning(element, inner)
            for target, element in zip(targets, returned, strict=True)
        }

    def _fresh(self, name: str, names: Mapping[str, Meaning], wanted: Mapping[str, str]) -> str:
        """Return a variable for a name that is bound: `d…` for the gradient of one."""
        if name in wanted:
            return wanted[name]
        made = name
        known = [names, *(kept.names for kept in names.values() if isinstance(kept, Kept))]
        value = next((found[name[1:]] for found in known if name[1:] in found), None)
        if name[0] == "d" and isinstance(value, str):
            made = f"d{value}"
        number = 1
        while made in self._taken:
            number += 1
            made = f"{name}__{number}"
        self._taken.add(made)
        return made


def _call(
    statement: Statement, blocks: Mapping[str, FunctionText]
) -> tuple[list[str], FunctionText, list[str]] | None:
    """Return targets, function and arguments of a call of a block's function, else None."""
    if blocks.keys().isdisjoint(statement.reads):
        return None
    match ast.parse(statement.text).body[0]:
        case ast.Assign(
            targets=[target], value=ast.Call(func=ast.Name(called), args=given, keywords=[])
        ) if called in blocks:
            targets, function = _elements(target), blocks[called]
            fits = (len(targets), len(given)) == (
                len(_elements(function.returned)),
                len(function.arguments),
            )
            names = [node.id for node in (*targets, *given) if isinstance(node, ast.Name)]
            if fits and len(names) == len(targets) + len(given):
                return names[: len(targets)], function, names[len(targets) :]
    return None


def _unpacked(statement: Statement, names: Mapping[str, Meaning]) -> dict[str, Meaning] | None:
    """Return what the targets of `(a, b) = kept` mean, None for any other statement."""
    if not any(isinstance(names.get(name), Kept) for name in statement.reads):
        return None
    match ast.parse(statement.text).body[0]:
        case ast.Assign(targets=[ast.Tuple(elts)], value=ast.Name(name)):
            kept = names[name]
            assert isinstance(kept, Kept)
            return {ast.unparse(e): value for e, value in zip(elts, kept.values, strict=True)}
    return None


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _meaning(node: ast.expr, names: Mapping[str, Meaning]) -> Meaning:
    if isinstance(node, ast.Tuple):
        return Kept(tuple(_meaning(element, names) for element in node.elts), names)
    assert isinstance(node, ast.Name)
    return names.get(node.id, node.id)


def _variables(names: Mapping[str, Meaning], statement: Statement) -> dict[str, str]:
    """Return the variables of the whole for the names in a statement."""
    meanings = ((n, names.get(n)) for n in {*statement.reads, *statement.writes})
    return {name: meaning for name, meaning in meanings if isinstance(meaning, str)}
