"""What each field of a word accepts, read off its type."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union

from nndsl.vocabulary.word import AsWritten, BareName, NamesLayer, Word


@dataclass(frozen=True, slots=True)
class Slot:
    """What may stand in a place: words of these roles, these names, a text, a name, several."""

    roles: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    text: bool = False
    name: bool = False
    layer: bool = False  # the name is that of a layer
    number: bool = False
    whole: bool = False  # the only numbers it takes are whole
    boolean: bool = False
    several: bool = False
    unevaluated: bool = False  # it takes any value, and leaves it in the tree

    @property
    def wanted(self) -> str:
        """In words of the language: "a number", "a list of values, each a metric"."""
        return f"a list of values, each {self.one}" if self.several else self.one

    @property
    def one(self) -> str:
        """One of the values: "a number", "an optimizer", "`same` or `valid`"."""
        kinds = [describe_role(role) for role in self.roles]
        kinds += ["a whole number" if self.whole else "a number"] * self.number
        kinds += ["`true` or `false`"] * self.boolean + ["a text in double quotes"] * self.text
        kinds += ["the name of a layer" if self.layer else "a name"] * self.name
        kinds += [f"`{choice}`" for choice in self.choices]
        return " or ".join(kinds) or "a value"


NUMBER = Slot(number=True)


@cache
def slots(word: type[Word]) -> dict[str, Slot]:
    """Return a slot for each field of a word, in their order."""
    return {
        name: _slot([field.annotation, *field.metadata])
        for name, field in word.model_fields.items()
    }


def describe_role(role: str) -> str:
    """`optimizers` -> "an optimizer"; `clips` -> "a clip"."""
    singular = singular_of(role)
    return f"{'an' if singular[0] in 'aeiou' else 'a'} {singular}"


def singular_of(role: str) -> str:
    """`losses` -> "loss"."""
    if role.endswith("sses"):
        return role[:-2]
    return "source of data" if role == "data" else role.removesuffix("s")


def _slot(annotations: list[Any]) -> Slot:
    roles: list[str] = []
    choices: list[str] = []
    kinds: set[str] = set()
    queue = list(annotations)
    while queue:
        annotation = queue.pop(0)
        origin = typing.get_origin(annotation)
        if origin is Literal:
            choices += typing.get_args(annotation)
        elif origin in (Union, types.UnionType, Annotated):
            queue[:0] = typing.get_args(annotation)
        elif origin in (tuple, list):
            kinds.add("several")
            queue[:0] = [part for part in typing.get_args(annotation) if part is not Ellipsis]
        elif isinstance(annotation, BareName):
            kinds.add("name")
            kinds |= {"layer"} if isinstance(annotation, NamesLayer) else set()
        elif isinstance(annotation, AsWritten):
            kinds.add("unevaluated")
        elif isinstance(annotation, type):
            if issubclass(annotation, Word):
                roles.append(annotation.role)
            else:
                kinds.add(annotation.__name__)
    name = "name" in kinds
    return Slot(
        roles=tuple(roles),
        choices=tuple(choices),
        text="str" in kinds and not name,
        name=name,
        layer="layer" in kinds,
        number=bool(kinds & {"int", "float"}),
        whole="int" in kinds and "float" not in kinds,
        boolean="bool" in kinds,
        several="several" in kinds,
        unevaluated="unevaluated" in kinds,
    )
