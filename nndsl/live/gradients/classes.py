"""The classes of a script: what their objects inherit, and what each `backward` can know."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from nndsl.ir import Assign, Expression, Name
from nndsl.ir.parser import Definition
from nndsl.ir.statement import bound_names
from nndsl.ir.tree import Line
from nndsl.live.gradients.calls import Unclear
from nndsl.vocabulary.layer import BACKWARD, FORWARD


class Classes:
    """Where the classes of a script have their methods and attributes: in themselves, or above."""

    def __init__(self, defined: Mapping[str, Definition]) -> None:
        self._defined = defined

    def __contains__(self, name: str) -> bool:
        """Is it a class? One without methods has the name of its base."""
        known = self._defined.get(name)
        return known is not None and bool(known.methods or known.base)

    def method(self, of: Definition, name: str) -> tuple[Definition, Definition] | None:
        """Return a method of a class, behind the class that has it."""
        found = ((each, m) for each in self._lineage(of) for m in each.methods if m.name == name)
        return next(found, None)

    def attribute(self, of: Definition, name: str) -> tuple[Definition, Line, Expression] | None:
        """Return the class that assigns something to a name, on which line, and what it is."""
        for each in self._lineage(of):
            for line in each.body:
                match line.node:
                    case Assign((Name(known),), value) if known == name:
                        return each, line, value
        return None

    def above(self, of: Definition) -> Definition:
        """Return the class that a class extends."""
        if of.base not in self._defined:
            raise Unclear(f"`{of.name}` has no class above it")
        return self._defined[of.base]

    def _lineage(self, of: Definition) -> Iterator[Definition]:
        """Yield a class and those above it."""
        known: list[str] = []
        each: Definition | None = of
        while each is not None:
            if each.name in known:
                raise Unclear(f"class `{each.name}` is made of a class of its own name")
            known.append(each.name)
            yield each
            each = self._defined.get(each.base)


def values_within(
    defined: Iterable[Definition], inputs: Collection[str]
) -> dict[str, Collection[str]]:
    """Return what each `backward` calls the values of the network.

    A class takes them in `forward`; that of the network takes `inputs`, and makes the others.
    """
    known: dict[str, Collection[str]] = {}
    for of in defined:
        for method in of.methods:
            if method.name == FORWARD:
                made = method.body if {*method.arguments} >= {*inputs} else ()
                names = [name for line in made for name in bound_names(line.node)]
                known[f"{of.name}.{BACKWARD}"] = {*method.arguments, *names}
    return known
