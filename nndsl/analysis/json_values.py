"""Values, calls and layers: from JSON to the tree, and from the tree to JSON."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from nndsl.analysis.arguments import name_arguments
from nndsl.analysis.scope import AnalysisError, Budget, Scope
from nndsl.analysis.slots import Slot, slots
from nndsl.analysis.suggest import did_you_mean
from nndsl.diagnostics import Diagnostics
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.syntax.formula import parse_formula
from nndsl.syntax.json_reader import JsonArray, JsonNull, JsonObject, JsonValue
from nndsl.syntax.lexeme import MAX_DEPTH, NAME
from nndsl.syntax.value_printer import print_value
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.instrument import Instrument
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.range import Range
from nndsl.vocabulary.section import Section

DATA = Slot(kinds=(Data.kind,))
RANGE = Slot(kinds=(Range.kind,))
INSTRUMENT = Slot(kinds=(Instrument.kind,))
LAYER = Slot(kinds=(Layer.kind,))
RESERVED = ("kind", "layers")  # members of a call that are no arguments

Parameters = Mapping[str, bool]  # of a block or a word of the page: may it be left out?

Json = dict[str, Any]
Member = tuple[ast.String, JsonValue]
Members = dict[str, Member]
SlotOf = Callable[[str], Slot | None]
Arguments = tuple[ast.Argument, ...]
T = TypeVar("T")
R = TypeVar("R")


class Form:
    """Reads and writes values. A `read_` reports wrong JSON and raises AnalysisError.

    `names` are the `lets`, and inside of a block its parameters; `own` are the parameters of words
    of the page by kind and name, where blocks are among the layers;
    `varied` is the section whose settings a variant changes.
    """

    def __init__(
        self,
        diagnostics: Diagnostics,
        lets: frozenset[str],
        own: Mapping[str, Mapping[str, Parameters]],
        varied: str,
    ) -> None:
        self.failed = False
        self.values: frozenset[str] = frozenset()  # names that lines of networks and blocks give
        self.diagnostics = diagnostics
        self.lets = self.names = lets
        self.varied = varied
        self.own = own
        self._depth = 0

    # --- Values -------------------------------------------------------------------------

    def read_value(self, json: JsonValue, slot: Slot | None) -> ast.Value:
        match json:
            case ast.Number() | ast.Boolean():
                return json
            case ast.String(text) if text.startswith("="):
                value = parse_formula(json, self.diagnostics)
                if value is None:
                    raise self.failure()
                return value
            case ast.String(text):
                name = None if is_text(text, slot) else self.name(json)
                return ast.Reference(name, None, json.span) if name else json
            case JsonNull():
                help = "leave out what is not said"
                raise self.reject("NN112", "null stands for nothing here", json.span, help)
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                wrong = f"more than {MAX_DEPTH} values stand in each other here"
                raise self.reject("NN107", wrong, json.span)
            if isinstance(json, JsonArray):
                items = self.each(json.items, lambda item: (self.read_value(item, slot),))
                return ast.Sequence(items, is_list=True, span=json.span)
            return self._read_reference(json, slot)
        finally:
            self._depth -= 1

    def write_value(self, value: ast.Value, slot: Slot | None) -> Any:
        value = _ungrouped(value)
        slot = None if slot is not None and slot.unevaluated else slot
        match value:
            case ast.Number() | ast.Boolean():
                return value.value
            case ast.Unary("-", ast.Number(number)):
                return -number
            case ast.String(text) if not text.startswith("=") and is_text(text, slot):
                return text
            case ast.Sequence():
                return [self.write_value(item, slot) for item in value.items]
            case ast.Reference(ast.Name(name), arguments) if arguments is not None or (
                name not in self.names
            ):
                if arguments is None and slot and (name in slot.choices or slot.name):
                    return name
                is_word = registry.kinds_of(name) if slot is None else find_word(name, slot)
                if is_word or self._own_word(name, slot) is not None:
                    written = self._write_reference(name, arguments, slot)
                    if written is not None:
                        return written
        return f"={print_value(value)}"

    # --- Layers and other calls that are statements ---------------------------------------

    def read_line(self, json: JsonValue) -> ast.Statement:
        """Return a line of a network: a layer, or a value that gets a name."""
        members = {key.value for key, _ in json.members} if isinstance(json, JsonObject) else set()
        if "name" not in members or "kind" in members:
            return self.read_call(json, LAYER)
        found = self.members(json, "a value with a name", ("name", "declare", "value"))
        given = self.required_member(found, "name", json)
        several = given.items if isinstance(given, JsonArray) and given.items else (given,)
        name, *others = (self.name(self.string(one, "a name")) for one in several)
        word = found.get("declare")
        value, body = self._read_line_value(found["value"][1]) if "value" in found else (None, None)
        if word is None:
            self.required_member(found, "value", json)
            assert value is not None
            return ast.Setting(name, value, json.span, body, tuple(others))
        declared = self.name(self.string(word[1], "the word that declares it"))
        if isinstance(value, ast.Reference) and value.name.text == declared.text:
            return ast.Declaration(declared, name, None, value.arguments, None, json.span)
        return ast.Declaration(declared, name, value, None, body, json.span)

    def _read_line_value(self, json: JsonValue) -> tuple[ast.Value, ast.Body | None]:
        """Return what has a name: a value, or a call with layers in it."""
        if not isinstance(json, JsonObject):
            return self.read_value(json, LAYER), None
        call = self.read_call(json, LAYER)
        return ast.Reference(call.name, call.arguments, call.span), call.body

    def write_line(self, statement: ast.Statement) -> Any:
        """Return a line of a network, as `read_line` takes it."""
        match statement:
            case ast.Setting(name, value, _, body, others):
                named = [one.text for one in statement.names] if others else name.text
                return {"name": named, "value": self._write_line_value(value, body)}
            case ast.Declaration(word, name, value, arguments, body, span) if value or not body:
                written = {"declare": word.text, "name": name.text}
                if value is None and arguments:
                    value = ast.Reference(word, arguments, span)
                return written | ({"value": self._write_line_value(value, body)} if value else {})
            case _:
                return self.write_call(statement, LAYER)

    def _write_line_value(self, value: ast.Value, body: ast.Body | None) -> Any:
        if isinstance(value, ast.Reference):
            call = ast.Call(value.name, value.arguments, body, value.span)
            return self.write_call(call, LAYER)
        return f"={print_value(value)}"

    def _takes_values(self, arguments: Arguments | None) -> bool:
        """Does a call take values of the network, which have no names there?"""
        return any(
            isinstance(argument.value, ast.Reference) and argument.value.name.text in self.values
            for argument in arguments or ()
        )

    def read_call(self, json: JsonValue, slot: Slot) -> ast.Call:
        body = None
        if isinstance(json, JsonObject):
            inside = {key.value: value for key, value in json.members}.get("layers")
            if inside is not None and slot is LAYER:
                items = self.items(inside, "layers")
                layers = self.each(items, lambda item: (self.read_line(item),))
                body = ast.Body(layers, inside.span)
                members = tuple(m for m in json.members if m[0].value != "layers")
                json = JsonObject(members, json.span)
                match members:
                    case ((_, ast.String(text) as call),) if text.startswith("="):
                        json = call  # it takes values: "=residual(a)"
        value = self.read_value(json, slot)
        if not isinstance(value, ast.Reference):
            raise self.reject("NN112", f"expected {slot.wanted}, an object with `kind`", json.span)
        return ast.Call(value.name, value.arguments, body, json.span)

    def write_call(self, statement: ast.Statement, slot: Slot) -> Any:
        if not isinstance(statement, ast.Call):
            self.report_misplaced(statement)
            return None
        name, arguments = statement.name, statement.arguments
        takes = self._takes_values(arguments)
        written = None if takes else self._write_reference(name.text, arguments, slot)
        whole = f"={print_value(ast.Reference(name, arguments, statement.span))}"
        if statement.body is None:
            return written or whole
        layers = [self.write_line(layer) for layer in statement.body.statements]
        return (written or {"kind": whole}) | {"layers": layers}

    # --- Their arguments ------------------------------------------------------------------

    def _read_reference(self, json: JsonObject, slot: Slot | None) -> ast.Reference:
        members = self.members(json, "a call")
        kind = self.string(self.required_member(members, "kind", json), "the name of a word")
        del members["kind"]
        name = self.name(kind)
        if not members:
            hidden = name.text in self.names  # then only a call means the word
            return ast.Reference(name, () if hidden else None, json.span)
        word = find_word(name.text, slot)
        known: Mapping[str, Slot] = {}
        arguments: list[ast.Argument] = []
        own = self._own_word(name.text, slot)
        if own is None and word is not None:
            known = slots(word)
            many = word.variadic
            if many in members and isinstance(several := members[many][1], JsonArray):
                del members[many]
                inner = known[many]
                values = self.each(several.items, lambda item: (self.read_value(item, inner),))
                arguments = [ast.Argument(None, value, value.span) for value in values]
        for field in _leading(own, word):
            if field not in members:
                break
            argument = self._read_argument(members.pop(field), known.get)
            arguments.append(ast.Argument(None, argument.value, argument.span))
        return ast.Reference(
            name, (*arguments, *self.read_arguments(members, known.get)), json.span
        )

    def _write_reference(self, name: str, arguments: Arguments | None, slot: Slot | None) -> Any:
        """Return a call as an object, or None where its arguments cannot all go by name."""
        if not arguments:
            return {"kind": name}
        word = find_word(name, slot)
        known: Mapping[str, Slot] = {}
        several = None
        named: Mapping[str, list[ast.Argument]] | None
        if (own := self._own_word(name, slot)) is not None:
            named = _name_own_arguments(own, arguments)
        elif word is not None:
            known, several, aside = slots(word), word.variadic, Diagnostics()
            scope = Scope(aside, {}, {}, Budget(0))
            named, _ = name_arguments(word, arguments, scope)
            named = None if aside.diagnostics else named
        else:
            return None
        if named is None:
            return None
        leading = [name for name in (several, *_leading(own, word)) if name and name in named]
        return {"kind": name} | {
            field: self._write_several(parts, known.get(field))
            if field == several
            else self.write_value(parts[0].value, known.get(field))
            for field, parts in ({field: named[field] for field in leading} | {**named}).items()
        }

    def _own_word(self, name: str, slot: Slot | None) -> Parameters | None:
        """Return the parameters of a word of the page, or None where a name means none here."""
        own = (self.own.get(kind, {}) for kind in (slot.kinds if slot else ()))
        return next((words[name] for words in own if name in words), None)

    def _write_several(self, parts: list[ast.Argument], slot: Slot | None) -> Any:
        values = [part.value for part in parts]
        first = _ungrouped(values[0])
        keeps_tuples = slot is not None and slot.unevaluated and parts[0].name is None
        if len(values) == 1 and isinstance(first, ast.Sequence) and not keeps_tuples:
            values = list(first.items)
        elif parts[0].name is not None:
            return self.write_value(values[0], slot)
        return [self.write_value(value, slot) for value in values]

    def read_arguments(self, members: Members, slot: SlotOf) -> Arguments:
        return self.each(members.values(), lambda member: (self._read_argument(member, slot),))

    def _read_argument(self, member: Member, slot: SlotOf) -> ast.Argument:
        key, json = member
        value = self.read_value(json, slot(key.value))
        return ast.Argument(self.name(key), value, key.span.to(json.span))

    def write_arguments(self, call: ast.Call, slot: SlotOf) -> Json:
        """Write arguments that all have names; a section takes none by position."""
        written: Json = {}
        for argument in call.arguments or ():
            if argument.name is None or (argument.name.text in ("variants", "ranges")):
                wrong = f"`{call.name.text}` takes no such argument"
                self.diagnostics.report("NN205", wrong, argument.span)
            else:
                value = self.write_value(argument.value, slot(argument.name.text))
                self.add_member(written, argument.name, value)
        return written

    # --- The forms of JSON --------------------------------------------------------------

    def each(self, items: Iterable[T], build: Callable[[T], tuple[R, ...]]) -> tuple[R, ...]:
        """Build all items, those that are right; what is wrong is reported by then."""
        built: list[R] = []
        for item in items:
            try:
                built += build(item)
            except AnalysisError:
                self.failed = True
        return tuple(built)

    def members(self, json: JsonValue, what: str, known: tuple[str, ...] | None = None) -> Members:
        if not isinstance(json, JsonObject):
            raise self.reject("NN112", f"expected an object for {what}", json.span)
        for key, _ in json.members:
            if known is not None and key.value not in known:
                help = did_you_mean(key.value, known)
                raise self.reject("NN202", f"{what} has no {quoted(key)}", key.span, help)
        return {key.value: (key, value) for key, value in json.members}

    def items(self, json: JsonValue, what: str) -> tuple[JsonValue, ...]:
        if not isinstance(json, JsonArray):
            raise self.reject("NN112", f"expected an array for {what}", json.span)
        return json.items

    def required_member(self, members: Members, name: str, json: JsonValue) -> JsonValue:
        if name not in members:
            raise self.reject("NN112", f"this object needs `{name}`", json.span)
        return members[name][1]

    def string(self, json: JsonValue, what: str) -> ast.String:
        if not isinstance(json, ast.String):
            raise self.reject("NN112", f"expected {what}, a string", json.span)
        return json

    def name(self, string: ast.String) -> ast.Name:
        if not re.fullmatch(NAME, string.value):
            help = "names are made of the letters A-Z and a-z, digits and `_`"
            raise self.reject("NN112", f"{quoted(string)} is not a name", string.span, help)
        return name_at(string, string.value)

    def add_member(self, written: Json, name: ast.Name, value: Any) -> None:
        if name.text in written:
            self.diagnostics.report("NN203", f"`{name.text}` is given twice", name.span)
        else:
            written[name.text] = value

    def reject(self, code: str, message: str, span: Span, help: str | None = None) -> AnalysisError:
        self.diagnostics.report(code, message, span, help=help)
        return self.failure()

    def failure(self) -> AnalysisError:
        self.failed = True
        return AnalysisError()

    def report_misplaced(self, statement: ast.Statement) -> None:
        self.diagnostics.report(
            "NN224", "this has no JSON form: it is out of place", statement.span
        )


def name_at(string: ast.String, text: str) -> ast.Name:
    """Return a name that stands where a string does: between its quotes."""
    span = string.span
    return ast.Name(text, Span(span.source, span.start + 1, span.end - 1))


def quoted(string: ast.String) -> str:
    text = string.value
    return f"`{text if len(text) <= 30 else text[:29] + '…'}`"


def _ungrouped(value: ast.Value) -> ast.Value:
    while isinstance(value, ast.Group):
        value = value.inner
    return value


def _leading(own: Parameters | None, word: type[Builtin] | None) -> list[str]:
    """Return the arguments of a word that stand first, by position, in a page."""
    if own is not None:
        return [name for name, optional in own.items() if not optional]
    if word is None or word.variadic:
        return []
    return [name for name in word.by_position() if word.model_fields[name].is_required()]


def _name_own_arguments(
    parameters: Parameters, arguments: Arguments
) -> dict[str, list[ast.Argument]] | None:
    named: dict[str, list[ast.Argument]] = {}
    for argument in arguments:
        waiting = [parameter for parameter in parameters if parameter not in named]
        name = argument.name.text if argument.name else next(iter(waiting), None)
        if name not in waiting or name in RESERVED:
            return None
        named[name] = [argument]
    return named


# --- What strings and names mean, and where ---------------------------------------------------


def is_text(string: str, slot: Slot | None) -> bool:
    """Does a string that does not begin with `=` stand for a text here, or for a name?"""
    if slot is None or slot.unevaluated or not re.fullmatch(NAME, string):
        return True
    return slot.text and string not in slot.choices and find_word(string, slot) is None


def find_word(name: str, slot: Slot | None) -> type[Builtin] | None:
    """Return the word that a name means here, or None; without a slot it must have one meaning."""
    if slot is not None and not slot.unevaluated:
        kinds = slot.kinds
    elif len(kinds := registry.kinds_of(name)) != 1:
        return None
    words = (registry.find(kind, name) for kind in kinds)
    return next((word for word in words if word is not None), None)


def section_slots(name: str) -> dict[str, Slot]:
    """Return the slots of a section's settings."""
    return slots(registry.get(Section, name))


def declared(tree: ast.Tree, word: str) -> dict[str, ast.Declaration]:
    """Return the declarations of a word by their names."""
    found = (s for s in tree.statements if isinstance(s, ast.Declaration) and s.word.text == word)
    return {declaration.name.text: declaration for declaration in found}


def parameters(block: ast.Declaration) -> dict[str, bool]:
    found = {}
    for argument in block.arguments or ():
        if argument.name is not None:
            found[argument.name.text] = True
        elif isinstance(argument.value, ast.Reference):
            found[argument.value.name.text] = False
    return found
