"""A script of functions as the statements of one: calls of the functions of blocks are inlined.

The first call keeps the names of the function, and what holds the gradient of `x` is still called
`dx`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nndsl.ir import Assign, Expression, Literal, Name, Operation, renamed
from nndsl.ir.parser import Definition
from nndsl.ir.statement import bound_names
from nndsl.ir.tree import Block, KeywordStatement, Line, parts
from nndsl.live.gradients.calls import Call, Several, Unclear, Value, Whole

NOTHING = "_"  # the target of a result that nobody reads


class WholeOfFunctions(Whole):
    """The steps of a function, and of the functions of blocks that it calls.

    A function has no loop around it, and one `return` at its end: ValueError where it has not.
    """

    def __init__(
        self, defined: Mapping[str, Definition], function: Definition, blocks: Sequence[str]
    ) -> None:
        super().__init__(defined, function.name)
        self.blocks = {name: (defined[name], returned_by(defined[name])) for name in blocks}
        # Other names that a function changes are those of the script.
        self.binds = {
            called.name: {name for line in called.body for name in bound_names(line.node)}
            for called in (function, *(defined[name] for name in blocks))
        }
        call = _Call(self, function, {})
        call.run()
        self.returned = renamed(returned_by(function), call.variables)


@dataclass
class _Call(Call):
    """A call of a function: `wanted` are the variables of what it returns."""

    whole: WholeOfFunctions
    wanted: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Add the steps of the function."""
        for line in self.function.body[:-1]:
            self.line = line
            match line.node:
                case Assign((target,), Operation() as call) if self._is_inlined(call, target):
                    self._inline(call, target)
                case Assign((Operation("tuple", targets),), Name(name)) if isinstance(
                    cache := self.names.get(name), Several
                ) and len(names_in(targets)) == len(targets) == len(cache.values):
                    self.names |= zip(names_in(targets), cache.values, strict=True)
                case _:
                    self._add()
        names = {(self.title, variable): name for name, variable in self.variables.items()}
        self.whole.names |= names

    @property
    def variables(self) -> dict[str, str]:
        """The variables of the whole, or numbers, for the names of the function."""
        return {
            name: value.id if isinstance(value, Name) else value.text
            for name, value in self.names.items()
            if isinstance(value, (Name, Literal))
        }

    def _add(self) -> None:
        written = self.written
        for name in written.reads:
            if isinstance(self.names.get(name), Several):
                raise Unclear(
                    f"`{self.title}` has to begin with `(…) = {name}`, with a name for each value "
                    "of it"
                )
        for name in written.writes:
            if name not in self.names and name in self.whole.binds[self.title]:
                self.names[name] = Name(self._fresh(name))
        self.add(written.rename(self.variables), written)

    def _is_inlined(self, call: Operation, target: Expression) -> bool:
        """Is it a call of a known function, between variables and numbers alone?"""
        if call.op[:-2] not in self.whole.blocks:
            return False
        function, result = self.whole.blocks[call.op[:-2]]
        targets, given = _elements(target), _given(function, call)
        values = (*call.operands, *(value for _, value in call.options))
        return (
            all(isinstance(element, Name) for element in targets)
            and all(isinstance(e, Name) or getattr(e, "op", "") == "tuple" for e in parts(result))
            and all(isinstance(value, Name | Literal) for value in values)
            and len(targets) == len(_elements(result))
            and len(values) == len(function.arguments)
            and given.keys() == {*function.arguments}
        )

    def _inline(self, call: Operation, target: Expression) -> None:
        """Add the steps of a call, and note what its targets mean then."""
        called, result = self.whole.blocks[call.op[:-2]]
        targets = names_in(_elements(target))
        both = zip(targets, _elements(result), strict=True)
        returned = [(name, element) for name, element in both if name != NOTHING]
        first = next((name for name, _ in returned), NOTHING)
        names = {name: self._meaning(value) for name, value in _given(called, call).items()}
        wanted: dict[str, str] = {}
        for name, element in returned:
            if isinstance(element, Name):
                known = self.names.get(name)
                wanted[element.id] = known.id if isinstance(known, Name) else self._fresh(name)
        calls = ((self.title, first), *self.calls)
        inner = _Call(self.whole, called, names, wanted=wanted, calls=calls)
        inner.run()
        self.names |= {name: inner._meaning(element) for name, element in returned}

    def _meaning(self, node: Expression) -> Value:
        match node:
            case Operation("tuple", elements):  # a cache: inlined, it is none
                return Several(tuple(map(self._meaning, elements)), self.names)
            case Name(name):
                return self.names.get(name, node)
        return node

    def _fresh(self, name: str) -> str:
        """Return a variable for a name that is bound: `d…` for the gradient of one."""
        if name in self.wanted:
            return self.wanted[name]
        scopes = [self.names, *(v.known for v in self.names.values() if isinstance(v, Several))]
        value = next((scope[name[1:]] for scope in scopes if name[1:] in scope), None)
        variable = f"d{value.id}" if name[0] == "d" and isinstance(value, Name) else name
        return self.whole.unique(variable, name)


def returned_by(function: Definition) -> Expression:
    """Return what a function returns. ValueError where that is not its last line, and once."""
    returns = [node for line in function.body for node in _returns(line)]
    if not returns or returns != [function.body[-1].node] or not (value := returns[0].value):
        raise ValueError(f"`{function.name}` has to end in its one `return`, with what it returns")
    return value


def _returns(line: Line) -> Iterator[KeywordStatement]:
    match line.node:
        case KeywordStatement("return"):
            yield line.node
        case Block(body=body, otherwise=otherwise):
            for inner in (*body, *([otherwise] if otherwise else ())):
                yield from _returns(inner)


def names_in(elements: Iterable[Expression]) -> list[str]:
    """Return those of some expressions that are names."""
    return [element.id for element in elements if isinstance(element, Name)]


def _elements(node: Expression) -> tuple[Expression, ...]:
    return node.operands if isinstance(node, Operation) and node.op == "tuple" else (node,)


def _given(function: Definition, call: Operation) -> dict[str, Expression]:
    """Return the arguments of a call by their names in the function."""
    return dict(zip(function.arguments, call.operands, strict=False)) | dict(call.options)
