"""What may be written at a place of a page."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from nndsl.analysis.expect import STATIC
from nndsl.analysis.expected import FORMULA, FORMULAS, NETWORK, SECTION, TOP
from nndsl.analysis.metrics import metric_names
from nndsl.analysis.slots import Slot, describe_kind, slots
from nndsl.analysis.toplevel import FORMS, IMPORT, OWN_KINDS, SECTION_FORMS
from nndsl.assistance.builtin_docs import arguments
from nndsl.assistance.names import (
    ARGUMENT,
    BLOCK,
    CHOICE,
    FILE,
    FUNCTION,
    KEYWORD,
    LET,
    OWN,
    PARAMETER,
    VALUE,
    WORD,
)
from nndsl.assistance.page import Page
from nndsl.assistance.place import Place, place_at
from nndsl.data import DataError
from nndsl.record import record
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.formula_functions import FUNCTIONS
from nndsl.vocabulary.instrument import Instrument
from nndsl.vocabulary.layer import Layer, Structure
from nndsl.vocabulary.section import Section

MAX_FILES = 200  # of a folder that are offered
PAGES = ".nn"
DELIMITERS = (",", ";", "\t")


@record
class Completion:
    """A name that may be written: what it is, what stands behind it in a list, and what is put.

    `inserts` is a snippet in which `$0` is where the cursor ends; empty: the name alone. `kind` is
    that of a word of the vocabulary.
    """

    name: str
    role: str
    detail: str = ""
    inserts: str = ""
    kind: str = ""


def completions(page: Page, offset: int) -> list[Completion]:
    """Return what may be written at an offset, the likeliest first."""
    place = place_at(page, offset)
    if place.is_comment:
        return []
    if place.literal is not None:
        return list(_in_text(page, place))
    found: dict[str, Completion] = {}
    for one in _candidates(page, place, offset):
        found.setdefault(one.name, one)
    return list(found.values())


def _candidates(page: Page, place: Place, offset: int) -> Iterator[Completion]:
    if place.begins_statement:
        yield from _statements(page, place, offset)
        return
    if place.opener == "(" and place.call is not None and not place.before:
        yield from _names_of_arguments(place)
    if place.body == NETWORK and not place.argument:
        yield from _values(page, offset)
    slot = place.slot
    if slot is not None:
        yield from _for_slot(page, place, slot)
    elif place.body == FORMULAS:
        yield from _for_slot(page, place, FORMULA)


def _statements(page: Page, place: Place, offset: int) -> Iterator[Completion]:
    """Yield what a line may begin with."""
    if place.body == TOP:
        given = {one.name.text for one in page.statements}
        for name, form in SECTION_FORMS.items():
            if name not in given:
                body = form.replace("…", "\n  $0\n") if "{" in form else f"{name} = $0"
                yield Completion(name, KEYWORD, form, body)
        for name, form in FORMS.items():
            yield Completion(name, KEYWORD, form, f"{name} ")
    elif place.body == NETWORK:
        yield from _values(page, offset)
        yield from _for_slot(page, place, Slot(kinds=(Layer.kind,)))
        yield Completion("output", KEYWORD, "output NAME = …", "output ")
    elif place.body == SECTION:
        yield from _settings(page, place, place.section)
    elif place.body != FORMULAS:
        yield from _settings(page, place, "train")
        yield from _lets(page)


def _settings(page: Page, place: Place, section: str) -> Iterator[Completion]:
    """Yield the settings of a section, and what else a line of it begins with."""
    word = registry.find(Section.kind, section)
    fields = slots(word) if word is not None else {}
    if word is not None:
        yield from (
            Completion(name, ARGUMENT, word.model_fields[name].description or "", f"{name} = $0")
            for name in fields
            if name not in place.given
        )
    if fields and section != "train":
        yield from _lets(page)
    if section == "compare":
        yield Completion("variant", KEYWORD, "variant NAME { … }", "variant ")
    if section == "record":
        yield from _words((Instrument.kind,))
    if section == "expect":
        measured = (*STATIC, *metric_names())
        yield from (Completion(name, CHOICE, "what can be measured") for name in measured)


def _names_of_arguments(place: Place) -> Iterator[Completion]:
    word = place.call
    if isinstance(word, ast.Declaration):
        for one in word.arguments or ():
            name = one.span.text.partition("=")[0].strip()
            yield Completion(name, ARGUMENT, one.span.text, f"{name}=$0")
    elif word is not None:
        by_position = word.by_position()[: place.position]
        for name, takes, says in arguments(word):
            if name not in (*place.given, *by_position) and name != word.variadic:
                detail = f"{takes}. {says}" if says else takes
                yield Completion(name, ARGUMENT, detail, f"{name}=$0")


def _for_slot(page: Page, place: Place, slot: Slot) -> Iterator[Completion]:
    """Yield what a value may be."""
    yield from (Completion(choice, CHOICE) for choice in slot.choices)
    yield from (Completion(text, CHOICE) for text in ("true", "false") if slot.boolean)
    yield from _parameters(page, place)
    lets = list(_lets(page))
    yield from lets if slot.number and not slot.functions else ()
    yield from _of_the_page(page, slot.kinds)
    yield from _words(slot.kinds)
    yield from lets
    if slot.functions:
        yield from (Completion(n, FUNCTION, one.says, f"{n}($0)") for n, one in FUNCTIONS.items())


def _words(kinds: Iterable[str]) -> Iterator[Completion]:
    for kind in kinds:
        for name in registry.names(kind):
            word = registry.find(kind, name)
            if kind != Section.kind and word is not None:
                yield Completion(name, WORD, describe_kind(kind), _call(name, word), kind)


def _call(name: str, word: type[Builtin]) -> str:
    """Return what is put for a word: with parentheses where it needs an argument."""
    if issubclass(word, Structure):
        asks = any(field.is_required() for field in word.model_fields.values())
        return f"{name}{'($1)' * asks} {{\n  $0\n}}"
    needs = word.variadic or any(field.is_required() for field in word.model_fields.values())
    return f"{name}($0)" if needs else name


def _of_the_page(page: Page, kinds: Iterable[str]) -> Iterator[Completion]:
    """Yield the blocks and the words that the page and its imports define."""
    for one in page.checked.tree.statements if page.checked.tree else ():
        if isinstance(one, ast.Declaration) and one.body is not None:
            kind = OWN_KINDS.get(one.word.text, Layer.kind)
            if kind in kinds:
                role = OWN if one.word.text in OWN_KINDS else BLOCK
                inserts = f"{one.name.text}($0)" if one.arguments else one.name.text
                yield Completion(one.name.text, role, f"{one.word.text} of the page", inserts)


def _lets(page: Page) -> Iterator[Completion]:
    for one in page.checked.tree.statements if page.checked.tree else ():
        if isinstance(one, ast.Declaration) and one.word.text == LET and one.value is not None:
            yield Completion(one.name.text, LET, f"let {one.name.text} = {one.value.span.text}")


def _parameters(page: Page, place: Place) -> Iterator[Completion]:
    """Yield the parameters of the block, or of the word, in whose body a place is."""
    for one in page.statements:
        if isinstance(one, ast.Declaration) and one.body and one.name.text in place.blocks:
            for argument in one.arguments or ():
                name = argument.span.text.partition("=")[0].strip()
                yield Completion(name, PARAMETER, argument.span.text)


def _values(page: Page, offset: int) -> Iterator[Completion]:
    """Yield the values of the network, or of a block, that lines above have named."""
    for one in page.statements:
        if one.span.start <= offset <= one.span.end:
            for node in ast.walk(one):
                if isinstance(node, ast.Setting | ast.Declaration) and node is not one:
                    names = node.names if isinstance(node, ast.Setting) else (node.name,)
                    for name in names:
                        if name.span.end < offset:
                            yield Completion(
                                name.text, VALUE, page.source.line(name.span.line).strip()
                            )


# --- In quotes --------------------------------------------------------------------------------


def _in_text(page: Page, place: Place) -> Iterator[Completion]:
    """Yield files for a path, and columns of the file of a table."""
    assert place.literal is not None
    before = [one.text for one in place.before]
    if before == [IMPORT] and place.opener == "":
        yield from _files(page, place, only=PAGES)
        return
    word = place.call
    if not isinstance(word, type) or not issubclass(word, Data):
        return
    first, *_ = word.model_fields
    if place.argument in ("", first) and place.position == 0:
        yield from _files(page, place)
    elif place.argument:
        yield from (Completion(name, CHOICE, "a column") for name in _columns(page))


def _files(page: Page, place: Place, only: str = "") -> Iterator[Completion]:
    assert place.literal is not None
    written = place.literal.text[1:].removesuffix('"')
    folder = page.source.folder / written.rpartition("/")[0]
    if page.source.path is None:
        return
    with suppress(OSError, ValueError):
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        for path in paths[:MAX_FILES]:
            if path.is_dir():
                yield Completion(f"{path.name}/", FILE, "a folder")
            elif path.name.endswith(only) if only else not path.name.endswith((PAGES, ".py")):
                yield Completion(path.name, FILE, "a file")


def _columns(page: Page) -> list[str]:
    """Return the columns of the table that the page reads; none where there is no such file."""
    from nndsl.data.table import open_rows, read_header

    setting = next((one for one in page.statements if one.name.text == Data.kind), None)
    texts = re.findall(r'"((?:[^"\\\n])+)"', setting.span.text) if setting else []
    found: list[str] = []
    for text in texts[:1]:
        for delimiter in DELIMITERS:
            path = page.source.folder / text
            with (
                suppress(DataError, OSError, ValueError),
                open_rows(path, text, delimiter, "") as rows,
            ):
                found = max(found, list(read_header(rows, text, "")), key=len)
    return found
