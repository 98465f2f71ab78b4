"""One statement of a text that has syntax errors: how far it can be read, and what it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nndsl.syntax import ast
from nndsl.syntax.braces import CLOSE, OPEN
from nndsl.syntax.builder import VALUE, grammar
from nndsl.syntax.expectation import Refusal, explain
from nndsl.syntax.lexeme import MAX_DEPTH, Brackets, Fault, Lexeme, unclosed, unopened
from nndsl.syntax.machine import Machine, UnexpectedToken
from nndsl.syntax.scan import UNREADABLE, Scan

_TYPES = {OPEN: "LBRACE", CLOSE: "RBRACE"}  # of the grammar


@dataclass(slots=True)
class LineBreak:
    """A line end inside the brackets of a statement, of which `bracket` is the innermost."""

    at: int
    bracket: Lexeme


@dataclass(slots=True)
class Attempt:
    """What became of a statement, which was read up to the lexeme `at`.

    `statement` is None where what was read is none; `fault` where it ends as it should.
    `literals` are the faults of its numbers and strings.
    """

    at: int
    statement: ast.Statement | None = None
    fault: Fault | None = None
    literals: list[Fault] = field(default_factory=list)
    before: list[Lexeme] = field(default_factory=list)
    opened: list[Lexeme] = field(default_factory=list)
    breaks: list[LineBreak] = field(default_factory=list)


class Statements:
    """Tries to read statements, each alone, among the lexemes of a text."""

    def __init__(self, lexemes: Sequence[Lexeme], faults: Mapping[int, Fault], start: str) -> None:
        self._lexemes = lexemes
        self._faults = faults  # of lexemes, by where they begin
        self._start = start
        # A value alone is all of its text, a line end at its end included.
        self._ends = ("$END",) if start == VALUE else ("_END", OPEN, CLOSE, "$END")

    def attempt(self, first: int, bodies: Sequence[Lexeme]) -> Attempt:
        """Read the statement that begins at a lexeme, inside bodies; its own body is left out."""
        machine = Machine(grammar(), self._start)
        brackets = Brackets(MAX_DEPTH - len(bodies))
        found = Attempt(first, opened=brackets.open)
        try:
            while True:
                lexeme = self._lexemes[found.at]
                if lexeme.type == "_END" and lexeme.ends_line and brackets.open:
                    found.breaks.append(LineBreak(found.at, brackets.open[-1]))
                elif lexeme.type in self._ends and not brackets.open:
                    found.statement = _finish(machine, lexeme)
                    return found
                else:
                    self._feed(machine, lexeme, found)
                    found.before.append(lexeme)
                    brackets.feed(lexeme)
                found.at += 1
        except UnexpectedToken:
            found.fault = self.explain(found.at, found.before, found.opened, bodies)
        except Fault as fault:
            found.fault = fault
        try:
            found.statement = _finish(machine, self._lexemes[-1])
        except UnexpectedToken:
            found.statement = None
        return found

    def _feed(self, machine: Machine, lexeme: Lexeme, found: Attempt) -> None:
        fault = self._faults.get(lexeme.span.start)
        if fault is not None and lexeme.type == UNREADABLE:
            raise fault
        if fault is not None:
            found.literals.append(fault)
        if lexeme.type == "RBRACE":
            raise unopened(lexeme)
        _feed(machine, _as_token(lexeme))
        if lexeme.type == "LBRACE":
            raise unclosed(lexeme, self._lexemes[found.at + 1])

    def explain(
        self,
        at: int,
        before: Sequence[Lexeme],
        opened: Sequence[Lexeme],
        bodies: Sequence[Lexeme],
    ) -> Fault:
        """Return the fault of a lexeme that the parser refuses after those of its statement."""
        found = self._lexemes[at]
        if found.type == "RBRACE":
            return unopened(found)
        machine = Machine(grammar(), self._start)
        head = [Lexeme("NAME", "", found.span), *bodies[-1:]] if bodies else []
        refusal = Refusal(found, before, [*bodies, *opened], self._start)
        try:
            for lexeme in (*head, *before, _as_token(found)):
                _feed(machine, lexeme)
        except UnexpectedToken as error:
            return explain(grammar().states[error.state].keys(), refusal)
        return unclosed(found, self._lexemes[at + 1])


def explain_value(scanned: Scan) -> Fault:
    """Return the first fault of a text that is no value."""
    attempt = Statements(scanned.lexemes, scanned.faults, VALUE).attempt(0, ())
    fault = attempt.literals[0] if attempt.literals else attempt.fault
    assert fault is not None
    return fault


def _as_token(lexeme: Lexeme) -> Lexeme:
    kind = _TYPES.get(lexeme.type)
    return Lexeme(kind, lexeme.text, lexeme.span) if kind else lexeme


def _feed(machine: Machine, lexeme: Lexeme) -> Any:
    return machine.feed(lexeme.type, lexeme)


def _finish(machine: Machine, lexeme: Lexeme) -> ast.Statement | None:
    """End a statement before a lexeme. UnexpectedToken where it is not whole."""
    if lexeme.type == OPEN:
        _feed(machine, Lexeme("LBRACE", "{", lexeme.span))
        _feed(machine, Lexeme("RBRACE", "}", lexeme.span))
    result = _feed(machine, Lexeme("$END", "", lexeme.span))
    if not isinstance(result, tuple):
        result = (result,)  # a value alone
    return result[0] if result else None


def partial_statement(before: Sequence[Lexeme], last: Lexeme, *, has_body: bool) -> ast.Statement:
    """Return what a broken statement was, as far as its first lexemes show it."""
    span = before[0].span.to(last.span) if before else last.span
    hole = ast.Hole(span)
    arguments = (ast.Argument(None, hole, span),)
    kinds = [lexeme.type for lexeme in before[:3]] + [""] * 3
    if kinds[0] != "NAME":
        return ast.Broken(ast.Name("", span), None, span)
    name = ast.Name(before[0].text, before[0].span)
    if kinds[1] == "NAME":
        second = ast.Name(before[1].text, before[1].span)
        if kinds[2] != "EQUAL" and (has_body or kinds[2] == "LPAR"):
            return ast.Declaration(name, second, None, arguments, None, span)
        return ast.Declaration(name, second, hole, None, None, span)
    names_a_call = kinds[1:3] == ["EQUAL", "NAME"]
    if kinds[1] == "LPAR" or (has_body and not names_a_call):
        return ast.Call(name, arguments, None, span)
    if kinds[1] == "EQUAL":
        return ast.Setting(name, hole, span)
    if kinds[1] == "COMPARE":
        return ast.Comparison(name, before[1].text, hole, span)
    return ast.Broken(name, None, span)
