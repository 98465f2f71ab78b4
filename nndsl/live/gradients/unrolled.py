"""A function of a script with its loops over copies of a block written out.

Each copy has variables of its own: what is carried through `R` is `R`, `R__1`, `R__2` … forward,
and `dR__2`, `dR__1`, `dR` back, so that `dR__1` is the gradient of `R__1`. A loop of another form
stays.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from nndsl.ir import (
    Assign,
    Expression,
    ExpressionStatement,
    Literal,
    Name,
    Operation,
    name_tuple,
    quoted,
)
from nndsl.ir.parser import Definition
from nndsl.ir.statement import bound_names
from nndsl.ir.symbols import number as number_of
from nndsl.ir.tree import (
    Block,
    Clause,
    Comprehension,
    KeywordStatement,
    Line,
    Node,
    expressions,
    parts,
    putting,
    rewritten,
    transformed,
)
from nndsl.live.gradients.calls import Entries, Several, Unclear, Value, plain, rounds, texts


def unroll(function: Definition, defined: Mapping[str, Definition]) -> Definition:
    """Return a function without loops that call one of the `defined` functions, where it can."""
    return replace(function, body=tuple(_Unroller(function, defined).lines()))


class _Unroller:
    def __init__(self, function: Definition, defined: Mapping[str, Definition]) -> None:
        self._body = function.body
        self._defined = defined
        # What stands for a name of the script: another name, a list, or a table of gradients.
        self._names: dict[str, Value] = {}
        self._starred: dict[str, list[str]] = {}  # the names of what a starred target takes
        self._carried: dict[str, int] = {}  # how often a name was bound before the loop
        self._times: dict[str, int] = {}
        self._index, self._copy, self._is_back = "", 0, False  # of the loop that is written out
        read = (part for line in self._body for e in expressions(line.node) for part in parts(e))
        self._appended = {
            part.operands[0]
            for part in read
            if isinstance(part, Operation) and part.op == ".append()"
        }

    def lines(self) -> Iterator[Line]:
        for line in self._body:
            match line.node:
                case Assign((Name(name) as target,), Operation("list", ())) if (
                    target in self._appended
                ):
                    self._names[name] = Several(())
                case Assign(
                    (Name(table),),
                    Comprehension(
                        "{}", Operation("pair", (Name(key), value)), (Clause(Name(of), names),)
                    ),
                ) if key == of and (known := self._texts(names)):
                    self._names[table] = Entries({name: Name(f"d{name}") for name in known})
                    for name in known:
                        made = transformed(value, putting({key: quoted(name)}))
                        yield replace(line, node=Assign((Name(f"d{name}"),), made))
                case Block("for", value, Name(index), body, None) if (
                    value is not None
                    and (order := self._order(value)) is not None
                    and any(self._calls(inner.node) for inner in body)
                ):
                    self._index, self._is_back = index, order.step < 0
                    for self._copy in order:
                        for inner in body:
                            for node in self._in_copy(inner.node):
                                yield replace(inner, node=node)
                case node:
                    yield replace(line, node=rewritten(node, self._put))

    def _put(self, part: Expression) -> Expression:
        """Return what a name is now; of a table of gradients, `stacked["W"]`, it is `dW`."""
        match part:
            case Name(name):
                known = self._names.get(name)
                return known if isinstance(known, Name) else part
            case Operation("[]", (Name(table), Literal(str(name)))) if isinstance(
                self._names.get(table), Entries
            ):
                return Name(f"d{name}")
            case Operation("dict", pairs):
                return replace(part, operands=tuple(e for p in pairs for e in self._entries(p)))
        return part

    def _entries(self, pair: Expression) -> list[Expression]:
        match pair:
            case Operation("**", (Name(table),)) if isinstance(
                known := self._names.get(table), Entries
            ):
                return [
                    Operation("pair", (quoted(name), Name(f"d{name}"))) for name in known.values
                ]
        return [pair]

    # --- Loops ------------------------------------------------------------------------------

    def _in_copy(self, node: Node) -> Iterator[Node]:
        """Yield what a statement of the loop is in the copy that is written out."""
        match node:
            case ExpressionStatement(Operation(".append()", (Name(into), Name() as item))) if (
                isinstance(before := self._names.get(into), Several)
            ):
                self._names[into] = Several((*before.values, self._put(item)))
            case Assign((target,), Operation(op, operands, ()) as call) if self._calls(node):
                given: list[Expression] = []
                for operand in operands:
                    yield from self._give(operand, given)
                targets = self._targets(target, op)
                yield Assign((targets,), replace(call, operands=tuple(given), lines=()))
            case Block(
                "for",
                Operation("zip()", (names, Name(values))),
                Operation("tuple", (Name(key), Name(each))),
                body,
                None,
            ) if values in self._starred and len(self._texts(names)) == len(self._starred[values]):
                for name, value in zip(self._texts(names), self._starred[values], strict=True):
                    put = self._here({key: quoted(name), each: Name(value)})
                    for line in body:
                        yield rewritten(rewritten(line.node, putting(put)), self._put)
            case _:
                for bound in bound_names(node):
                    self._bind(bound)
                yield rewritten(rewritten(node, putting(self._here())), self._put)

    def _here(self, put: Mapping[str, Expression] | None = None) -> dict[str, Expression]:
        """Return what stands for names in this copy: the number for the index of the loop."""
        return {**(put or {}), self._index: number_of(self._copy)}

    def _give(self, operand: Expression, given: list[Expression]) -> Iterator[Assign]:
        """Add what an argument is to those that are given; yield the variables made for it."""
        match operand:
            case Operation("*", (Comprehension("()", element, (Clause(Name(key), names),)),)):
                for name in self._texts(names):
                    value = transformed(element, putting(self._here({key: quoted(name)})))
                    given.append(Name(f"{name}__{self._copy + 1}"))
                    yield Assign((given[-1],), value)
            case Operation("[]", (Name(of), Name(self._index))) if isinstance(
                known := self._names.get(of), Several
            ):
                if self._copy >= len(known.values):  # it is made in another way than by appending
                    raise Unclear("it is not clear what a list holds")
                given.append(plain(known.values[self._copy]))
            case Name():
                given.append(self._put(operand))
            case _:
                given.append(transformed(operand, putting(self._here())))

    def _targets(self, target: Expression, op: str) -> Expression:
        elements = target.operands if isinstance(target, Operation) else (target,)
        names: list[str] = []
        for element in elements:
            match element:
                case Operation("*", (Name(starred),)):
                    count = self._results(op) - len(elements) + 1
                    found = [f"{starred}_{at}" for at in range(count)]
                    for table in self._names.values():
                        if isinstance(table, Entries) and len(table.values) == count:
                            found = [f"d{name}" for name in table.values]
                    self._starred[starred] = [f"{name}__{self._copy + 1}" for name in found]
                    names += self._starred[starred]
                case Name(name):
                    names.append(self._bind(name))
        return name_tuple(names) if isinstance(target, Operation) else Name(names[0])

    def _bind(self, name: str) -> str:
        """Give a name that is bound in a copy one for this copy."""
        if self._is_back and name[:1] == "d" and name[1:] in self._carried:
            number = self._carried[name[1:]] + self._copy
            fresh = f"{name}__{number}" if number else name
        else:
            number = self._times[name] = self._times.get(name, 0) + 1
            fresh = f"{name}__{number}"
            if not self._is_back:
                self._carried.setdefault(name, number - 1)
                self._names[f"d{name}"] = Name(f"d{fresh}")
        self._names[name] = Name(fresh)
        return fresh

    # --- What the script says ---------------------------------------------------------------

    def _texts(self, constant: Expression) -> list[str]:
        return texts(constant, self._defined, "tuple", "list")

    def _order(self, value: Expression) -> range | None:
        """Return the numbers that a loop goes through."""
        match value:
            case Operation("reversed()", (inner,)):
                order = self._order(inner)
                return order[::-1] if order is not None else None
        return range(count) if (count := rounds(value, self._defined)) else None

    def _calls(self, node: Node) -> bool:
        """Does it assign what a function of the script returns?"""
        match node:
            case Assign(_, Operation(op)) if op.endswith("()"):
                return (found := self._defined.get(op[:-2])) is not None and found.is_function
        return False

    def _results(self, op: str) -> int:
        """Return how many results a function has."""
        match self._defined[op[:-2]].body[-1].node:
            case KeywordStatement("return", Operation("tuple", operands)):
                return len(operands)
        return 1
