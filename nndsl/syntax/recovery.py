"""Reads a text that has syntax errors: all of them, and every statement that can be read.

Where the bodies of a text begin and end is found out first. Then each statement is parsed
alone, so that an error ends with its statement.
"""

from bisect import bisect_right
from collections.abc import Set
from dataclasses import replace

from nndsl.diagnostics import Diagnostics
from nndsl.source import Source, Span
from nndsl.syntax import ast
from nndsl.syntax.attempt import Attempt, LineBreak, Statements, partial_statement
from nndsl.syntax.braces import CLOSE, OPEN, lines_of, pair_braces
from nndsl.syntax.builder import SPEC
from nndsl.syntax.lexeme import Fault, Lexeme, unclosed
from nndsl.syntax.scan import UNREADABLE, Scan

MAX_FAULTS = 100
LOOKAHEAD = 200  # lexemes that are looked at beyond an error, for the end of its statement
_BRACKETS = {"LPAR": 1, "LSQB": 1, "RPAR": -1, "RSQB": -1}
_STRAY = ("LBRACE", "RBRACE", "RPAR", "RSQB")  # where they begin a statement
_EDGES = (OPEN, CLOSE, "$END")


def recover(
    source: Source, scanned: Scan, diagnostics: Diagnostics, top_words: Set[str]
) -> ast.Tree:
    """Return what can be read of a text with syntax errors, and record them all.

    `top_words` begin statements that can only stand at the top. Raise a Fault where brackets stand
    in each other too deeply.
    """
    lexemes, braces = pair_braces(scanned.lexemes, top_words)
    reader = _Reader(lexemes, scanned.faults)
    try:
        statements = tuple(reader.body())
    except _TooManyFaults:
        statements = ()  # what is missing could be anything
    lines = {fault.span.line for fault in reader.faults}
    # A brace in a line that is wrong otherwise is most likely wrong because of that.
    braces = [fault for fault in braces if fault.span.line not in lines]
    faults = sorted(reader.faults + braces, key=lambda fault: fault.span.start)
    for wrong in faults:
        wrong.record(diagnostics)
    unread = [*reader.unread, *(wrong.span for wrong in faults)]
    return ast.Tree(source, statements, tuple(scanned.comments), tuple(unread))


class _TooManyFaults(Exception):
    pass


