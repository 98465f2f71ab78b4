"""What the numbers that a spec names are for, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nndsl.analysis.spec import LayerInstance, Spec
from nndsl.ir import Name
from nndsl.ir.symbols import number
from nndsl.languages import sentence
from nndsl.program.named_node import NamedNode
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.layer import Structure

WIDTH = 60  # of the uses of one constant
MAX_LAYERS = 3


def uses(spec: Spec, nodes: Iterable[NamedNode]) -> dict[str, str]:
    """Return what is said of each constant: "units of dense (W1, W2)".

    A constant is what it is used as only where it stands alone, or under another's name: of one in
    an expression, such as the k of `normal(10**-k)`, nothing is said.
    """
    found: dict[str, dict[str, dict[str, None]]] = {name: {} for name in spec.constants}
    layers: list[tuple[Builtin, list[str]]] = []
    for named in nodes:
        weights = [named.parameters[r] for r, p in named.node.parameters.items() if p.is_weight]
        layers.append((named.node.layer, weights[:1]))
    layers += [(one, []) for one in _structures(spec.network or ())]
    for layer, weights in layers:
        for name, use in _uses(layer):
            for reached in _reached(name, spec):
                found[reached].setdefault(use, {}).update(dict.fromkeys(weights))
    return {name: _together(listed) for name, listed in found.items()} | {
        name: sentence("{comment}", comment=said) for name, said in dict(spec.comments).items()
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


def _uses(builtin: Builtin) -> Iterator[tuple[str, str]]:
    """Yield each constant that is an argument of a word, and what that argument is."""
    for field, info in type(builtin).model_fields.items():
        value = getattr(builtin, field)
        if isinstance(value, Builtin):
            yield from _uses(value)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, int | float) and isinstance(named := number(each), Name):
                what = (info.description or field).partition(":")[0].partition(",")[0]
                what = what.removeprefix("number of ").removeprefix("the ")
                whole = " of " in what or what.startswith("how ")
                said = sentence(what)
                of = sentence("{what} of {word}", what=said, word=builtin.keyword())
                yield named.id, said if whole else of


def _reached(name: str, spec: Spec) -> Iterator[str]:
    """Yield a constant, and those whose value it is as they are."""
    if name in spec.constants:
        yield name
        if isinstance(inner := number(spec.constants[name]), Name):
            yield from _reached(inner.id, spec)
