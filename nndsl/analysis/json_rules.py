"""What the JSON form and the tree have in common: what strings and names mean, and where."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nndsl.analysis.slots import Slot, slots
from nndsl.syntax.ast import Declaration, Reference, Tree
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
NAME = re.compile(r"(?!(?:true|false)\Z)[A-Za-z_][A-Za-z0-9_]*")
RESERVED = ("kind", "layers")  # members of a call that are no arguments

Parameters = Mapping[str, bool]  # of a block: may the argument be left out?


def is_text(string: str, slot: Slot | None) -> bool:
    """Does a string that does not begin with `=` stand for a text here, or for a name?"""
    if slot is None or slot.unevaluated or not NAME.fullmatch(string):
        return True
    return slot.text and string not in slot.choices and find_word(string, slot) is None


def find_word(name: str, slot: Slot | None) -> type[Builtin] | None:
    """Return the word that a name means here, or None; without a slot it must have one meaning."""
    if slot is None or slot.unevaluated:
        kinds: Sequence[str] = registry.kinds_of(name)
        kinds = kinds if len(kinds) == 1 else ()
    else:
        kinds = slot.kinds
    words = (registry.find(kind, name) for kind in kinds)
    return next((word for word in words if word is not None), None)


def section_slots(name: str) -> dict[str, Slot]:
    """Return the slots of a section's settings."""
    return slots(registry.get(Section, name))


def declared(tree: Tree, word: str) -> dict[str, Declaration]:
    """Return the declarations of a word by their names."""
    found = (s for s in tree.statements if isinstance(s, Declaration) and s.word.text == word)
    return {declaration.name.text: declaration for declaration in found}


def parameters(block: Declaration) -> dict[str, bool]:
    found = {}
    for argument in block.arguments or ():
        if argument.name is not None:
            found[argument.name.text] = True
        elif isinstance(argument.value, Reference):
            found[argument.value.name.text] = False
    return found
