"""Statements: from the members of a JSON object to the tree, and from the tree to JSON.

A class for each form: of what is inside a statement, of what stands under a name, and of a body.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nndsl.analysis.json_values import (
    Form,
    Json,
    Member,
    name_at,
    parameters,
    quoted,
    section_slots,
)
from nndsl.analysis.slots import NUMBER, Slot
from nndsl.analysis.suggest import did_you_mean
from nndsl.syntax import ast
from nndsl.syntax.json_reader import JsonArray, JsonObject, JsonValue

Statements = tuple[ast.Statement, ...]
Inside = tuple[ast.Value | None, tuple[ast.Argument, ...] | None, ast.Body | None]  # of a statement
SlotOf = Callable[[Form, str], Slot | None]  # of a setting, by its name


# --- What is inside of one statement --------------------------------------------------------


class SettingValue:
    """The value of a setting."""

    needs = "value"

    def __init__(self, slot: SlotOf = lambda *_: None) -> None:
        self.slot = slot

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Inside:
        return form.read_value(json, self.slot(form, key.value)), None, None

    def write(self, form: Form, statement: Any) -> Any:
        return form.write_value(statement.value, self.slot(form, statement.name.text))


class CallArguments:
    """The arguments of a call."""

    needs = "name"

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Inside:
        members = form.members(json, f"`{key.value}`")
        return None, form.read_arguments(members, lambda _: None), None

    def write(self, form: Form, statement: Any) -> Any:
        return form.write_arguments(statement, lambda _: None)


class WithBody:
    """A body that is the whole object or array; or its member `under`, beside arguments."""

    needs = "body"

    def __init__(self, body: Array | Object | Declarations, under: str = "") -> None:
        self.body, self.under = body, under

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Inside:
        if not self.under:
            return None, None, ast.Body(self.body.read(form, key, json), json.span)
        members = form.members(json, f"`{key.value}`")
        inside = members.pop(self.under, None)
        statements = self.body.read(form, *inside) if inside else ()
        arguments = form.read_arguments(members, section_slots(key.value).get)
        return None, arguments or None, ast.Body(statements, json.span)

    def write(self, form: Form, statement: Any) -> Any:
        statements = statement.body.statements
        if not self.under:
            written = form.write_arguments(statement, lambda _: None)
            return self.body.write(form, statements, written)
        written = form.write_arguments(statement, section_slots(statement.name.text).get)
        return written | {self.under: self.body.write(form, statements, {})}


class Definition:
    """Parameters and a body: the layers of a block, or the formulas of a word of the page."""

    needs = "body"

    def __init__(self, what: str, body: Array | Object, under: str) -> None:
        self.what, self.body, self.under = what, body, under

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Inside:
        members = form.members(json, self.what, ("parameters", self.under))
        listed = members.get("parameters", (key, JsonArray((), key.span)))[1]
        items = form.items(listed, "the parameters")
        arguments = form.each(items, lambda item: (self._read_parameter(form, item),))
        form.names = form.lets | parameters_of(json).keys()
        try:
            inside = form.required_member(members, self.under, json)
            body = self.body.read(form, ast.String(self.under, key.span), inside)
            return None, arguments or None, ast.Body(body, inside.span)
        finally:
            form.names = form.lets

    def write(self, form: Form, statement: Any) -> Any:
        items = [self._write_parameter(form, argument) for argument in statement.arguments or ()]
        written = [item for item in items if item is not None]
        form.names = form.lets | parameters(statement).keys()
        inside = self.body.write(form, statement.body.statements, {})
        form.names = form.lets
        return ({"parameters": written} if written else {}) | {self.under: inside}

    def _read_parameter(self, form: Form, json: JsonValue) -> ast.Argument:
        if isinstance(json, JsonObject):
            members = form.members(json, "a parameter", ("name", "default"))
            name = form.name(form.string(form.required_member(members, "name", json), "a name"))
            default = form.read_value(form.required_member(members, "default", json), None)
            return ast.Argument(name, default, json.span)
        name = form.name(form.string(json, "a parameter, its name or name and default"))
        return ast.Argument(None, ast.Reference(name, None, json.span), json.span)

    def _write_parameter(self, form: Form, argument: ast.Argument) -> Any:
        if argument.name is not None:
            default = form.write_value(argument.value, None)
            return {"name": argument.name.text, "default": default}
        if isinstance(argument.value, ast.Reference) and argument.value.arguments is None:
            return argument.value.name.text
        wrong = "a parameter of a block is a name, or name = default"
        return form.diagnostics.report("NN224", wrong, argument.span)


What = SettingValue | CallArguments | WithBody | Definition


# --- What stands under a name of an object --------------------------------------------------


class OneStatement:
    """One statement: a setting or a call of that name."""

    def __init__(self, kind: type[ast.Setting | ast.Call], inside: What) -> None:
        self.kind, self.inside = kind, inside

    def holds(self, name: str, statement: Any) -> bool:
        fits = isinstance(statement, self.kind) and getattr(statement, self.inside.needs)
        return bool(fits) and statement.name.text == name

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        name, span = form.name(key), key.span.to(json.span)
        value, arguments, body = self.inside.read(form, key, json)
        return (ast.Setting(name, value, span) if value else ast.Call(name, arguments, body, span),)

    def add(self, form: Form, written: Json, name: str, statement: Any) -> None:
        form.add_member(written, statement.name, self.inside.write(form, statement))


class Declarations:
    """An object with a declaration under each of its names."""

    def __init__(self, word: str, inside: What) -> None:
        self.word, self.inside = word, inside

    def holds(self, name: str, statement: Any) -> bool:
        fits = isinstance(statement, ast.Declaration) and getattr(statement, self.inside.needs)
        return bool(fits) and statement.word.text == self.word

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        members = form.members(json, f"`{key.value}`").values()
        return form.each(members, lambda member: self._read_one(form, member))

    def _read_one(self, form: Form, member: Member) -> Statements:
        key, json = member
        inside, span = self.inside.read(form, key, json), key.span.to(json.span)
        return (ast.Declaration(name_at(key, self.word), form.name(key), *inside, span),)

    def write(self, form: Form, statements: Statements, written: Json) -> Json:
        for statement in statements:
            if self.holds("", statement) and isinstance(statement, ast.Declaration):
                form.add_member(written, statement.name, self.inside.write(form, statement))
            else:
                form.report_misplaced(statement)
        return written

    def add(self, form: Form, written: Json, name: str, statement: Any) -> None:
        self.write(form, (statement,), written.setdefault(name, {}))


class OfOutputs(Declarations):
    """A setting of `train`, or an object with one for each of several outputs: `loss NAME = …`."""

    def __init__(self, word: str) -> None:
        super().__init__(word, SettingValue(lambda *_: section_slots("train")[word]))

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        if isinstance(json, JsonObject) and "kind" not in members_of(json):
            return super().read(form, key, json)
        return OneStatement(ast.Setting, self.inside).read(form, key, json)


class ModelName:
    """The name of the model, a declaration."""

    def holds(self, name: str, statement: Any) -> bool:
        return isinstance(statement, ast.Declaration) and statement.word.text == name

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        name = form.name(form.string(json, "the name of the model"))
        return (ast.Declaration(form.name(key), name, None, None, None, key.span.to(json.span)),)

    def add(self, form: Form, written: Json, name: str, statement: Any) -> None:
        form.add_member(written, statement.word, statement.name.text)


class Imports:
    """The names of files, in an array or one alone."""

    def holds(self, name: str, statement: Any) -> bool:
        return isinstance(statement, ast.Call) and statement.name.text == name

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        items = json.items if isinstance(json, JsonArray) else (json,)
        return form.each(items, lambda item: (self._read_one(form, key, item),))

    def _read_one(self, form: Form, key: ast.String, json: JsonValue) -> ast.Call:
        text = form.string(json, "the name of a file")
        argument = ast.Argument(None, text, text.span)
        return ast.Call(form.name(key), (argument,), None, text.span)

    def add(self, form: Form, written: Json, name: str, statement: Any) -> None:
        match statement.arguments:
            case (ast.Argument(None, ast.String(text)),):
                written.setdefault(name, []).append(text)
            case _:
                form.report_misplaced(statement)


# --- Bodies -----------------------------------------------------------------------------------


class Array:
    """Statements of one kind. Among others in an object they stand in an array, behind them."""

    def __init__(
        self,
        read_item: Callable[[Form, JsonValue], ast.Statement],
        write_item: Callable[[Form, Any], Any],
        what: str = "",
    ) -> None:
        self.read_item, self.write_item, self.what = read_item, write_item, what

    def holds(self, name: str, statement: Any) -> bool:
        return isinstance(statement, ast.Comparison)

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        items = form.items(json, self.what or f"`{key.value}`")
        return form.each(items, lambda item: (self.read_item(form, item),))

    def write(self, form: Form, statements: Statements, written: Json) -> list[Any]:
        items = [self.write_item(form, statement) for statement in statements]
        return [item for item in items if item is not None]

    def add(self, form: Form, written: Json, name: str, statement: Any) -> None:
        written.setdefault(name, []).append(self.write_item(form, statement))


Part = OneStatement | Declarations | ModelName | Imports | Array


class Object:
    """Statements under names, as `parts` say; under any other name stands a setting."""

    def __init__(self, slot: SlotOf | None = None, what: str = "", **parts: Any) -> None:
        self.setting = SettingValue(slot) if slot is not None else None
        self.what = what
        self.parts: dict[str, Part] = parts

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        members = form.members(json, self.what or f"`{key.value}`").values()
        ordered = sorted(members, key=lambda m: isinstance(self.parts.get(m[0].value), Array))
        return form.each(ordered, lambda member: self._read_member(form, *member))

    def _read_member(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        part = self._part(key.value, json)
        if part is None and self.setting is not None:
            part = OneStatement(ast.Setting, self.setting)
        if part is not None:
            return part.read(form, key, json)
        if key.value == "$schema":
            return ()
        help = did_you_mean(key.value, list(self.parts))
        raise form.reject("NN220", f"unknown section {quoted(key)}", key.span, help)

    def _part(self, name: str, json: JsonValue) -> Part | None:
        return self.parts.get(name)

    def write(self, form: Form, statements: Statements, written: Json) -> Json:
        apart: Json = {}  # they stand behind the settings
        for statement in statements:
            found = (item for item in self.parts.items() if item[1].holds(item[0], statement))
            name, part = next(found, ("", None))
            if part is not None:
                part.add(form, apart, name, statement)
            elif isinstance(statement, ast.Setting) and self.setting is not None:
                form.add_member(written, statement.name, self.setting.write(form, statement))
            else:
                form.report_misplaced(statement)
        return written | apart


class Formulas(Object):
    """Formulas under the names that they give. A block of lines is an object."""

    def __init__(self, **parts: OneStatement) -> None:
        super().__init__(lambda *_: NUMBER, "formulas", **parts)

    def _part(self, name: str, json: JsonValue) -> Part | None:
        return super()._part(name, json) if isinstance(json, JsonObject) else None


# --- What stands in JSON that is not read yet ------------------------------------------------


def members_of(json: JsonValue | None) -> dict[str, JsonValue]:
    """Return the members of an object, and none of anything else."""
    return {key.value: v for key, v in json.members} if isinstance(json, JsonObject) else {}


def parameters_of(block: JsonValue) -> dict[str, bool]:
    """Return the parameters of a block: may the argument be left out?"""
    listed, found = members_of(block).get("parameters"), {}
    for item in listed.items if isinstance(listed, JsonArray) else ():
        name = members_of(item).get("name", item)
        if isinstance(name, ast.String):
            found[name.value] = name is not item
    return found
