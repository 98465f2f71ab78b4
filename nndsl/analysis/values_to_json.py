"""From values, calls and layers of the tree to JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nndsl.analysis.arguments import name_arguments
from nndsl.analysis.json_rules import (
    LAYER,
    RESERVED,
    Parameters,
    find_word,
    is_text,
)
from nndsl.analysis.scope import Budget, Place
from nndsl.analysis.slots import Slot, slots
from nndsl.diagnostics import Findings
from nndsl.syntax.spelling import spell
from nndsl.syntax.tree import (
    Argument,
    Body,
    Boolean,
    Call,
    Group,
    Name,
    Number,
    Reference,
    Statement,
    String,
    Unary,
    Value,
)
from nndsl.syntax.tree import (
    Sequence as Values,
)
from nndsl.vocabulary import catalogue
from nndsl.vocabulary.word import Word

Json = dict[str, Any]


class ValueWriter:
    """Writes calls and values.

    `names` are the `let`s, and inside of a block its parameters; `blocks` the parameters of each.
    """

    def __init__(
        self, findings: Findings, lets: frozenset[str], blocks: Mapping[str, Parameters]
    ) -> None:
        self.findings = findings
        self.names = lets
        self.blocks = blocks

    def refuse(self, statement: Statement) -> None:
        self.findings.error("NN224", "this has no JSON form: it is out of place", statement.span)

    def layers(self, body: Body) -> list[Any]:
        return [self.layer(statement, LAYER) for statement in body.statements]

    def layer(self, statement: Statement, slot: Slot) -> Any:
        if not isinstance(statement, Call):
            self.refuse(statement)
            return None
        name, body = statement.name.text, statement.body
        written = self._call(name, statement.arguments, slot)
        if body is not None:
            if written is None:
                self.refuse(statement)
            return (written or {"kind": name}) | {"layers": self.layers(body)}
        if written is None:
            return f"={spell(Reference(statement.name, statement.arguments, statement.span))}"
        return written

    def _call(
        self, name: str, arguments: tuple[Argument, ...] | None, slot: Slot | None
    ) -> Json | None:
        """Return a call as an object, or None where its arguments cannot all go by name."""
        if not arguments:
            return {"kind": name}
        word = find_word(name, slot)
        if slot is LAYER and name in self.blocks:
            named = _name_block_arguments(self.blocks[name], arguments)
            known: Mapping[str, Slot] = {}
        elif word is not None:
            named, known = _name_word_arguments(word, arguments), slots(word)
        else:
            return None
        if named is None:
            return None
        values = {
            field: self._field(parts, known.get(field), word is not None and word.variadic == field)
            for field, parts in named.items()
        }
        return {"kind": name} | values

    def _field(self, parts: Sequence[Argument], slot: Slot | None, is_variadic: bool) -> Any:
        if not is_variadic:
            return self.value(parts[0].value, slot)
        values = [part.value for part in parts]
        first = _ungrouped(values[0])
        keeps_tuples = slot is not None and slot.unevaluated and parts[0].name is None
        if len(values) == 1 and isinstance(first, Values) and not keeps_tuples:
            values = list(first.items)
        elif parts[0].name is not None:
            return self.value(values[0], slot)
        return [self.value(value, slot) for value in values]

    def value(self, value: Value, slot: Slot | None) -> Any:
        value = _ungrouped(value)
        slot = None if slot is not None and slot.unevaluated else slot
        match value:
            case Number() | Boolean():
                return value.value
            case Unary("-", Number(number)):
                return -number
            case String(text) if not text.startswith("=") and is_text(text, slot):
                return text
            case Values():
                return [self.value(item, slot) for item in value.items]
            case Reference(Name(name), arguments) if arguments is not None or (
                name not in self.names
            ):
                if arguments is None and slot and (name in slot.choices or slot.name):
                    return name
                if catalogue.roles_of(name) if slot is None else find_word(name, slot):
                    written = self._call(name, arguments, slot)
                    if written is not None:
                        return written
        return f"={spell(value)}"


def _ungrouped(value: Value) -> Value:
    while isinstance(value, Group):
        value = value.inner
    return value


def _name_word_arguments(
    word: type[Word], arguments: tuple[Argument, ...]
) -> dict[str, list[Argument]] | None:
    aside = Findings()
    named, _ = name_arguments(word, arguments, arguments[0].span, Place(aside, {}, {}, Budget(0)))
    return None if aside.diagnostics else named


def _name_block_arguments(
    parameters: Parameters, arguments: tuple[Argument, ...]
) -> dict[str, list[Argument]] | None:
    named: dict[str, list[Argument]] = {}
    for argument in arguments:
        waiting = [parameter for parameter in parameters if parameter not in named]
        name = argument.name.text if argument.name else next(iter(waiting), None)
        if name not in waiting or name in RESERVED:
            return None
        named[name] = [argument]
    return named
