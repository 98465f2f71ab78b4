"""The JSON form of a spec: the same program, for other programs to write.

    {
      "model": "net",
      "let": {"width": 100, "act": {"kind": "relu"}},
      "blocks": {"hidden": {"parameters": ["n", {"name": "rate", "default": 0.2}], "layers": […]}},
      "data": {"kind": "digits", "validation": 0.1},
      "network": [{"kind": "hidden", "n": "=width"}, {"kind": "repeat", "times": 2, "layers": […]}],
      "train": {"optimizer": {"kind": "sgd", "lr": "=1 / 10"}},
      "compare": {"seeds": 3, "variants": {"wide": {"width": 200}}},
      "search": {"trials": 9, "ranges": {"width": {"kind": "integer", "low": 1, "high": 9}}},
      "record": [{"kind": "weights"}],
      "expect": [{"name": "parameters", "operator": "<=", "value": 1000}],
      "minimize": {"f": "=x**2", "start": {"x": 1}, "optimizer": {"kind": "sgd"}}
    }

A call is an object: `kind` is its name, its arguments go by name, its body is `layers`. Where the
word alone says it all, `"he"` is read for `{"kind": "he"}`. A string that begins with `=` is a
value of the language: arithmetic, the name of a `let`, or any other value. So a text that itself
begins with `=` is written as a value, in quotes: `"=\\"=text\\""`. In a `let` and in an argument
of a block every other string is a text; where a name is wanted (`padding`, `metric`), a string is
that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from nndsl.analysis.slots import Slot, slots
from nndsl.syntax.tree import Declaration, Reference, Tree
from nndsl.vocabulary import catalogue
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.instrument import Instrument
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.range import Range
from nndsl.vocabulary.section import Section
from nndsl.vocabulary.word import Word

DATA = Slot(roles=(Data.role,))
RANGE = Slot(roles=(Range.role,))
INSTRUMENT = Slot(roles=(Instrument.role,))
LAYER = Slot(roles=(Layer.role,))
NAME = re.compile(r"(?!(?:true|false)\Z)[A-Za-z_][A-Za-z0-9_]*")
RESERVED = ("kind", "layers")  # members of a call that are no arguments

Parameters = Mapping[str, bool]  # of a block: may the argument be left out?


def is_text(string: str, slot: Slot | None) -> bool:
    """Does a string that does not begin with `=` stand for a text here, or for a name?"""
    if slot is None or slot.unevaluated or not NAME.fullmatch(string):
        return True
    return slot.text and string not in slot.choices and find_word(string, slot) is None


def find_word(name: str, slot: Slot | None) -> type[Word] | None:
    """Return the word that a name means here, or None; without a slot it must have one meaning."""
    if slot is None or slot.unevaluated:
        roles: Sequence[str] = catalogue.roles_of(name)
        roles = roles if len(roles) == 1 else ()
    else:
        roles = slot.roles
    words = (catalogue.find(role, name) for role in roles)
    return next((word for word in words if word is not None), None)


def section_slots(name: str) -> dict[str, Slot]:
    """Return the slots of a section's settings."""
    word = catalogue.find(Section.role, name)
    assert word is not None
    return slots(word)


def variant_slot(name: str, lets: Iterator[str] | frozenset[str], subject: str) -> Slot | None:
    """Return the slot of a setting of a variant: a `let` comes first, then data, then training."""
    if name in lets:
        return None
    return DATA if name == "data" else section_slots(subject).get(name)


def let_names(tree: Tree) -> frozenset[str]:
    return frozenset(s.name.text for s in declarations(tree, "let"))


def block_parameters(tree: Tree) -> dict[str, Parameters]:
    """Return the parameters of each block of a tree."""
    return {s.name.text: parameters(s) for s in declarations(tree, "block")}


def parameters(block: Declaration) -> dict[str, bool]:
    found = {}
    for argument in block.arguments or ():
        if argument.name is not None:
            found[argument.name.text] = True
        elif isinstance(argument.value, Reference):
            found[argument.value.name.text] = False
    return found


def declarations(tree: Tree, word: str) -> list[Declaration]:
    return [s for s in tree.statements if isinstance(s, Declaration) and s.word.text == word]
