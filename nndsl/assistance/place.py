"""Where in a page a person types, read from its lexemes: so a page may be half written there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from nndsl.analysis.expected import (
    ANYTHING,
    LAYER,
    NETWORK,
    OTHER,
    SECTION,
    TOP,
    body_of,
    expected_at,
)
from nndsl.analysis.slots import Slot, slots
from nndsl.analysis.toplevel import TOP_WORDS
from nndsl.assistance.page import Page
from nndsl.record import record
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.syntax.lexeme import ENDS_OF_VALUES, Lexeme
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.formula_functions import EVERY
from nndsl.vocabulary.instrument import Instrument
from nndsl.vocabulary.section import Section

_TOP_WORDS = {*TOP_WORDS, Data.kind}
_BRACES = {"(": ")", "[": "]", "{": "}"}
Word = type[Builtin] | ast.Declaration | None  # one of the language, or of the page


@dataclass(slots=True)
class _Frame:
    """A bracket that is open: what stands before it in its statement, and in it so far."""

    opener: str = ""
    head: Sequence[Lexeme] = ()
    before: list[Lexeme] = field(default_factory=list)  # of this statement, or of this argument
    given: list[str] = field(default_factory=list)  # names of arguments before, or of settings
    position: int = 0  # how many arguments stand before, without names of values


@record
class Place:
    """What is around an offset, and what may stand there.

    `body` says between which braces it is; `section` is their word. In the parentheses of a call,
    `call` is its word, a builtin or the declaration of the page, and `argument` the name before
    the `=`. `slot` is for the value that begins there, None where a statement or a new name does.
    """

    body: str
    section: str
    before: tuple[Lexeme, ...]  # of the statement or argument
    call: Word = None
    opener: str = ""
    argument: str = ""
    given: tuple[str, ...] = ()
    position: int = 0
    slot: Slot | None = None
    literal: Lexeme | None = None  # the text between quotes in which it is
    is_comment: bool = False
    replaced: Span | None = None  # the beginning of a name that stands before it
    blocks: tuple[str, ...] = ()  # of the page, in whose bodies it is

    @property
    def begins_statement(self) -> bool:
        return not self.before and self.opener in ("", "{")


def place_at(page: Page, offset: int) -> Place:
    """Return what is around an offset of a page."""
    frames = [_Frame()]
    literal = replaced = None
    line, values = 1, _names_of_values(page)
    for lexeme in page.scan.lexemes:
        span = lexeme.span
        if span.start >= offset or lexeme.type == "$END":
            break
        if lexeme.type in ("NAME", "TRUE", "FALSE", "NUMBER") and offset <= span.end:
            replaced = Span(page.source, span.start, offset)
            break
        is_closed = len(lexeme.text) > 1 and lexeme.text.endswith('"')
        if lexeme.type == "STRING" and (offset < span.end or not is_closed):
            literal = lexeme
            break
        starts = page.source.position(span.start)[0]
        _feed(frames, lexeme, values, begins_line=starts > line)
        line = starts
    comments = (one.span for one in page.scan.comments)
    is_comment = any(one.start < offset <= one.end for one in comments)
    return _place(page, frames, literal, is_comment, replaced)


def _feed(
    frames: list[_Frame], lexeme: Lexeme, values: Collection[str], *, begins_line: bool
) -> None:
    """Follow one lexeme; brackets that are not closed end where a word of the top begins a line."""
    here = frames[-1]
    if lexeme.type == "NAME" and begins_line and len(frames) > 1:
        in_first_column = lexeme.span.column == 1
        if in_first_column and lexeme.text in _TOP_WORDS:
            del frames[1:]
            frames[0].before.clear()
        while frames[-1].opener in ("(", "[") and frames[-1].before and _ends_value(frames[-1]):
            frames.pop()  # an argument ended without a comma: the bracket was never closed
            frames[-1].before.clear()
        here = frames[-1]
    if lexeme.text in _BRACES:
        frames.append(_Frame(lexeme.text, tuple(here.before)))
    elif lexeme.text in _BRACES.values():
        while len(frames) > 1 and _BRACES[frames[-1].opener] != lexeme.text:
            frames.pop()
        if len(frames) > 1:
            frames.pop()
            frames[-1].before.append(lexeme)
    elif lexeme.type == "COMMA" and here.opener in ("(", "["):
        is_value = len(here.before) == 1 and here.before[0].text in values
        here.position += not is_value
        _remember(here)
    elif lexeme.type == "_END":
        if here.opener in ("", "{"):
            _remember(here)
    else:
        here.before.append(lexeme)


def _ends_value(frame: _Frame) -> bool:
    last = frame.before[-1]
    return last.type in ENDS_OF_VALUES or last.text in _BRACES.values()


def _remember(frame: _Frame) -> None:
    if _is_named(frame):
        frame.given.append(frame.before[0].text)
    frame.before.clear()


def _is_named(frame: _Frame) -> bool:
    return len(frame.before) > 1 and frame.before[1].type == "EQUAL"


def _names_of_values(page: Page) -> set[str]:
    """Return the names that lines of networks and blocks give to values."""
    found: set[str] = set()
    for one in page.statements:
        body = one.body if isinstance(one, ast.Call | ast.Declaration) else None
        for node in ast.walk(body) if body is not None else ():
            if isinstance(node, ast.Setting):
                found |= {name.text for name in node.names}
            elif isinstance(node, ast.Declaration):
                found.add(node.name.text)
    return found


def _place(
    page: Page,
    frames: Sequence[_Frame],
    literal: Lexeme | None,
    is_comment: bool,
    replaced: Span | None,
) -> Place:
    body, section, blocks = TOP, "", []
    call: Word = None
    slot: Slot | None = None
    for outer, frame in pairwise(frames):
        names = [one.text for one in frame.head if one.type == "NAME"]
        if frame.opener == "{":
            if body == TOP and names:
                section = names[0]
                body = body_of(section)
                blocks += names[1:2]
            elif body == SECTION:
                section, body = names[0] if names else section, OTHER
            call = None
        elif frame.opener == "(" and frame.head and frame.head[-1].type == "NAME":
            of_call = _slot_of_call(body, section, call, outer, slot)
            call = _callee(page, frame.head[-1].text, of_call)
        slot = _slot(body, section, call, frame, slot)
    here = frames[-1]
    outer = next(one for one in reversed(frames) if one.opener != "[")  # of a list
    return Place(
        body,
        section,
        tuple(here.before),
        call if here.opener in ("(", "[") else None,
        here.opener,
        outer.before[0].text if outer.opener == "(" and _is_named(outer) else "",
        tuple(here.given),
        outer.position,
        _slot(body, section, call, here, slot) if len(frames) == 1 else slot,
        literal,
        is_comment,
        replaced,
        tuple(blocks),
    )


def _slot(body: str, section: str, call: Word, frame: _Frame, outer: Slot | None) -> Slot | None:
    """Return what the value that comes next in a frame may be; None where there is none."""
    before = frame.before
    if frame.opener == "[":
        return outer
    if frame.opener == "(" and isinstance(call, ast.Declaration):
        return ANYTHING
    if frame.opener == "(" and isinstance(call, type):
        own = slots(call)
        if _is_named(frame):
            return own.get(before[0].text)
        name = call.variadic or next(iter(call.by_position()[frame.position :]), None)
        return own.get(name) if name else None
    if frame.opener == "(":
        return outer
    equal = next((at for at, one in enumerate(before) if one.type == "EQUAL"), None)
    if not equal:  # none, or nothing before it
        return None
    return expected_at(body, section, before[0].text)


def _slot_of_call(
    body: str, section: str, call: Word, outer: _Frame, slot: Slot | None
) -> Slot | None:
    """Return what a call may be, whose name stands last in a frame."""
    if outer.opener in ("", "{") and not any(one.type == "EQUAL" for one in outer.before):
        return LAYER if body == NETWORK else Slot(kinds=(Instrument.kind, Section.kind))
    return _slot(body, section, call, outer, slot)


def _callee(page: Page, name: str, slot: Slot | None) -> Word:
    """Return what a name that is called is: a block or a word of the page, or of the language."""
    tree = page.checked.tree
    for one in tree.statements if tree else ():
        if isinstance(one, ast.Declaration) and one.name.text == name and one.body is not None:
            return one
    if slot is not None and slot.functions and name in EVERY:
        return None
    kinds = (*(slot.kinds if slot is not None else ()), *registry.kinds_of(name))
    return next(filter(None, (registry.find(kind, name) for kind in kinds)), None)
