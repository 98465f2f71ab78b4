"""What may stand behind the `=` of a line: by the braces around it, and by what is before it."""

from nndsl.analysis.slots import Slot, slots
from nndsl.analysis.toplevel import HOLD_LAYERS, OWN_KINDS
from nndsl.vocabulary import registry
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.range import Range
from nndsl.vocabulary.section import Section

TOP, NETWORK, FORMULAS, SECTION, OTHER = "top", "network", "formulas", "section", "other"
ANYTHING = Slot(kinds=tuple(registry.kinds()), number=True, boolean=True, text=True)
FORMULA = Slot(number=True, functions=True)
LAYER = Slot(kinds=(Layer.kind,), number=True)
DATA = Slot(kinds=(Data.kind,))


def body_of(word: str) -> str:
    """Return what stands between the braces behind a word of the top."""
    if word == NETWORK or word in HOLD_LAYERS:
        return NETWORK
    if word in OWN_KINDS:
        return FORMULAS
    return SECTION if registry.find(Section.kind, word) is not None else OTHER


def expected_at(body: str, section: str, name: str) -> Slot:
    """Return what the value of a line `name = …` may be, in such a body of that section.

    The braces within a section (`variant slow { … }`) vary settings of training, and `let`s.
    """
    if body == NETWORK:
        return LAYER
    if body == FORMULAS:
        return FORMULA
    if body == SECTION and name in (own := _settings(section)):
        return own[name]
    if name == Data.kind:
        return DATA
    if body == SECTION and section == "search":
        return Slot(kinds=(Range.kind,))
    return ANYTHING if body == TOP else _settings("train").get(name, ANYTHING)


def _settings(section: str) -> dict[str, Slot]:
    word = registry.find(Section.kind, section)
    return slots(word) if word is not None else {}
