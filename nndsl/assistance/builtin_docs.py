"""The documentation of a builtin: its fields, the values that they accept, an example."""

import inspect
import typing
from collections.abc import Iterator
from string import ascii_lowercase
from typing import Any

import annotated_types
from pydantic.fields import FieldInfo

from nndsl.analysis.builtin_printer import number, write_value
from nndsl.analysis.slots import Slot, slots
from nndsl.languages import in_a_row, sentence
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.layer import Layer, Structure
from nndsl.vocabulary.section import Section

_BOUNDS = {
    annotated_types.Ge: "ge",
    annotated_types.Gt: "gt",
    annotated_types.Le: "le",
    annotated_types.Lt: "lt",
}
LEFT_OUT = "may be left out"
_ENDLESS = 2**53  # a bound from here on is one of numbers in general
_SAID = {
    "ge": "at least {number}",
    "gt": "greater than {number}",
    "le": "at most {number}",
    "lt": "less than {number}",
}


def _accepted(name: str, word: type[Builtin]) -> str:
    """Return what a field accepts: "a whole number, at least 1, at most 10_000_000"."""
    field = word.model_fields[name]
    either = [part for part in typing.get_args(field.annotation) if typing.get_args(part)]
    if len(either) > 1:  # such as a whole number, or a part
        kinds = [
            "a whole number" if int in typing.get_args(part) else "a number" for part in either
        ]
        one, *others = (
            in_a_row(sentence(kind), *_bounds(part))
            for kind, part in zip(kinds, either, strict=True)
        )
        for other in others:
            one = sentence("{one}, or {other}", one=one, other=other)
        return one
    wanted = slots(word)[name].in_words(quote="")
    return in_a_row(wanted, *_bounds(field.annotation, *field.metadata))


def _bounds(*parts: Any) -> list[str]:
    texts = [
        sentence(_SAID[kind], number=number(limit))
        for kind, limit in _limits(*parts)
        if abs(limit) < _ENDLESS
    ]
    return list(dict.fromkeys(texts))


def default(name: str, word: type[Builtin]) -> str | None:
    """Return the default of a field as in a spec, or None if it has none."""
    field = word.model_fields[name]
    if field.is_required() or field.default is None:
        return None
    return write_value(field.default, slots(word)[name])


def _presence(name: str, word: type[Builtin]) -> str:
    """Return whether a field may be left out: "required", "default 0.9"."""
    if word.model_fields[name].is_required():
        return sentence("required")
    value = default(name, word)
    return sentence("default {value}", value=value) if value is not None else sentence(LEFT_OUT)


def documentation(word: type[Builtin]) -> list[str]:
    """Return the paragraphs of the documentation of a builtin."""
    text = inspect.cleandoc(word.__doc__ or "")
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def by_position(word: type[Builtin]) -> str:
    """Return a phrase that says how many arguments may be positional."""
    if word.variadic:
        return sentence("whose arguments all come by position")
    count = len(word.by_position())
    if not count and _values(word):
        return sentence("which takes values by position")
    if not count:
        return sentence("whose arguments go by name" if slots(word) else "without arguments")
    if count == 1:
        return sentence("whose first argument may come by position")
    return sentence("whose first {count} arguments may come by position", count=count)


def arguments(word: type[Builtin]) -> Iterator[tuple[str, str, str]]:
    """Yield what a builtin takes by name: the name, what it accepts, and what it is."""
    for name, field in word.model_fields.items():
        takes = {"accepts": _accepted(name, word), "presence": _presence(name, word)}
        yield name, sentence("{accepts}; {presence}", **takes), field.description or ""
    for role, optional in _roles(word).items():
        given = sentence(LEFT_OUT if optional else "required")
        takes = {"accepts": sentence("the name of a value of the network"), "presence": given}
        says = "what the layer takes beside the line above it"
        yield role, sentence("{accepts}; {presence}", **takes), says


def _roles(word: type[Builtin]) -> dict[str, bool]:
    """Return the inputs of a layer that go by name, `memory=a`: may they be left out?"""
    if not issubclass(word, Layer):
        return {}
    return {role: role in word.optional_inputs for role in word.roles()}


def _values(word: type[Builtin]) -> list[str]:
    """Return letters for the values that a layer takes by position alone: `dot(a, b)`."""
    if not issubclass(word, Layer) or word.roles():
        return []
    count = len(word.required_inputs)
    return list(ascii_lowercase[:count]) if count > 1 else []


def signature(word: type[Builtin]) -> str:
    """Return the signature of a builtin: `dense(units, init=…, bias=true)`."""
    body = " { … }" if issubclass(word, Section | Structure) else ""
    if issubclass(word, Section):
        return f"{word.keyword()}{body}"
    if word.variadic:
        return f"{word.keyword()}({word.variadic}, …)"
    parts = [
        name if field.is_required() else f"{name}={default(name, word) or '…'}"
        for name, field in word.model_fields.items()
    ]
    parts += [f"{role}=…" for role in _roles(word)]
    parts[:0] = _values(word)
    return word.keyword() + (f"({', '.join(parts)})" if parts else "") + body


def example(word: type[Builtin]) -> str | None:
    """Return an example of a builtin in a spec, if sample values are enough for one."""
    if issubclass(word, Section):
        return None
    # The names of values come first.
    arguments = _values(word)
    arguments += [f"{role}=a" for role, optional in _roles(word).items() if not optional]
    for name, field in word.model_fields.items():
        value = default(name, word)
        given = [str(sample) for sample in field.examples or ()]  # its own example
        if field.is_required() or (given and not arguments):
            limits = dict(_limits(field.annotation, *field.metadata))
            value = given[0] if given else _sample(slots(word)[name], limits, len(arguments))
            if value is None:
                return None
            by_position = name in word.by_position() or word.variadic
            arguments.append(value if by_position else f"{name}={value}")
        elif not arguments and value is not None:
            arguments.append(f"{name}={value}")
    body = " { … }" if issubclass(word, Structure) else ""
    call = word.keyword() + (f"({', '.join(arguments)})" if arguments else "") + body
    return f"{place} = {call}" if (place := _place(word.kind)) else call


def _sample(slot: Slot, limits: dict[str, int | float], before: int) -> str | None:
    """Return a sample value for a field; numbers grow with the arguments before it."""
    if slot.number:
        return number(
            10 * (before + 1) if slot.whole else 0.5 if "lt" in limits else 0.1 * 10**before
        )
    if slot.choices:
        return slot.choices[0]
    return '"name"' if slot.text else None


def _place(kind: str) -> str | None:
    """Return the setting of a spec that takes builtins of a kind."""
    if kind == Data.kind:
        return Data.kind
    for name in registry.names(Section.kind):
        section = registry.find(Section.kind, name)
        assert section is not None
        for setting, slot in slots(section).items():
            if kind in slot.kinds:
                return f"{setting}" if not slot.several else None
    return None


def _limits(*parts: Any) -> Iterator[tuple[str, int | float]]:
    queue = list(parts)
    while queue:
        part = queue.pop(0)
        if type(part) in _BOUNDS:
            yield _BOUNDS[type(part)], getattr(part, _BOUNDS[type(part)])
        elif isinstance(part, FieldInfo):
            queue[:0] = part.metadata
        else:
            queue[:0] = typing.get_args(part)
