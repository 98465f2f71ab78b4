"""The objects of a script: what they inherit, and what is known of all while steps are added."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from nndsl.ir import Assign, Expression, Name, Operation, renamed
from nndsl.ir.parser import Definition
from nndsl.ir.statement import bound_names
from nndsl.ir.tree import Line
from nndsl.live.gradients.calls import Several, Unclear, Value, Whole
from nndsl.vocabulary.layer import BACKWARD, FORWARD


class WholeOfObjects(Whole):
    """The steps of a function of a script that is made of objects.

    ValueError where it cannot be told what they do.
    """

    def __init__(self, defined: Mapping[str, Definition], function: str) -> None:
        super().__init__(defined, function)
        self.globals: dict[str, Value] = {}
        self.depth = 0  # of calls inside of calls
        self.gradients: dict[str, str] = {}  # of a value that went into an object: its gradient's

    def note_gradient(self, value: Value, gradient: Value) -> None:
        """Remember which variable is the gradient of one: of all that took it, added."""
        if isinstance(value, Name) and isinstance(gradient, Name):
            self.gradients.pop(value.id, None)
            self.gradients[value.id] = gradient.id

    def name_gradients(self) -> None:
        """Call the gradient of each value that an object took by its name."""
        used: set[str] = set()
        names: dict[str, str] = {}
        for value, gradient in self.gradients.items():
            wanted = f"d{value}"
            if gradient not in used and wanted not in self.taken:
                used.add(gradient)
                names[gradient] = wanted
        self.steps = [replace(step, statement=step.statement.rename(names)) for step in self.steps]
        self.returned = renamed(self.returned, names)
        self.names = {(f, names.get(v, v)): name for (f, v), name in self.names.items()}

    # --- Where classes have their methods and attributes: in themselves, or above -------------

    def is_class(self, name: str) -> bool:
        """Is it a class? One without methods has the name of its base."""
        known = self.defined.get(name)
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
        if of.base not in self.defined:
            raise Unclear(f"`{of.name}` has no class above it")
        return self.defined[of.base]

    def _lineage(self, of: Definition) -> Iterator[Definition]:
        """Yield a class and those above it."""
        known: list[str] = []
        each: Definition | None = of
        while each is not None:
            if each.name in known:
                raise Unclear(f"class `{each.name}` is made of a class of its own name")
            known.append(each.name)
            yield each
            each = self.defined.get(each.base)


def given_names(
    title: str, method: Definition, given: Sequence[Value], options: Mapping[str, Value]
) -> dict[str, Value]:
    """Return the values of a method's arguments."""
    if not method.arguments:
        raise Unclear(f"`{title}` takes no `self`")
    _, *arguments = method.arguments
    names: dict[str, Value] = dict(options)
    rest = ""
    if arguments and arguments[-1][0] == "*":
        rest = arguments.pop()[1:]
        names[rest] = Several(tuple(given[len(arguments) :]))
    names |= zip(arguments, given, strict=False)
    missing = [argument for argument in arguments if argument not in names]
    if missing or (len(given) > len(arguments) and not rest):
        wrong = f"is not given `{missing[0]}`" if missing else "is given more than it takes"
        raise Unclear(f"`{title}` {wrong}")
    return names


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


def may_be_object(node: Expression) -> bool:
    """Can it be an object: a name, an attribute, an element, a call of a class?"""
    match node:
        case Name(name):
            return name not in ("np", "math")
        case Operation("[]", (inner, _)):
            return may_be_object(inner)
        case Operation(op, (inner,)) if op[0] == "." and op[-1] != ")":
            return may_be_object(inner)
    return False
