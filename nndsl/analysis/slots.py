"""What each field of a word accepts, read off its type."""

import types
import typing
from functools import cache
from typing import Annotated, Any, Literal, Union

from nndsl.languages import sentence
from nndsl.record import record
from nndsl.vocabulary.builtin import AsWritten, BareName, Builtin, NamesLayer


@record
class Slot:
    """What may stand in a place: words of these kinds, these names, a text, a name, several."""

    kinds: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    text: bool = False
    name: bool = False
    layer: bool = False  # the name is that of a layer
    number: bool = False
    whole: bool = False  # the only numbers it takes are whole
    boolean: bool = False
    several: bool = False
    unevaluated: bool = False  # it takes any value, and leaves it in the tree
    functions: bool = False  # it is a formula: a name that is called is first one of its functions

    @property
    def wanted(self) -> str:
        """In words of the language: "a number", "a list of values, each a metric"."""
        return self.in_words()

    @property
    def one(self) -> str:
        """One of the values: "a number", "an optimizer", "`same` or `valid`"."""
        return self._one("`")

    def in_words(self, quote: str = "`") -> str:
        """Return what is wanted, with such a mark around the names to choose from."""
        one = self._one(quote)
        return sentence("a list of values, each {one}", one=one) if self.several else one

    def _one(self, quote: str) -> str:
        forms = [describe_kind(kind) for kind in self.kinds]
        forms += ["a whole number" if self.whole else "a number"] * self.number
        names = ["true", "false"] * self.boolean
        texts = ["a text in double quotes"] * self.text
        texts += ["the name of a layer" if self.layer else "a name"] * self.name
        one, *others = [
            *map(sentence, forms),
            *(f"{quote}{name}{quote}" for name in names),
            *map(sentence, texts),
            *(f"{quote}{choice}{quote}" for choice in self.choices),
        ] or [sentence("a value")]
        for other in others:
            one = sentence("{one} or {other}", one=one, other=other)
        return one


NUMBER = Slot(number=True)


@cache
def slots(word: type[Builtin]) -> dict[str, Slot]:
    """Return a slot for each field of a word, in their order."""
    return {
        name: _slot([field.annotation, *field.metadata])
        for name, field in word.model_fields.items()
    }


def describe_kind(kind: str) -> str:
    """`optimizers` -> "an optimizer"; `clips` -> "a clip"."""
    singular = singular_of(kind)
    return f"{'an' if singular[0] in 'aeiou' else 'a'} {singular}"


def singular_of(kind: str) -> str:
    """`losses` -> "loss"."""
    if kind.endswith("sses"):
        return kind[:-2]
    return "source of data" if kind == "data" else kind.removesuffix("s")


def _slot(annotations: list[Any]) -> Slot:
    kinds: list[str] = []
    choices: list[str] = []
    forms: set[str] = set()
    queue = list(annotations)
    while queue:
        annotation = queue.pop(0)
        origin = typing.get_origin(annotation)
        if origin is Literal:
            choices += typing.get_args(annotation)
        elif origin in (Union, types.UnionType, Annotated):
            queue[:0] = typing.get_args(annotation)
        elif origin in (tuple, list):
            forms.add("several")
            queue[:0] = [part for part in typing.get_args(annotation) if part is not Ellipsis]
        elif isinstance(annotation, BareName):
            forms.add("name")
            forms |= {"layer"} if isinstance(annotation, NamesLayer) else set()
        elif isinstance(annotation, AsWritten):
            forms.add("unevaluated")
        elif isinstance(annotation, type):
            if issubclass(annotation, Builtin):
                kinds.append(annotation.kind)
            else:
                forms.add(annotation.__name__)
    name = "name" in forms
    return Slot(
        kinds=tuple(kinds),
        choices=tuple(choices),
        text="str" in forms and not name,
        name=name,
        layer="layer" in forms,
        number=bool(forms & {"int", "float"}),
        whole="int" in forms and "float" not in forms,
        boolean="bool" in forms,
        several="several" in forms,
        unevaluated="unevaluated" in forms,
    )
