"""From JSON to values, calls and layers of the tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from nndsl.analysis.json_rules import (
    LAYER,
    NAME,
    Parameters,
    find_word,
    is_text,
)
from nndsl.analysis.scope import Unusable
from nndsl.analysis.slots import Slot, slots
from nndsl.analysis.suggest import did_you_mean
from nndsl.diagnostics import Findings
from nndsl.source import Span
from nndsl.syntax.formula import parse_formula
from nndsl.syntax.json_reader import JsonArray, JsonNull, JsonObject, JsonValue
from nndsl.syntax.lexeme import MAX_DEPTH
from nndsl.syntax.tree import (
    Argument,
    Body,
    Boolean,
    Call,
    Name,
    Number,
    Reference,
    Sequence,
    String,
    Value,
)

Members = dict[str, tuple[String, JsonValue]]
SlotOf = Callable[[str], Slot | None]
T = TypeVar("T")
R = TypeVar("R")


class ValueBuilder:
    """Builds calls and values. Each method raises Unusable where its JSON is wrong, and reports it.

    `names` are the `let`s, and inside of a block its parameters; `blocks` the parameters of each.
    """

    def __init__(self, findings: Findings) -> None:
        self.failed = False
        self.findings = findings
        self.names: frozenset[str] = frozenset()
        self.blocks: dict[str, Parameters] = {}
        self._depth = 0

    # --- Calls and values ---------------------------------------------------------------

    def layers(self, json: JsonValue) -> Body:
        items = self.items(json, "layers")
        return Body(self.each(items, lambda item: (self.call(item, LAYER),)), json.span)

    def call(self, json: JsonValue, slot: Slot) -> Call:
        body = None
        if isinstance(json, JsonObject):
            inside = {key.value: value for key, value in json.members}.get("layers")
            if inside is not None and slot is LAYER:
                body = self.layers(inside)
                members = tuple(m for m in json.members if m[0].value != "layers")
                json = JsonObject(members, json.span)
        value = self.value(json, slot)
        if not isinstance(value, Reference):
            raise self.reject("NN112", f"expected {slot.wanted}, an object with `kind`", json.span)
        return Call(value.name, value.arguments, body, json.span)

    def value(self, json: JsonValue, slot: Slot | None) -> Value:
        match json:
            case Number() | Boolean():
                return json
            case String(text) if text.startswith("="):
                value = parse_formula(json, self.findings)
                if value is None:
                    self.failed = True
                    raise Unusable
                return value
            case String(text):
                return json if is_text(text, slot) else Reference(self.name(json), None, json.span)
            case JsonNull():
                help = "leave out what is not said"
                raise self.reject("NN112", "null stands for nothing here", json.span, help)
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                wrong = f"more than {MAX_DEPTH} values stand in each other here"
                raise self.reject("NN107", wrong, json.span)
            if isinstance(json, JsonArray):
                items = self.each(json.items, lambda item: (self.value(item, slot),))
                return Sequence(items, is_list=True, span=json.span)
            return self._reference(json, slot)
        finally:
            self._depth -= 1

    def _reference(self, json: JsonObject, slot: Slot | None) -> Reference:
        members = self.members(json, "a call")
        kind = self.string(self.needed(members, "kind", json), "the name of a word")
        del members["kind"]
        name = self.name(kind)
        if not members:
            hidden = name.text in self.names  # then only a call means the word
            return Reference(name, () if hidden else None, json.span)
        word = find_word(name.text, slot)
        if slot is LAYER and name.text in self.blocks:
            parameters = self.blocks[name.text]
            leading = [parameter for parameter, optional in parameters.items() if not optional]
            return Reference(name, self._by_place(members, leading, {}), json.span)
        if word is None:
            return Reference(name, self.arguments(members, lambda _: None), json.span)
        known = slots(word)
        if word.variadic in members and isinstance(members[word.variadic][1], JsonArray):
            _, array = members.pop(word.variadic)
            assert isinstance(array, JsonArray)
            inner = known[word.variadic]
            values = self.each(array.items, lambda item: (self.value(item, inner),))
            listed = tuple(Argument(None, value, value.span) for value in values)
            return Reference(name, listed + self.arguments(members, known.get), json.span)
        fields = list(word.model_fields.items())[: 0 if word.variadic else word.positional]
        leading = [name for name, field in fields if field.is_required()]
        return Reference(name, self._by_place(members, leading, known), json.span)

    def _by_place(
        self, members: Members, leading: list[str], known: Mapping[str, Slot]
    ) -> tuple[Argument, ...]:
        """Return arguments, those that may come by position first and without their names."""
        arguments = []
        for name in leading:
            if name not in members:
                break
            argument = self.argument(members.pop(name), known.get)
            arguments.append(Argument(None, argument.value, argument.span))
        return (*arguments, *self.arguments(members, known.get))

    def arguments(self, members: Members, slot: SlotOf) -> tuple[Argument, ...]:
        return self.each(members.values(), lambda member: (self.argument(member, slot),))

    def argument(self, member: tuple[String, JsonValue], slot: SlotOf) -> Argument:
        key, json = member
        value = self.value(json, slot(key.value))
        return Argument(self.name(key), value, key.span.to(json.span))

    # --- The forms of JSON --------------------------------------------------------------

    def each(self, items: Iterable[T], build: Callable[[T], tuple[R, ...]]) -> tuple[R, ...]:
        """Build all items, those that are right; what is wrong is reported by then."""
        built: list[R] = []
        for item in items:
            try:
                built += build(item)
            except Unusable:
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

    def needed(self, members: Members, name: str, json: JsonValue) -> JsonValue:
        if name not in members:
            raise self.reject("NN112", f"this object needs `{name}`", json.span)
        return members[name][1]

    def string(self, json: JsonValue, what: str) -> String:
        if not isinstance(json, String):
            raise self.reject("NN112", f"expected {what}, a string", json.span)
        return json

    def name(self, string: String) -> Name:
        if not NAME.fullmatch(string.value):
            help = "names are made of the letters A-Z and a-z, digits and `_`"
            raise self.reject("NN112", f"{quoted(string)} is not a name", string.span, help)
        return name_at(string, string.value)

    def reject(self, code: str, message: str, span: Span, help: str | None = None) -> Unusable:
        self.failed = True
        self.findings.error(code, message, span, help=help)
        return Unusable()


def name_at(string: String, text: str) -> Name:
    """Return a name that stands where a string does: between its quotes."""
    span = string.span
    return Name(text, Span(span.source, span.start + 1, span.end - 1))


def quoted(string: String) -> str:
    text = string.value
    return f"`{text if len(text) <= 30 else text[:29] + '…'}`"
