"""The sizes that have names in every network of sequences: T positions, V kinds, H units."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from nndsl.data import Description
from nndsl.ir import Expression, Name, Operation
from nndsl.ir.symbols import as_int, name_of, number, symbol, with_name, with_tree
from nndsl.languages import sentence
from nndsl.shapes import Shape, Tokens
from nndsl.vocabulary.builtin import W
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.layer import Layer, LayerInstance
from nndsl.vocabulary.positions import LayerOfPositions

UNITS = "units"
NAMES = {  # the letter, what stands for it where a `let` has that, and what it is
    "T": ("POSITIONS", "positions of an example"),
    "V": ("KINDS", "kinds of tokens"),
    "H": ("UNITS", "units of a recurrent layer: the length of its state"),
}


@dataclass(slots=True)
class SequenceSizes:
    """Gives names to the sizes of a network of sequences that no `let` names."""

    constants: dict[str, float]  # of the script, by name; more come in
    comments: dict[str, str] = field(default_factory=dict)

    def of_data(self, data: Data) -> Data:
        """Return data whose number of positions is T, where it takes that as an argument."""
        where = data.positions
        return _with(data, where, self._named("T", getattr(data, where))) if where else data

    def of_description(self, described: Description) -> Description:
        """Return what is known of data of tokens, with names for how many there are."""
        shape = described.shape
        if not isinstance(shape, Tokens):
            return described
        listed = [name for name, value in described.settings.items() if _counts(value, shape)]
        kinds = shape.vocab_size
        if listed and listed[0].upper() not in self.constants:
            kinds = as_int(with_tree(kinds, Operation("len()", (Name(listed[0].upper()),))))
        lengths = (self._named("T", shape[0]), *shape[1:])
        named = Tokens(lengths, self._named("V", kinds), shape.padding)
        classes = named.vocab_size if described.classes == kinds else described.classes
        return replace(described, shape=named, classes=classes)

    def of_network(
        self, network: Sequence[LayerInstance], described: Description
    ) -> tuple[LayerInstance, ...]:
        """Return a network in which the same names stand for the same sizes."""
        layers = list(network)
        every = [one.layer for one in _all(layers)]
        if not any(isinstance(layer, LayerOfPositions) for layer in every):
            return tuple(layers)
        several = sum(layer.declares_input for layer in every) > 1
        for at, (one, following) in enumerate(pairwise(layers)):
            first = next(_first(following))
            taken = not following.takes or one.gives in following.takes
            reader = first if taken and not first.declares_input else None
            of = one.gives.name if several and one.gives else ""
            layers[at] = replace(one, layer=self._declaring(one.layer, reader, of))
        units = next((getattr(layer, UNITS) for layer in every if _is_recurrent(layer)), None)
        if units is not None and type(units) is int:
            named = self._named("H", units)
            layers = [_with_units(one, named) for one in layers]
        if isinstance(described.shape, Tokens) and described.classes is not None:
            _name_outputs(layers, described.classes)
        made = {name: number(self.constants[name]) for name in self.comments}
        return tuple(_in_short(one, made) for one in layers)

    def _declaring(self, layer: Layer, following: Layer | None, of: str) -> Layer:
        """Return a layer whose arguments are the lengths of positions and features: `input`.

        `of` is its name where there are several.
        """
        lengths: Shape = getattr(layer, layer.variadic) if layer.variadic else ()
        takes = isinstance(following, LayerOfPositions) and len(lengths) == 2
        sees_tokens = following is not None and following.sees_tokens
        is_tokens = isinstance(layer.input_shape, Tokens) or sees_tokens
        if layer.variadic and (takes or (len(lengths) == 1 and is_tokens)):
            return _with(layer, layer.variadic, (self._named("T", lengths[0], of), *lengths[1:]))
        return layer

    def _named(self, letter: str, length: int, of: str = "") -> int:
        """Return a length with a name: its own, or the letter, or what else there is for it."""
        if name_of(length):
            return length
        other, comment = NAMES[letter]
        for name in (letter, other, f"N_{other}"):
            if name not in self.constants:
                said = sentence("positions of {value}", value=of) if of else comment
                self.constants[name], self.comments[name] = length, said
            elif of and number(self.constants[name]) == number(length):
                self.comments[name] += f" and {of}"
            if number(self.constants[name]) == number(length):
                return as_int(symbol(name, length))
        return length


def _with(builtin: W, field: str, value: object) -> W:
    return _updated(builtin, {field: value})


def _updated(builtin: W, fields: Mapping[str, object]) -> W:
    """Return a word with other values, where the spec gives the same fields."""
    made = builtin.model_copy(update=dict(fields))
    made.model_fields_set.intersection_update(builtin.model_fields_set)
    return made


def _counts(value: object, tokens: Tokens) -> bool:
    return isinstance(value, str | tuple) and len(value) == tokens.vocab_size


def _is_recurrent(layer: Layer) -> bool:
    return isinstance(layer, LayerOfPositions) and UNITS in type(layer).model_fields


def _all(layers: Sequence[LayerInstance]) -> Iterator[LayerInstance]:
    for one in layers:
        yield one
        yield from _all(one.body)


def _first(instance: LayerInstance) -> Iterator[Layer]:
    """Yield the layer that takes first what comes in: in structures, the first inside."""
    yield from _first(instance.body[0]) if instance.body else (instance.layer,)


def _with_units(instance: LayerInstance, units: int) -> LayerInstance:
    """Return a layer and what is in it, where those with so many units have them by name."""
    body, layer = tuple(_with_units(one, units) for one in instance.body), instance.layer
    if _is_recurrent(layer) and getattr(layer, UNITS) == units:
        layer = _with(layer, UNITS, units)
    return replace(instance, body=body, layer=layer)


def _in_short(instance: LayerInstance, made: Mapping[str, Expression]) -> LayerInstance:
    """Return a layer and what is in it, with names for what those are made of: `T * FEATURES`."""
    fields = {name: getattr(instance.layer, name) for name in type(instance.layer).model_fields}
    for name, tree in made.items():
        fields = {field: with_name(value, name, tree) for field, value in fields.items()}
    body = tuple(_in_short(one, made) for one in instance.body)
    return replace(instance, layer=_updated(instance.layer, fields), body=body)


def _name_outputs(layers: list[LayerInstance], kinds: int) -> None:
    """Give the outputs of the last layer with a size their name, where there is one for a kind."""
    for at in reversed(range(len(layers))):
        layer = layers[at].layer
        sizes = [f for f in type(layer).model_fields if type(getattr(layer, f)) is int]
        if sizes:
            if getattr(layer, sizes[0]) == kinds:
                layers[at] = replace(layers[at], layer=_with(layer, sizes[0], kinds))
            return
