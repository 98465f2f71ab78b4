"""From the JSON form to the tree. Every node knows its place in the JSON text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nndsl.analysis.json_rules import (
    DATA,
    INSTRUMENT,
    RANGE,
    section_slots,
    variant_slot,
)
from nndsl.analysis.json_to_values import Members, SlotOf, ValueBuilder, name_at, quoted
from nndsl.analysis.scope import TOO_DEEP, Unusable
from nndsl.analysis.suggest import did_you_mean
from nndsl.diagnostics import Findings
from nndsl.source import Source, Span
from nndsl.syntax.json_reader import JsonArray, JsonObject, JsonValue
from nndsl.syntax.tree import (
    Argument,
    Body,
    Call,
    Comparison,
    Declaration,
    Reference,
    Setting,
    Statement,
    String,
    Tree,
)

OPERATORS = ("<=", ">=", "==", "!=", "<", ">")

Section = tuple[tuple[Argument, ...], tuple[Statement, ...]]


def json_to_tree(document: JsonValue, source: Source, findings: Findings) -> Tree | None:
    """Return the tree of a JSON form, or None where it is none; all that is wrong is reported."""
    builder = _Builder(findings)
    try:
        statements = builder.document(document)
    except RecursionError:
        findings.error("NN107", TOO_DEEP, Span(source, 0, 1))
        return None
    return None if builder.failed else Tree(source, statements)


class _Builder(ValueBuilder):
    def __init__(self, findings: Findings) -> None:
        super().__init__(findings)
        self._lets: frozenset[str] = frozenset()
        self._subject = "train"

    def document(self, document: JsonValue) -> tuple[Statement, ...]:
        try:
            members = self.members(document, "a spec")
        except Unusable:
            return ()
        self._look_ahead(members)
        return self.each(members.values(), self._top)

    def _look_ahead(self, members: Members) -> None:
        """Learn the names that the spec defines, which tell what the rest means."""
        self._lets = self.names = frozenset(_keys(members, "let"))
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
            self.blocks[name] = found
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
                name = self.name(self.string(value, "the name of the model"))
                return (Declaration(name_at(key, "model"), name, None, None, None, span),)
            case "let":
                return self.each(self.members(value, "`let`").values(), self._let)
            case "blocks":
                return self.each(self.members(value, "`blocks`").values(), self._block)
            case "data":
                return (Setting(name_at(key, "data"), self.value(value, DATA), span),)
            case name if name in _SECTIONS:
                arguments, statements = _SECTIONS[name](self, value)
                body = Body(statements, value.span)
                return (Call(name_at(key, name), arguments or None, body, span),)
        help = did_you_mean(key.value, ["model", "let", "blocks", "data", *_SECTIONS])
        raise self.reject("NN220", f"unknown section {quoted(key)}", key.span, help)

    def _let(self, member: tuple[String, JsonValue]) -> tuple[Statement, ...]:
        key, json = member
        value = self.value(json, None)
        span = key.span.to(json.span)
        return (Declaration(name_at(key, "let"), self.name(key), value, None, None, span),)

    def _block(self, member: tuple[String, JsonValue]) -> tuple[Statement, ...]:
        key, json = member
        members = self.members(json, "a block", ("parameters", "layers"))
        listed = members.get("parameters", (key, JsonArray((), key.span)))[1]
        arguments = self.each(self.items(listed, "the parameters"), self._parameter)
        self.names = self._lets | self.blocks[key.value].keys()
        try:
            layers = self.layers(self.needed(members, "layers", json))
        finally:
            self.names = self._lets
        span = key.span.to(json.span)
        name = self.name(key)
        return (Declaration(name_at(key, "block"), name, None, arguments or None, layers, span),)

    def _parameter(self, json: JsonValue) -> tuple[Argument, ...]:
        if isinstance(json, JsonObject):
            members = self.members(json, "a parameter", ("name", "default"))
            name = self.name(self.string(self.needed(members, "name", json), "a name"))
            default = self.value(self.needed(members, "default", json), None)
            return (Argument(name, default, json.span),)
        name = self.name(self.string(json, "a parameter, its name or name and default"))
        return (Argument(None, Reference(name, None, json.span), json.span),)

    # --- Sections: their arguments and the statements of their bodies -------------------

    def _network(self, json: JsonValue) -> Section:
        return (), self.layers(json).statements

    def _train(self, json: JsonValue) -> Section:
        slots = section_slots("train")
        return (), self._settings(json, "`train`", slots.get)

    def _compare(self, json: JsonValue) -> Section:
        members = self.members(json, "`compare`")
        listed = members.pop("variants", None)
        variants = self.members(listed[1], "`variants`") if listed else {}
        statements = self.each(variants.values(), self._variant)
        return self.arguments(members, section_slots("compare").get), statements

    def _variant(self, member: tuple[String, JsonValue]) -> tuple[Statement, ...]:
        key, json = member
        members = self.members(json, "a variant")
        expected = members.pop("expect", None)
        settings = self.each(
            members.values(),
            lambda one: (
                self._setting(one, lambda name: variant_slot(name, self._lets, self._subject)),
            ),
        )
        comparisons = self._expect(expected[1])[1] if expected else ()
        body = Body((*settings, *comparisons), json.span)
        span = key.span.to(json.span)
        return (Declaration(name_at(key, "variant"), self.name(key), None, None, body, span),)

    def _search(self, json: JsonValue) -> Section:
        members = self.members(json, "`search`")
        listed = members.pop("ranges", None)
        ranges = self._settings(listed[1], "`ranges`", lambda _: RANGE) if listed else ()
        return self.arguments(members, section_slots("search").get), ranges

    def _record(self, json: JsonValue) -> Section:
        items = self.items(json, "`record`")
        return (), self.each(items, lambda item: (self.call(item, INSTRUMENT),))

    def _expect(self, json: JsonValue) -> Section:
        return (), self.each(self.items(json, "`expect`"), self._comparison)

    def _comparison(self, json: JsonValue) -> tuple[Statement, ...]:
        members = self.members(json, "a comparison", ("name", "operator", "value"))
        name = self.name(self.string(self.needed(members, "name", json), "a name"))
        operator = self.string(self.needed(members, "operator", json), "an operator")
        if operator.value not in OPERATORS:
            wrong = f"expected one of {' '.join(OPERATORS)}, found {quoted(operator)}"
            raise self.reject("NN112", wrong, operator.span)
        value = self.value(self.needed(members, "value", json), None)
        return (Comparison(name, operator.value, value, json.span),)

    def _minimize(self, json: JsonValue) -> Section:
        slots = section_slots("minimize")
        return (), self.each(
            self.members(json, "`minimize`").values(),
            lambda member: (self._start(member) or self._setting(member, slots.get),),
        )

    def _start(self, member: tuple[String, JsonValue]) -> Call | None:
        key, json = member
        if key.value != "start":
            return None
        arguments = self.arguments(self.members(json, "`start`"), lambda _: None)
        return Call(name_at(key, "start"), arguments, None, key.span.to(json.span))

    def _settings(self, json: JsonValue, what: str, slot: SlotOf) -> tuple[Statement, ...]:
        members = self.members(json, what).values()
        return self.each(members, lambda member: (self._setting(member, slot),))

    def _setting(self, member: tuple[String, JsonValue], slot: SlotOf) -> Setting:
        key, json = member
        return Setting(self.name(key), self.value(json, slot(key.value)), key.span.to(json.span))


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
