"""What the numbers that a spec names are for, in words."""

from __future__ import annotations

from collections.abc import Iterator

from nndsl.analysis.graph import Graph
from nndsl.analysis.spec import Spec
from nndsl.ir import names_of
from nndsl.ir.symbols import number
from nndsl.vocabulary.builtin import Builtin

MAX_USES = 2


def uses(spec: Spec, graph: Graph) -> dict[str, str]:
    """Return what is said of each constant: where it is used, through other constants as well."""
    found: dict[str, dict[str, None]] = {name: {} for name in spec.constants}
    for node in graph.nodes:
        for name, use in _uses(node.layer):
            for reached in _reached(name, spec):
                found[reached][use] = None
    said = {name: ", ".join([*listed][:MAX_USES]) for name, listed in found.items()}
    return said | dict(spec.comments)


def _uses(builtin: Builtin) -> Iterator[tuple[str, str]]:
    for field, info in type(builtin).model_fields.items():
        value = getattr(builtin, field)
        if isinstance(value, Builtin):
            yield from _uses(value)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, int | float):
                for name in names_of(number(each)):
                    what = (info.description or field).partition(":")[0].partition(",")[0]
                    what = what.removeprefix("number of ").removeprefix("the ")
                    yield name, what if " of " in what else f"{what} of {builtin.keyword()}"


def _reached(name: str, spec: Spec) -> Iterator[str]:
    """Yield a constant, and those that it is made of."""
    if name in spec.constants:
        yield name
        for inner in names_of(number(spec.constants[name])):
            yield from _reached(inner, spec)
