"""From the JSON form to the tree. Every node knows its place in the JSON text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from nndsl.analysis.json_form import (
    DATA,
    INSTRUMENT,
    LAYER,
    NAME,
    RANGE,
    Parameters,
    find_word,
    is_text,
    section_slots,
    variant_slot,
)
from nndsl.analysis.scope import Unusable
from nndsl.analysis.slots import Slot, slots
from nndsl.analysis.suggest import did_you_mean
from nndsl.diagnostics import Findings
from nndsl.source import Source, Span
from nndsl.syntax.formula import parse_formula
from nndsl.syntax.json_reader import JsonArray, JsonNull, JsonObject, JsonValue
from nndsl.syntax.lexeme import MAX_DEPTH
from nndsl.syntax.tree import (
    Argument,
    Body,
    Boolean,
    Call,
    Comparison,
    Declaration,
    Name,
    Number,
    Reference,
    Sequence,
    Setting,
    Statement,
    String,
    Tree,
    Value,
)

OPERATORS = ("<=", ">=", "==", "!=", "<", ">")

Members = dict[str, tuple[String, JsonValue]]
Section = tuple[tuple[Argument, ...], tuple[Statement, ...]]
SlotOf = Callable[[str], Slot | None]
T = TypeVar("T")
R = TypeVar("R")


def json_to_tree(document: JsonValue, source: Source, findings: Findings) -> Tree | None:
    """Return the tree of a JSON form, or None where it is none; all that is wrong is reported."""
    builder = _Builder(findings)
    statements = builder.document(document)
    return None if builder.failed else Tree(source, statements)


class _Builder:
    def __init__(self, findings: Findings) -> None:
        self.failed = False
        self._findings = findings
        self._lets: frozenset[str] = frozenset()
        self._names: frozenset[str] = frozenset()  # the lets, and the parameters of the block
        self._blocks: dict[str, Parameters] = {}
        self._subject = "train"
        self._depth = 0

    def document(self, document: JsonValue) -> tuple[Statement, ...]:
        try:
            members = self._members(document, "a spec")
        except Unusable:
            return ()
        self._look_ahead(members)
        return self._each(members.values(), self._top)

    def _look_ahead(self, members: Members) -> None:
        """Learn the names that the spec defines, which tell what the rest means."""
        self._lets = self._names = frozenset(_keys(members, "let"))
        for name, block in _keys(members, "blocks").items():
            found = {}
            listed = block.members if isinstance(block, JsonObject) else ()
            for key, array in listed:
                if key.value == "parameters" and isinstance(array, JsonArray):
                    for item in array.items:
                        if isinstance(item, String):
                            found[item.value] = False
                        elif isinstance(item, JsonObject):
                            inner = {key.value: value for key, value in item.members}
                            if isinstance(named := inner.get("name"), String):
                                found[named.value] = True
            self._blocks[name] = found
        if "minimize" in members and "train" not in members:
            self._subject = "minimize"

    # --- The statements at the top ------------------------------------------------------

    def _top(self, member: tuple[String, JsonValue]) -> tuple[Statement, ...]:
        key, value = member
        span = key.span.to(value.span)
        match key.value:
            case "$schema":
                return ()
            case "model":
                name = self._name(self._string(value, "the name of the model"))
                return (Declaration(_at(key, "model"), name, None, None, None, span),)
            case "let":
                return self._each(self._members(value, "`let`").values(), self._let)
            case "blocks":
                return self._each(self._members(value, "`blocks`").values(), self._block)
            case "data":
                return (Setting(_at(key, "data"), self._value(value, DATA), span),)
            case name if name in _SECTIONS:
                arguments, statements = _SECTIONS[name](self, value)
                body = Body(statements, value.span)
                return (Call(_at(key, name), arguments or None, body, span),)
        help = did_you_mean(key.value, ["model", "let", "blocks", "data", *_SECTIONS])
        raise self._reject("NN220", f"unknown section {_quoted(key)}", key.span, help)

    def _let(self, member: tuple[String, JsonValue]) -> tuple[Statement, ...]:
        key, json = member
        value = self._value(json, None)
        span = key.span.to(json.span)
        return (Declaration(_at(key, "let"), self._name(key), value, None, None, span),)

    def _block(self, member: tuple[String, JsonValue]) -> tuple[Statement, ...]:
        key, json = member
        members = self._members(json, "a block", ("parameters", "layers"))
        listed = members.get("parameters", (key, JsonArray((), key.span)))[1]
        arguments = self._each(self._items(listed, "the parameters"), self._parameter)
        self._names = self._lets | self._blocks.get(key.value, {}).keys()
        layers = self._layers(self._needed(members, "layers", json))
        self._names = self._lets
        span = key.span.to(json.span)
        name = self._name(key)
        return (Declaration(_at(key, "block"), name, None, arguments or None, layers, span),)

    def _parameter(self, json: JsonValue) -> tuple[Argument, ...]:
        if isinstance(json, JsonObject):
            members = self._members(json, "a parameter", ("name", "default"))
            name = self._name(self._string(self._needed(members, "name", json), "a name"))
            default = self._value(self._needed(members, "default", json), None)
            return (Argument(name, default, json.span),)
        name = self._name(self._string(json, "a parameter, its name or name and default"))
        return (Argument(None, Reference(name, None, json.span), json.span),)

    # --- Sections: their arguments and the statements of their bodies -------------------

    def _network(self, json: JsonValue) -> Section:
        return (), self._layers(json).statements

    def _train(self, json: JsonValue) -> Section:
        slots = section_slots("train")
        return (), self._settings(json, "`train`", slots.get)

    def _compare(self, json: JsonValue) -> Section:
        members = self._members(json, "`compare`")
        listed = members.pop("variants", None)
        variants = self._members(listed[1], "`variants`") if listed else {}
        statements = self._each(variants.values(), self._variant)
        return self._arguments(members, section_slots("compare").get), statements

    def _variant(self, member: tuple[String, JsonValue]) -> tuple[Statement, ...]:
        key, json = member
        statements = self._settings(
            json, "a variant", lambda name: variant_slot(name, self._lets, self._subject)
        )
        body = Body(statements, json.span)
        span = key.span.to(json.span)
        return (Declaration(_at(key, "variant"), self._name(key), None, None, body, span),)

    def _search(self, json: JsonValue) -> Section:
        members = self._members(json, "`search`")
        listed = members.pop("ranges", None)
        ranges = self._settings(listed[1], "`ranges`", lambda _: RANGE) if listed else ()
        return self._arguments(members, section_slots("search").get), ranges

    def _record(self, json: JsonValue) -> Section:
        items = self._items(json, "`record`")
        return (), self._each(items, lambda item: (self._call(item, INSTRUMENT),))

    def _expect(self, json: JsonValue) -> Section:
        return (), self._each(self._items(json, "`expect`"), self._comparison)

    def _comparison(self, json: JsonValue) -> tuple[Statement, ...]:
        members = self._members(json, "a comparison", ("name", "operator", "value"))
        name = self._name(self._string(self._needed(members, "name", json), "a name"))
        operator = self._string(self._needed(members, "operator", json), "an operator")
        if operator.value not in OPERATORS:
            wrong = f"expected one of {' '.join(OPERATORS)}, found {_quoted(operator)}"
            raise self._reject("NN112", wrong, operator.span)
        value = self._value(self._needed(members, "value", json), None)
        return (Comparison(name, operator.value, value, json.span),)

    def _minimize(self, json: JsonValue) -> Section:
        slots = section_slots("minimize")
        return (), self._each(
            self._members(json, "`minimize`").values(),
            lambda member: (self._start(member) or self._setting(member, slots.get),),
        )

    def _start(self, member: tuple[String, JsonValue]) -> Call | None:
        key, json = member
        if key.value != "start":
            return None
        arguments = self._arguments(self._members(json, "`start`"), lambda _: None)
        return Call(_at(key, "start"), arguments, None, key.span.to(json.span))

    def _settings(self, json: JsonValue, what: str, slot: SlotOf) -> tuple[Statement, ...]:
        members = self._members(json, what).values()
        return self._each(members, lambda member: (self._setting(member, slot),))

    def _setting(self, member: tuple[String, JsonValue], slot: SlotOf) -> Setting:
        key, json = member
        return Setting(self._name(key), self._value(json, slot(key.value)), key.span.to(json.span))

    def _arguments(self, members: Members, slot: SlotOf) -> tuple[Argument, ...]:
        return self._each(members.values(), lambda member: (self._argument(member, slot),))

    def _argument(self, member: tuple[String, JsonValue], slot: SlotOf) -> Argument:
        key, json = member
        value = self._value(json, slot(key.value))
        return Argument(self._name(key), value, key.span.to(json.span))

    # --- Calls and values ---------------------------------------------------------------

    def _layers(self, json: JsonValue) -> Body:
        items = self._items(json, "layers")
        return Body(self._each(items, lambda item: (self._call(item, LAYER),)), json.span)

    def _call(self, json: JsonValue, slot: Slot) -> Call:
        body = None
        if isinstance(json, JsonObject):
            inside = dict((key.value, value) for key, value in json.members).get("layers")
            if inside is not None and slot is LAYER:
                body = self._layers(inside)
                members = tuple(m for m in json.members if m[0].value != "layers")
                json = JsonObject(members, json.span)
        value = self._value(json, slot)
        if not isinstance(value, Reference):
            raise self._reject("NN112", f"expected {slot.wanted}, an object with `kind`", json.span)
        return Call(value.name, value.arguments, body, json.span)

    def _value(self, json: JsonValue, slot: Slot | None) -> Value:
        match json:
            case Number() | Boolean():
                return json
            case String(text) if text.startswith("="):
                value = parse_formula(json, self._findings)
                if value is None:
                    self.failed = True
                    raise Unusable
                return value
            case String(text):
                return json if is_text(text, slot) else Reference(self._name(json), None, json.span)
            case JsonNull():
                help = "leave out what is not said"
                raise self._reject("NN112", "null stands for nothing here", json.span, help)
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                wrong = f"more than {MAX_DEPTH} values stand in each other here"
                raise self._reject("NN107", wrong, json.span)
            if isinstance(json, JsonArray):
                items = self._each(json.items, lambda item: (self._value(item, slot),))
                return Sequence(items, is_list=True, span=json.span)
            return self._reference(json, slot)
        finally:
            self._depth -= 1

    def _reference(self, json: JsonObject, slot: Slot | None) -> Reference:
        members = self._members(json, "a call")
        kind = self._string(self._needed(members, "kind", json), "the name of a word")
        del members["kind"]
        name = self._name(kind)
        if not members:
            hidden = name.text in self._names  # then only a call means the word
            return Reference(name, () if hidden else None, json.span)
        word = find_word(name.text, slot)
        if slot is LAYER and name.text in self._blocks:
            parameters = self._blocks[name.text]
            leading = [parameter for parameter, optional in parameters.items() if not optional]
            return Reference(name, self._by_place(members, leading, {}), json.span)
        if word is None:
            return Reference(name, self._arguments(members, lambda _: None), json.span)
        known = slots(word)
        if word.variadic in members and isinstance(members[word.variadic][1], JsonArray):
            _, array = members.pop(word.variadic)
            assert isinstance(array, JsonArray)
            inner = known[word.variadic]
            values = self._each(array.items, lambda item: (self._value(item, inner),))
            listed = tuple(Argument(None, value, value.span) for value in values)
            return Reference(name, listed + self._arguments(members, known.get), json.span)
        leading = [] if word.variadic else list(known)[: word.positional]
        return Reference(name, self._by_place(members, leading, known), json.span)

    def _by_place(
        self, members: Members, leading: list[str], known: Mapping[str, Slot]
    ) -> tuple[Argument, ...]:
        """Return arguments, those that may come by position first and without their names."""
        arguments = []
        for name in leading:
            if name not in members:
                break
            argument = self._argument(members.pop(name), known.get)
            arguments.append(Argument(None, argument.value, argument.span))
        return (*arguments, *self._arguments(members, known.get))

    # --- The forms of JSON --------------------------------------------------------------

    def _each(self, items: Iterable[T], build: Callable[[T], tuple[R, ...]]) -> tuple[R, ...]:
        """Build all items, those that are right; what is wrong is reported by then."""
        built: list[R] = []
        for item in items:
            try:
                built += build(item)
            except Unusable:
                self.failed = True
        return tuple(built)

    def _members(self, json: JsonValue, what: str, known: tuple[str, ...] | None = None) -> Members:
        if not isinstance(json, JsonObject):
            raise self._reject("NN112", f"expected an object for {what}", json.span)
        for key, _ in json.members:
            if known is not None and key.value not in known:
                help = did_you_mean(key.value, known)
                raise self._reject("NN202", f"{what} has no {_quoted(key)}", key.span, help)
        return {key.value: (key, value) for key, value in json.members}

    def _items(self, json: JsonValue, what: str) -> tuple[JsonValue, ...]:
        if not isinstance(json, JsonArray):
            raise self._reject("NN112", f"expected an array for {what}", json.span)
        return json.items

    def _needed(self, members: Members, name: str, json: JsonValue) -> JsonValue:
        if name not in members:
            raise self._reject("NN112", f"this object needs `{name}`", json.span)
        return members[name][1]

    def _string(self, json: JsonValue, what: str) -> String:
        if not isinstance(json, String):
            raise self._reject("NN112", f"expected {what}, a string", json.span)
        return json

    def _name(self, string: String) -> Name:
        if not NAME.fullmatch(string.value):
            help = "names are made of the letters A-Z and a-z, digits and `_`"
            raise self._reject("NN112", f"{_quoted(string)} is not a name", string.span, help)
        return _at(string, string.value)

    def _reject(self, code: str, message: str, span: Span, help: str | None = None) -> Unusable:
        self.failed = True
        self._findings.error(code, message, span, help=help)
        return Unusable()


_SECTIONS: Mapping[str, Callable[[_Builder, JsonValue], Section]] = {
    "network": _Builder._network,
    "train": _Builder._train,
    "compare": _Builder._compare,
    "search": _Builder._search,
    "record": _Builder._record,
    "expect": _Builder._expect,
    "minimize": _Builder._minimize,
}


def _keys(members: Members, name: str) -> dict[str, JsonValue]:
    """Return the members of one object of the document, if it is one."""
    _, value = members.get(name, (None, None))
    return {k.value: v for k, v in value.members} if isinstance(value, JsonObject) else {}


def _at(string: String, text: str) -> Name:
    """Return a name that stands where a string does: between its quotes."""
    span = string.span
    return Name(text, Span(span.source, span.start + 1, span.end - 1))


def _quoted(string: String) -> str:
    text = string.value
    return f"`{text if len(text) <= 30 else text[:29] + '…'}`"
