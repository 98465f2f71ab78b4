"""What the numbers that a spec names are for, in words."""

from collections.abc import Iterable, Iterator, Mapping

from nndsl.analysis.spec import Spec
from nndsl.ir import Expression, Name, names_of
from nndsl.ir.symbols import number
from nndsl.languages import sentence
from nndsl.program.named_node import NamedNode
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.layer import LayerInstance, Structure

WIDTH = 60  # of the uses of one constant
MAX_LAYERS = 3


def uses(spec: Spec, nodes: Iterable[NamedNode]) -> dict[str, str]:
    """Return what is said of each constant: "units of dense (W1, W2)".

    What is made of a constant counts as a use of it, too: the k of `normal(10**-k)` is no standard
    deviation, and decides it.
    """
    found: dict[str, dict[str, dict[str, None]]] = {name: {} for name in spec.constants}
    layers: list[tuple[Builtin, list[str]]] = []
    for named in nodes:
        weights = [named.parameters[r] for r, p in named.node.parameters.items() if p.is_weight]
        layers.append((named.node.layer, weights[:1]))
    layers += [(one, []) for one in _structures(spec.network or ())]
    for layer, weights in layers:
        for value, use in _uses(layer):
            for reached, is_whole in _reached(value, spec):
                said = use if is_whole else _decides(use)
                found[reached].setdefault(said, {}).update(dict.fromkeys(weights))
    return {name: _together(listed) for name, listed in found.items()} | {
        name: sentence(said) for name, said in dict(spec.comments).items()
    }


def _together(listed: Mapping[str, Mapping[str, None]]) -> str:
    """Return the first use in words, and as many more as stand beside it."""
    said = [_said(use, [*weights]) for use, weights in listed.items()]
    together = said[0] if said else ""
    for use in said[1:]:
        more = sentence("{before}, {item}", before=together, item=use)
        if len(more) > WIDTH:
            break
        together = more
    return together


def _said(use: str, weights: list[str]) -> str:
    if not 0 < len(weights) <= MAX_LAYERS:
        return use
    return sentence("{use} ({weights})", use=use, weights=", ".join(weights))


def _structures(instances: Iterable[LayerInstance]) -> Iterator[Structure]:
    for one in instances:
        if isinstance(one.layer, Structure):
            yield one.layer
        yield from _structures(one.body)


def _decides(use: str) -> str:
    plain = use.startswith("how ")
    return sentence("decides {use}" if plain else "decides the {use}", use=use)


def _uses(builtin: Builtin) -> Iterator[tuple[Expression, str]]:
    """Yield each number that is an argument of a word, as it is made, and what it is."""
    for field, info in type(builtin).model_fields.items():
        value = getattr(builtin, field)
        if isinstance(value, Builtin):
            yield from _uses(value)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, int | float):
                what = (info.description or field).partition(":")[0].partition(",")[0]
                what = what.removeprefix("number of ").removeprefix("the ")
                whole = " of " in what or what.startswith("how ")
                said = sentence(what)
                of = sentence("{what} of {word}", what=said, word=builtin.keyword())
                yield number(each), said if whole else of


def _reached(value: Expression, spec: Spec) -> Iterator[tuple[str, bool]]:
    """Yield the constants that a value is made of, and whether each is the whole of it."""
    for name in names_of(value):
        if name in spec.constants:
            is_whole = value == Name(name)
            yield name, is_whole
            for inner, is_all in _reached(number(spec.constants[name]), spec):
                yield inner, is_whole and is_all