class _Reader:
    def __init__(self, lexemes: list[Lexeme], faults: dict[int, Fault]) -> None:
        self.lexemes = lexemes
        self.statements = Statements(lexemes, faults, SPEC)
        self.lines = lines_of(lexemes)
        self.firsts = [line.first for line in self.lines]
        self.position = 0
        self.bodies: list[Lexeme] = []  # the braces around the position
        self.faults: list[Fault] = []
        self.unread: list[Span] = []
        self.reread_budget = len(lexemes)  # how many lexemes may be read once more

    @property
    def here(self) -> Lexeme:
        return self.lexemes[self.position]

    def fail(self, fault: Fault) -> None:
        self.faults.append(fault)
        if len(self.faults) == MAX_FAULTS:
            fault.help = f"after {MAX_FAULTS} errors the rest of the text is not read"
            raise _TooManyFaults

    # --- Bodies -----------------------------------------------------------------------

    def body(self) -> list[ast.Statement]:
        """Read statements up to the `}` of their body, or the end of the text."""
        statements: list[ast.Statement] = []
        while (kind := self.here.type) not in (CLOSE, "$END"):
            if kind == "_END":
                self.position += 1
            elif kind in _STRAY:
                self.fail(self.explain_here())
                while self.here.type in _STRAY:
                    self.position += 1
            elif kind == OPEN:
                self.fail(self.explain_here())
                self.headless_body(statements)
            else:
                below = self.statement()
                above = _continued(statements[-1], below, kind) if statements else None
                if above is None:
                    statements.append(below)
                else:
                    self.unread.append(statements[-1].span)
                    statements[-1] = above
        return statements

    def explain_here(self) -> Fault:
        return self.statements.explain(self.position, (), (), self.bodies)

    def headless_body(self, statements: list[ast.Statement]) -> None:
        """A body that stands where a statement begins may be that of the call above it."""
        body = self.braced()
        match statements[-1:]:
            case [(ast.Call(body=None) | ast.Declaration(value=None, body=None)) as above]:
                statements[-1] = replace(above, body=body, span=above.span.to(body.span))
            case _:
                statements.append(ast.Broken(ast.Name("", body.span), body, body.span))

    def braced(self) -> ast.Body:
        opener = self.here
        self.bodies.append(Lexeme("LBRACE", "{", opener.span))
        self.position += 1
        statements = tuple(self.body())
        self.bodies.pop()
        closer = self.here
        self.position += 1
        if self.here.type not in ("_END", *_EDGES):
            self.fail_after_body(closer)
        return ast.Body(statements, opener.span.to(closer.span))

    def fail_after_body(self, closer: Lexeme) -> None:
        """After a `}` a statement ends; a name that follows begins the next one."""
        before = [
            Lexeme("NAME", "", closer.span),
            Lexeme("LBRACE", "{", closer.span),
            Lexeme("RBRACE", "}", closer.span),
        ]
        self.fail(self.statements.explain(self.position, before, (), self.bodies))
        if self.here.type != "NAME":
            self.position = self.end_of_statement(self.position, self.position, 0, closes=False)

    # --- Statements -------------------------------------------------------------------

    def statement(self) -> ast.Statement:
        first = self.position
        attempt = self.statements.attempt(first, self.bodies)
        for fault in attempt.literals:
            self.fail(fault)
        self.position = attempt.at
        statement = attempt.statement
        if attempt.fault is not None:
            statement = self.end_broken(first, attempt, attempt.fault)
        if attempt.fault or attempt.literals:
            last = self.lexemes[max(first, self.position - 1)]
            self.unread.append(self.lexemes[first].span.to(last.span))
        assert statement is not None
        if self.here.type == OPEN:
            assert not isinstance(statement, ast.Comparison)
            body = self.braced()
            statement = replace(statement, body=body, span=statement.span.to(body.span))
        return statement

    def end_broken(self, first: int, attempt: Attempt, fault: Fault) -> ast.Statement:
        """Find the end of a broken statement, and report it; return what can be said of it."""
        found = self.here
        depth = len(attempt.opened)
        closes = depth > 0 and self.closes_ahead(depth)
        is_open = depth > 0 and not closes
        cut = self.missing_bracket(first, attempt) if is_open else None
        goes_on = not depth and found.type == "NAME" and self.is_next_statement()
        if cut is not None:
            fault = unclosed(cut.bracket, self.lexemes[cut.at + 1])
            self.position = cut.at
        elif is_open and found.text == ";":
            fault = unclosed(attempt.opened[-1], found)
        if not attempt.literals:
            self.fail(fault)
        if goes_on and attempt.statement is not None:
            return attempt.statement
        if cut is None:
            self.position = self.end_of_statement(first, self.position, depth, closes=closes)
        last = self.lexemes[max(first, self.position - 1)]
        return partial_statement(attempt.before, last, has_body=self.here.type == OPEN)

    def missing_bracket(self, first: int, attempt: Attempt) -> LineBreak | None:
        """Return the line end before which a bracket should have been closed."""
        indent = self.indent_at(first)
        for one in attempt.breaks:
            if self.is_dedented(one.at + 1, indent):
                break
        else:
            if not attempt.breaks or attempt.breaks[-1].at != attempt.at - 1:
                return None
            one = attempt.breaks[-1]
            if self.here.type not in ("NAME", *_EDGES):
                return None
        if self.reread_budget < attempt.at - one.at:
            return None
        self.reread_budget -= attempt.at - one.at
        return one

    def is_dedented(self, at: int, indent: int) -> bool:
        """Whether a new line is as far out as the statement that a bracket keeps open."""
        while self.lexemes[at].type == "_END":
            at += 1
        return self.lexemes[at].type not in ("RPAR", "RSQB") and self.indent_at(at) <= indent

    def indent_at(self, at: int) -> int:
        return self.lines[bisect_right(self.firsts, at) - 1].indent

    # --- What follows an error --------------------------------------------------------

    def closes_ahead(self, depth: int) -> bool:
        """Whether the open brackets are closed before the body ends."""
        for lexeme in self.lexemes[self.position : self.position + LOOKAHEAD]:
            depth += _BRACKETS.get(lexeme.type, 0)
            if depth == 0 or lexeme.type in _EDGES:
                break
        return depth == 0

    def is_next_statement(self) -> bool:
        """Whether what follows on the line looks like a statement of its own."""
        depth = 0
        for lexeme in self.lexemes[self.position : self.position + LOOKAHEAD]:
            depth += _BRACKETS.get(lexeme.type, 0)
            if depth < 0 or lexeme.type in (UNREADABLE, "LBRACE", "RBRACE"):
                return False
            if lexeme.type in ("_END", *_EDGES):
                return depth == 0
        return False

    def end_of_statement(self, first: int, at: int, depth: int, *, closes: bool) -> int:
        """Return the lexeme that ends a statement with an error at a lexeme.

        That is the end of its line, or beyond it where its brackets are closed there: `closes`
        says that they are.
        """
        indent = self.indent_at(first)
        earliest = None
        in_line = depth > 0 and self.lexemes[at].text == ";"  # for a comma, most likely
        start = at
        while self.lexemes[at].type not in _EDGES:
            lexeme = self.lexemes[at]
            if lexeme.type == "_END" and not (in_line and lexeme.text == ";"):
                if depth == 0:
                    return at
                earliest = at if earliest is None else earliest
                if not closes and (lexeme.text == ";" or self.is_dedented(at + 1, indent)):
                    return earliest
            if lexeme.type in _BRACKETS:
                depth = max(0, depth + _BRACKETS[lexeme.type])
                earliest = earliest if depth else None
            if earliest is not None and at - start > LOOKAHEAD:
                return earliest
            at += 1
        return at if earliest is None else earliest


def _continued(above: ast.Statement, below: ast.Statement, kind: str) -> ast.Statement | None:
    """Return the statement that two lines are together, or None where they are two.

    The second line begins with a lexeme of this kind, and has no name.
    """
    hole = ast.Hole(below.span)
    match above, below, kind:
        case ast.Call(arguments=None, body=None), ast.Broken(
            name=ast.Name(text=""), body=None
        ), "EQUAL":
            return ast.Setting(above.name, hole, above.span)
        case (
            ast.Declaration(value=None, arguments=None, body=None),
            ast.Broken(name=ast.Name(text=""), body=None),
            "EQUAL",
        ):
            return replace(above, value=hole)
        case (
            ast.Call(arguments=None, body=None)
            | ast.Declaration(value=None, arguments=None, body=None),
            ast.Broken(name=ast.Name(text=""), body=body),
            "LPAR",
        ):
            arguments = (ast.Argument(None, hole, below.span),)
            return replace(above, arguments=arguments, body=body)
    return None
