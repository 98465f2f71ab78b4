"""Finds out which brace closes which, also where some are missing or too many.

Where the braces of a text do not pair up, its indentation tells which of them is at fault, or,
in a text that is not indented, the words that can only stand at the top.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from nndsl.diagnostics import Label
from nndsl.source import Span
from nndsl.syntax.lexeme import MAX_DEPTH, Fault, Lexeme

OPEN, CLOSE = "OPEN", "CLOSE"  # the types of braces that pair up


@dataclass(slots=True)
class Line:
    """Lexemes from `first` up to `end`, which is the line end; none of them where it is empty."""

    first: int
    end: int
    indent: int


@dataclass(slots=True)
class _Opener:
    at: int
    line: int


def lines_of(lexemes: Sequence[Lexeme]) -> list[Line]:
    """Return the lines that are not empty."""
    lines, first, line_start = [], 0, 0
    for at, lexeme in enumerate(lexemes):
        if lexeme.ends_line and lexeme.type in ("_END", "$END"):
            if at > first:
                lines.append(Line(first, at, lexemes[first].span.start - line_start))
            first, line_start = at + 1, lexeme.span.end
    return lines


def pair_braces(lexemes: list[Lexeme], top_words: Set[str]) -> tuple[list[Lexeme], list[Fault]]:
    """Give braces that pair up the types OPEN and CLOSE, and add those that are missing.

    `top_words` begin statements that stand in no body. Raise a Fault where too many are open.
    """
    depth = 0
    balanced = True
    for lexeme in lexemes:
        if lexeme.type == "LBRACE":
            depth += 1
        elif lexeme.type == "RBRACE":
            depth -= 1
            balanced &= depth >= 0
            depth = max(depth, 0)
        if depth > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} brackets stand in each other here"
            raise Fault("NN107", message, lexeme.span)
    if balanced and depth == 0:
        for lexeme in lexemes:
            lexeme.type = {"LBRACE": OPEN, "RBRACE": CLOSE}.get(lexeme.type, lexeme.type)
        return lexemes, []
    return _Pairing(lexemes, top_words).run()


class _Pairing:
    """Walks over the lines of a text whose braces do not pair up."""

    def __init__(self, lexemes: list[Lexeme], top_words: Set[str]) -> None:
        self.lexemes = lexemes
        self.top_words = top_words
        self.lines = lines_of(lexemes)
        self.open: list[_Opener] = []
        self.outlived: dict[int, int] = {}  # of lines: the last brace that another line closed
        self.added: dict[int, list[Lexeme]] = {}  # before the lexeme at this index
        self.faults: list[Fault] = []

    def run(self) -> tuple[list[Lexeme], list[Fault]]:
        indented = self.is_indented()
        for number, line in enumerate(self.lines):
            if indented:
                self.close_by_indentation(number)
            elif self.begins_top(line):
                self.close_all(number)
            brackets, last = 0, self.last_bracket(line)
            for at in range(line.first, line.end):
                kind = self.lexemes[at].type
                brackets += (kind in ("LPAR", "LSQB")) - (kind in ("RPAR", "RSQB"))
                if kind == "LBRACE":
                    if not indented or not self.is_stray_opener(at, number, brackets):
                        self.open.append(_Opener(at, number))
                elif kind == "RBRACE" and not (brackets > 0 and at < last):  # stray, in brackets
                    self.close_brace(at, number, indented)
        self.close_all(len(self.lines))
        whole = []
        for at, lexeme in enumerate(self.lexemes):
            whole += [*self.added.get(at, ()), lexeme]
        return whole, self.faults

    def is_indented(self) -> bool:
        """Whether most bodies of the text stand deeper than their heads."""
        deeper = 0
        for number, line in enumerate(self.lines[:-1]):
            if self.lexemes[line.end - 1].type == "LBRACE":
                following = self.lines[number + 1]
                if self.lexemes[following.first].type != "RBRACE":
                    deeper += 1 if following.indent > line.indent else -1
        return deeper >= 0

    def last_bracket(self, line: Line) -> int:
        """Return where the last closing bracket of a line stands, or -1."""
        places = range(line.end - 1, line.first - 1, -1)
        return next((at for at in places if self.lexemes[at].type in ("RPAR", "RSQB")), -1)

    # --- Openers ----------------------------------------------------------------------

    def is_stray_opener(self, at: int, number: int, brackets: int) -> bool:
        """Whether a `{` opens nothing, as the lines around it look."""
        line = self.lines[number]
        is_last = at == line.end - 1
        if at == line.first:
            return not is_last
        if self.lexemes[at - 1].type in ("LBRACE", CLOSE, "_END"):
            return True
        if not is_last:
            return brackets > 0
        following = self.lines[number + 1] if number + 1 < len(self.lines) else None
        if following is None:
            return False
        closes = self.lexemes[following.first].type == "RBRACE"
        return following.indent < line.indent + (not closes)

    # --- Closers ----------------------------------------------------------------------

    def close_by_indentation(self, number: int) -> None:
        """A line that is not deeper than the head of a body does not stand in it."""
        line = self.lines[number]
        closes = self.lexemes[line.first].type == "RBRACE"
        indents = [self.lines[opener.line].indent for opener in self.open]
        while indents and indents[-1] >= line.indent + closes:
            if closes and (len(indents) == 1 or indents[-2] < line.indent):
                break  # a `}` that stands a little too far out closes what else nothing closes
            self.leave_open(self.open.pop(), number)
            indents.pop()

    def close_all(self, number: int) -> None:
        while self.open:
            self.leave_open(self.open.pop(), number)

    def begins_top(self, line: Line) -> bool:
        first, second = self.lexemes[line.first], self.lexemes[line.first + 1]
        return first.text in self.top_words and second.type in ("NAME", "LBRACE", "LPAR")

    def leave_open(self, opener: _Opener, number: int) -> None:
        """Close a body before a line; or find that its brace should not be there."""
        if self.outlived.get(opener.line, -1) > opener.at:
            return  # a later brace of its line has a closer of its own, so that this is stray
        last = self.lines[number - 1].end - 1
        end = self.lexemes[last].span.end
        here = Span(self.lexemes[last].span.source, end, end)
        self.lexemes[opener.at].type = OPEN
        self.added.setdefault(last + 1, []).append(Lexeme(CLOSE, "\n", here))
        where, label = self.lexemes[opener.at].span, Label(here, "expected `}` here")
        self.faults.append(Fault("NN102", "`{` is not closed", where, label))

    def close_brace(self, at: int, number: int, indented: bool) -> None:
        line, lexeme = self.lines[number], self.lexemes[at]
        top = self.open[-1] if self.open else None
        if top is None or top.line != number:
            if at == line.first:
                if indented and (top is None or self.lines[top.line].indent < line.indent):
                    head = self.head_of(number)
                    if head is not None:
                        self.add_opener(head, lexeme)
                        return
                    if top is None or self.is_stray_closer(number, top):
                        return
            elif indented and (top is None or self.is_stray_closer(number, top)):
                return
        if top is None:
            return
        self.open.pop()
        self.lexemes[top.at].type, lexeme.type = OPEN, CLOSE
        if top.line != number:
            self.outlived[top.line] = max(self.outlived.get(top.line, -1), top.at)

    def is_stray_closer(self, number: int, top: _Opener) -> bool:
        """Whether the line after a `}` still stands in the body that it would close."""
        if number + 1 == len(self.lines):
            return False
        following, outer = self.lines[number + 1], self.lines[top.line].indent
        closes = self.lexemes[following.first].type == "RBRACE"
        return following.indent > outer or (closes and following.indent == outer)

    def head_of(self, number: int) -> Line | None:
        """Return the line that must have lost the `{` which the `}` of a line closes."""
        indent = self.lines[number].indent
        above = number - 1
        while above >= 0 and self.lines[above].indent > indent:
            above -= 1
        line = self.lines[above]
        is_head = (
            0 <= above < number - 1
            and line.indent == indent
            and self.lexemes[line.first].type == "NAME"
            and self.lexemes[line.end - 1].type not in (OPEN, "LBRACE")
        )
        return line if is_head else None

    def add_opener(self, head: Line, closer: Lexeme) -> None:
        last = self.lexemes[head.end - 1]
        here = Span(last.span.source, last.span.end, last.span.end)
        self.added.setdefault(head.end, []).append(Lexeme(OPEN, "\n", here))
        closer.type = CLOSE
        label = Label(closer.span, "this `}` has no `{` before it")
        self.faults.append(Fault("NN102", f"expected `{{` after {last}", here, label))
