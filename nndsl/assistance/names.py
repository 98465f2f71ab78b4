"""Every name of a page: what it is there, and where it was defined."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path

from nndsl.analysis.expected import ANYTHING, FORMULA, LAYER, OTHER, SECTION, TOP, expected_at
from nndsl.analysis.named_values import OUTPUT, has_form_of_formula
from nndsl.analysis.slots import Slot, slots
from nndsl.analysis.toplevel import HOLD_LAYERS, IMPORT, OWN_KINDS, SECTIONS
from nndsl.assistance.page import Page
from nndsl.assistance.place import Word
from nndsl.record import record
from nndsl.source import Source, SourceError, Span, read_source
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.formula_functions import EVERY
from nndsl.vocabulary.instrument import Instrument
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.section import Section

# What a name is.
KEYWORD, WORD, ARGUMENT, CHOICE, FUNCTION = "keyword", "word", "argument", "choice", "function"
LET, BLOCK, OWN, PARAMETER, VALUE, FILE = "let", "block", "own word", "parameter", "value", "file"
MAX_FILES = 200  # in which the names of one that they may import are looked for
MAX_ABOVE = 2  # folders above its own: a page imports from its own folder and below
_RENAMED = (LET, BLOCK, OWN, PARAMETER, VALUE)


@record
class Mention:
    """A name where it stands. `definition` is the name where the page, or a file, defines it.

    `word` is the builtin that it names, or the one whose argument it names.
    """

    span: Span
    role: str
    definition: Span | None = None
    word: type[Builtin] | None = None

    @property
    def is_definition(self) -> bool:
        return self.definition == self.span


Scope = Mapping[str, tuple[str, Span]]  # what names stand for: their roles and definitions


def mentions(page: Page) -> list[Mention]:
    """Return the names of a page in the order of the text."""
    tree = page.checked.tree
    if tree is None:
        return []
    found = [one for one in _Names(tree).mentions() if one.span.source is page.source]
    return sorted(dict.fromkeys(found), key=lambda one: one.span.start)


def mention_at(page: Page, offset: int) -> Mention | None:
    """Return the name at an offset, or right before it."""
    found = [one for one in mentions(page) if one.span.start <= offset <= one.span.end]
    return found[-1] if found else None


def references(page: Page, offset: int) -> list[Mention]:
    """Return all places of a page that name what stands at an offset, its definition included."""
    here = mention_at(page, offset)
    if here is None:
        return []
    if here.definition is not None:
        return [one for one in mentions(page) if one.definition == here.definition]
    same = (here.role, here.word, here.span.text)
    return [one for one in mentions(page) if (one.role, one.word, one.span.text) == same]


def importing(page: Page, texts: Mapping[Path, str]) -> list[Page]:
    """Return the pages beside a file, and above, that import it; some may be open, as `texts`."""
    own = page.source.path
    if own is None:
        return []
    found = []
    folders = [own.resolve().parent, *list(own.resolve().parent.parents)[:MAX_ABOVE]]
    paths = (path for folder in folders for path in sorted(folder.glob("*.nn")))
    for path in islice(paths, MAX_FILES):
        with suppress(SourceError, OSError):
            text = texts.get(path.resolve()) or read_source(path).text
            if path.resolve() != own.resolve() and own.name in text:
                other = Page(Source(str(path), text, path, page.source.words))
                tree = other.checked.tree
                every = [
                    one for imported in (tree.imports if tree else ()) for one in imported.sources
                ]
                if any(one.path and one.path.resolve() == own.resolve() for one in every):
                    found.append(other)
    return found


def references_elsewhere(others: Sequence[Page], definition: Span) -> list[Mention]:
    """Return the places of other pages that name what a file defines that they import."""
    return [
        one
        for page in others
        for one in mentions(page)
        if one.definition is not None
        and one.definition.start == definition.start
        and one.definition.source.text == definition.source.text
    ]


def why_not_renamed(page: Page, mention: Mention | None) -> str:
    """Return why a name cannot be changed; nothing where it can."""
    if mention is None or mention.role not in _RENAMED or mention.definition is None:
        return "only names that the page gives can be renamed"
    if mention.definition.source is not page.source:
        return f"{mention.definition.source.name} defines it: rename it there"
    tree = page.checked.tree
    if tree is None or not tree.complete:
        return "the page has syntax errors, in which the name may stand, too"
    return ""


class _Names:
    """Goes through a tree by what may stand where."""

    def __init__(self, tree: ast.Tree) -> None:
        self.tree = tree
        self.lets: dict[str, tuple[str, Span]] = {}
        self.definitions: dict[str, tuple[str, ast.Declaration]] = {}
        self.outputs: dict[str, Span] = {}
        for one in tree.statements:
            if isinstance(one, ast.Call) and one.name.text in HOLD_LAYERS:
                declared = [o for o in one.statements if isinstance(o, ast.Declaration)]
                self.outputs = {o.name.text: o.name.span for o in declared if o.word.text == OUTPUT}
            elif isinstance(one, ast.Declaration) and one.word.text == "let":
                self.lets.setdefault(one.name.text, (LET, one.name.span))
            elif isinstance(one, ast.Declaration) and one.body is not None:
                role = OWN if one.word.text in OWN_KINDS else BLOCK
                self.definitions.setdefault(one.name.text, (role, one))

    def mentions(self) -> Iterator[Mention]:
        for one in self.tree.statements:
            yield from self.at_top(one)

    def at_top(self, one: ast.Statement) -> Iterator[Mention]:
        match one:
            case ast.Declaration(word, name, value, arguments, body):
                yield Mention(word.span, KEYWORD)
                if word.text == "let":
                    yield Mention(name.span, LET, name.span)
                if value is not None:
                    yield from self.value(value, ANYTHING, {})
                if body is None:
                    return
                role = OWN if word.text in OWN_KINDS else BLOCK
                yield Mention(name.span, role, name.span)
                parameters = dict(_parameters(one))
                for argument in arguments or ():
                    yield from self.parameter(argument, parameters)
                walk = self.network if word.text in HOLD_LAYERS else self.formulas
                yield from walk(body, parameters)
            case ast.Setting(name, value):
                yield Mention(name.span, KEYWORD)
                yield from self.value(value, expected_at(TOP, "", name.text), {})
            case ast.Call(name, arguments, body) if name.text in (*SECTIONS, IMPORT):
                section = registry.find(Section.kind, name.text)
                yield Mention(name.span, KEYWORD, word=section)
                yield from self.arguments(arguments, section, {})
                if body is not None and name.text in HOLD_LAYERS:
                    yield from self.network(body, {})
                elif body is not None:
                    yield from self.section(body, section, SECTION)

    def parameter(self, argument: ast.Argument, known: Scope) -> Iterator[Mention]:
        name = _parameter_name(argument)
        if name is not None:
            yield Mention(name.span, PARAMETER, known[name.text][1])
        if argument.name is not None:
            yield from self.value(argument.value, ANYTHING, {})

    # --- Bodies ---------------------------------------------------------------------------

    def network(self, body: ast.Body, outer: Scope) -> Iterator[Mention]:
        scope = dict(outer)
        for one in body.statements:
            match one:
                case ast.Setting(_, value, _, inside):
                    scope |= {name.text: (VALUE, name.span) for name in one.names}
                    yield from (Mention(name.span, VALUE, name.span) for name in one.names)
                    yield from self.value(value, self.in_network(value, scope), scope)
                case ast.Declaration(word, name, value, arguments, inside):
                    scope[name.text] = VALUE, name.span
                    layer = registry.find(Layer.kind, word.text)
                    yield Mention(word.span, WORD if layer else KEYWORD, word=layer)
                    yield Mention(name.span, VALUE, name.span)
                    yield from self.arguments(arguments, layer, scope)
                    if value is not None:
                        yield from self.value(value, self.in_network(value, scope), scope)
                case ast.Call(name, arguments, inside):
                    called = ast.Reference(name, arguments, name.span)
                    yield from self.value(called, self.in_network(called, scope), scope)
                case _:
                    continue
            if inside is not None:
                yield from self.network(inside, scope)

    def in_network(self, value: ast.Value, scope: Scope) -> Slot:
        """Return what a value of a network is by its form: a layer, or a formula of values."""
        values = {name for name, (role, _) in scope.items() if role == VALUE}
        layers = partial(registry.names, Layer.kind)
        is_formula = has_form_of_formula(value, values, self.definitions, layers)
        return FORMULA if is_formula else LAYER

    def formulas(self, body: ast.Body, outer: Scope) -> Iterator[Mention]:
        scope = dict(outer)
        for one in body.statements:
            match one:
                case ast.Setting(name, value):
                    yield from self.value(value, FORMULA, scope)
                    first = scope.setdefault(name.text, (VALUE, name.span))
                    yield Mention(name.span, *first)
                case ast.Call(name, _, ast.Body() as inside):
                    yield Mention(name.span, KEYWORD)
                    yield from self.formulas(inside, scope)

    def section(self, body: ast.Body, word: type[Builtin] | None, kind: str) -> Iterator[Mention]:
        """Yield the names of a section; what it varies are `let`s and settings of training."""
        varied = registry.find(Section.kind, "train")
        own, others = (one.model_fields if one else {} for one in (word, varied))
        section = word.keyword() if word else ""
        for one in body.statements:
            match one:
                case ast.Setting(name, value):
                    if name.text in own or (name.text in others and name.text not in self.lets):
                        of = word if name.text in own else varied
                        yield Mention(name.span, ARGUMENT, word=of)
                    elif name.text in self.lets:
                        yield Mention(name.span, *self.lets[name.text])
                    elif name.text == Data.kind:
                        yield Mention(name.span, KEYWORD)
                    yield from self.value(value, expected_at(kind, section, name.text), {})
                case ast.Declaration(first, name, value, _, inside):
                    is_field = first.text in own
                    yield Mention(first.span, ARGUMENT if is_field else KEYWORD, word=word)
                    if is_field and name.text in self.outputs:
                        yield Mention(name.span, VALUE, self.outputs[name.text])
                    if value is not None:
                        yield from self.value(value, expected_at(kind, section, first.text), {})
                    if inside is not None:
                        yield from self.section(inside, varied, OTHER)
                case ast.Call(name, arguments, _):
                    kinds = (Instrument.kind,)
                    called = ast.Reference(name, arguments, name.span)
                    yield from self.value(called, Slot(kinds=kinds), {})
                case ast.Comparison(_, _, value):
                    yield from self.value(value, Slot(number=True), {})

    # --- Values ---------------------------------------------------------------------------

    def value(self, value: ast.Value, slot: Slot, scope: Scope) -> Iterator[Mention]:
        match value:
            case ast.Reference(name, arguments):
                mention, word = self.named(name, slot, scope)
                if mention is not None:
                    yield mention
                is_function = mention is not None and mention.role == FUNCTION
                inside = slot if is_function and slot.functions else ANYTHING
                yield from self.arguments(arguments, word, scope, inside)
            case ast.Group(inner):
                yield from self.value(inner, slot, scope)
            case ast.Unary(_, operand):
                yield from self.value(operand, slot, scope)
            case ast.Operation(first, rest):
                for operand in (first, *(each for _, each in rest)):
                    yield from self.value(operand, slot, scope)
            case ast.Sequence(items):
                for item in items:
                    yield from self.value(item, slot, scope)

    def named(self, name: ast.Name, slot: Slot, scope: Scope) -> tuple[Mention | None, Word]:
        """Return what a name is, and the word whose arguments may follow it."""
        text, span = name.text, name.span
        if text in scope:
            return Mention(span, *scope[text]), None
        if text in self.definitions:
            role, defined = self.definitions[text]
            return Mention(span, role, defined.name.span), defined
        if text in self.lets:
            return Mention(span, *self.lets[text]), None
        if text in slot.choices:
            return Mention(span, CHOICE), None
        if slot.functions and text in EVERY:
            return Mention(span, FUNCTION), None
        for kind in (*slot.kinds, *registry.kinds_of(text)):
            if (word := registry.find(kind, text)) is not None:
                return Mention(span, WORD, word=word), word
        return (Mention(span, FUNCTION) if text in EVERY else None), None

    def arguments(
        self,
        arguments: Sequence[ast.Argument] | None,
        word: Word,
        scope: Scope,
        expected: Slot = ANYTHING,
    ) -> Iterator[Mention]:
        """Yield the names among arguments: their own, and those in their values."""
        parameters = dict(_parameters(word)) if isinstance(word, ast.Declaration) else {}
        builtin = word if isinstance(word, type) else None
        own = slots(builtin) if builtin else {}
        positional = iter(builtin.by_position() if builtin else ())
        for argument in arguments or ():
            name, slot = argument.name, expected
            if name is not None and name.text in parameters:
                yield Mention(name.span, *parameters[name.text])
            elif name is not None:
                yield Mention(name.span, ARGUMENT, word=builtin)
                slot = own.get(name.text, expected)
            elif builtin is not None:
                is_value = isinstance(argument.value, ast.Reference) and (
                    scope.get(argument.value.name.text, ("",))[0] == VALUE
                )
                field = builtin.variadic or (None if is_value else next(positional, None))
                slot = own[field] if field else ANYTHING
            yield from self.value(argument.value, slot, scope)


def _parameters(block: ast.Declaration) -> Iterator[tuple[str, tuple[str, Span]]]:
    for argument in block.arguments or ():
        name = _parameter_name(argument)
        if name is not None:
            yield name.text, (PARAMETER, name.span)


def _parameter_name(argument: ast.Argument) -> ast.Name | None:
    if argument.name is None and isinstance(argument.value, ast.Reference):
        return argument.value.name
    return argument.name


def defining_file(page: Page, offset: int) -> Source | None:
    """Return the file that the `import` at an offset brings in; None where there is none."""
    tree = page.checked.tree
    for one in tree.imports if tree else ():
        if one.span.start <= offset <= one.span.end and one.sources:
            return one.sources[0]
    return None
