"""Words of the vocabulary as text: with their values, and with what their fields accept."""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Iterator
from typing import Any

import annotated_types
from pydantic.fields import FieldInfo

from nndsl.analysis.slots import Slot, slots
from nndsl.cli.rendering import many
from nndsl.source import Span
from nndsl.syntax.spelling import spell
from nndsl.vocabulary import catalogue
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.layer import Structure
from nndsl.vocabulary.section import Section
from nndsl.vocabulary.word import Word

_BOUNDS = {
    annotated_types.Ge: "ge",
    annotated_types.Gt: "gt",
    annotated_types.Le: "le",
    annotated_types.Lt: "lt",
}
_ENDLESS = 2**53  # a limit of numbers themselves, and not of the field
_SAID = {"ge": "at least {}", "gt": "greater than {}", "le": "at most {}", "lt": "less than {}"}


def write_word(word: Word, *, defaults: bool = True) -> str:
    """Return a word with its values, as a spec may write it: `sgd(lr=0.1)`.

    Without `defaults`, those values that the spec gives.
    """
    own, fields = slots(type(word)), type(word).model_fields
    by_position = [name for name in list(fields)[: word.positional] if fields[name].is_required()]
    parts = []
    for name in fields if defaults else sorted(word.model_fields_set, key=list(fields).index):
        value = getattr(word, name)
        if name == word.variadic:
            parts += [write_value(part, own[name], defaults=defaults) for part in value]
        elif value is not None:
            text = write_value(value, own[name], defaults=defaults)
            parts.append(text if name in by_position else f"{name}={text}")
    return f"{word.word()}({', '.join(parts)})" if parts else word.word()


def write_value(value: Any, slot: Slot, *, defaults: bool = True) -> str:
    """Return a value as a spec writes it."""
    if isinstance(value, Word):
        return write_word(value, defaults=defaults)
    if isinstance(value, tuple | list):
        texts = ", ".join(write_value(part, slot, defaults=defaults) for part in value)
        if any(isinstance(part, Word) for part in value):
            return f"[{texts}]"
        return texts if len(value) == 1 else f"({texts})"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        is_text = slot.text and value not in slot.choices
        return json.dumps(value, ensure_ascii=False) if is_text else value
    if isinstance(getattr(value, "span", None), Span):  # left in the tree
        return spell(value)
    return number(value) if isinstance(value, int | float) else str(value)


def number(value: int | float) -> str:
    """Return a number as one writes it: `10_000_000`, `1e-8`, `1e6`."""
    if isinstance(value, int) or (value.is_integer() and abs(value) <= 1e6):
        return f"{int(value):_}"
    return repr(value).replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def accepted(name: str, word: type[Word]) -> str:
    """Return what a field accepts: "a whole number, at least 1, at most 10_000_000"."""
    field = word.model_fields[name]
    bounds = [
        _SAID[kind].format(number(limit)) for kind, limit in _limits(field) if abs(limit) < _ENDLESS
    ]
    return ", ".join([slots(word)[name].wanted.replace("`", ""), *dict.fromkeys(bounds)])


def default(name: str, word: type[Word]) -> str | None:
    """Return the default of a field, as a spec writes it, or None where it has none."""
    field = word.model_fields[name]
    if field.is_required() or field.default is None:
        return None
    return write_value(field.default, slots(word)[name])


def presence(name: str, word: type[Word]) -> str:
    """Return whether a field may be left out: "required", "default 0.9"."""
    if word.model_fields[name].is_required():
        return "required"
    value = default(name, word)
    return f"default {value}" if value is not None else "may be left out"


def documentation(word: type[Word]) -> list[str]:
    """Return the paragraphs of a word's documentation."""
    text = inspect.cleandoc(word.__doc__ or "")
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def by_position(word: type[Word]) -> str:
    """Return how many arguments may come without their names, as the end of a phrase."""
    if word.variadic:
        return "whose arguments all come by position"
    count = min(word.positional, len(slots(word)))
    if not count:
        return "whose arguments go by name" if slots(word) else "without arguments"
    return (
        f"whose first {many(count, 'argument') if count > 1 else 'argument'} may come by position"
    )


def signature(word: type[Word]) -> str:
    """Return how a word is called: `dense(units, init=…, bias=true)`."""
    body = " { … }" if issubclass(word, Section | Structure) else ""
    if issubclass(word, Section):
        return f"{word.word()}{body}"
    if word.variadic:
        return f"{word.word()}({word.variadic}, …)"
    parts = [
        name if field.is_required() else f"{name}={default(name, word) or '…'}"
        for name, field in word.model_fields.items()
    ]
    return word.word() + (f"({', '.join(parts)})" if parts else "") + body


def example(word: type[Word]) -> str | None:
    """Return a word as it may stand in a spec, where a few sample values can show that."""
    if issubclass(word, Section):
        return None
    arguments: list[str] = []
    for position, (name, field) in enumerate(word.model_fields.items()):
        value = default(name, word)
        if field.is_required():
            value = _sample(slots(word)[name], dict(_limits(field)), len(arguments))
            if value is None:
                return None
            by_position = position < word.positional or word.variadic
            arguments.append(value if by_position else f"{name}={value}")
        elif not arguments and value is not None:
            arguments.append(f"{name}={value}")
    body = " { … }" if issubclass(word, Structure) else ""
    call = word.word() + (f"({', '.join(arguments)})" if arguments else "") + body
    return f"{place} = {call}" if (place := _place(word.role)) else call


def _sample(slot: Slot, limits: dict[str, int | float], before: int) -> str | None:
    """Return a value for a field; the more arguments stand before it, the larger a number."""
    if slot.number:
        return number(
            10 * (before + 1) if slot.whole else 0.5 if "lt" in limits else 0.1 * 10**before
        )
    if slot.choices:
        return slot.choices[0]
    return '"name"' if slot.text else None


def _place(role: str) -> str | None:
    """Return the setting of a spec that takes words of a role."""
    if role == Data.role:
        return Data.role
    for name in catalogue.names(Section.role):
        section = catalogue.find(Section.role, name)
        assert section is not None
        for setting, slot in slots(section).items():
            if role in slot.roles:
                return f"{setting}" if not slot.several else None
    return None


def _limits(field: FieldInfo) -> Iterator[tuple[str, int | float]]:
    queue: list[Any] = [field.annotation, *field.metadata]
    while queue:
        part = queue.pop(0)
        if type(part) in _BOUNDS:
            yield _BOUNDS[type(part)], getattr(part, _BOUNDS[type(part)])
        elif isinstance(part, FieldInfo):
            queue[:0] = part.metadata
        else:
            queue[:0] = typing.get_args(part)
