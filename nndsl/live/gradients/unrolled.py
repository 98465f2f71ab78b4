"""A function of a script with its loops over copies of a block written out.

Each copy has variables of its own: what is carried through `R` is `R`, `R__1`, `R__2` … forward,
and `dR__2`, `dR__1`, `dR` back, so that `dR__1` is the gradient of `R__1`. A loop of another form
stays.
"""

from collections.abc import Iterator, Mapping, Sequence
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
    putting,
    rewritten,
    transformed,
)
from nndsl.live.gradients.calls import rounds


def unroll(function: Definition, defined: Mapping[str, Definition]) -> Definition:
    """Return a function without loops that call one of the `defined` functions, where it can."""
    return replace(function, body=tuple(_Unroller(function, defined).lines()))


class _Unroller:
    def __init__(self, function: Definition, defined: Mapping[str, Definition]) -> None:
        self._body = function.body
        self._defined = defined
        self._now: dict[str, str] = {}  # what stands for a name of the script, where it was carried
        self._lists: dict[str, list[str]] = {}
        self._tables: dict[str, str] = {}  # of gradients -> the constant that says of which
        self._starred: dict[str, list[str]] = {}  # the names of what a starred target takes
        self._carried: dict[str, int] = {}  # how often a name was bound before the loop
        self._times: dict[str, int] = {}
        calls = [inner.node for line in self._body for inner in _inside(line)]
        self._appended = {
            node.value.operands[0]
            for node in calls
            if isinstance(node, ExpressionStatement)
            and isinstance(node.value, Operation)
            and node.value.op == ".append()"
        }

    def lines(self) -> Iterator[Line]:
        for line in self._body:
            match line.node:
                case Assign((Name(name) as target,), Operation("list", ())) if (
                    target in self._appended
                ):
                    self._lists[name] = []
                case Assign(
                    (Name(table),),
                    Comprehension(
                        "{}",
                        Operation("pair", (Name(key), value)),
                        (Clause(Name(of), Name(names)),),
                    ),
                ) if key == of and self._texts(names):
                    self._tables[table] = names
                    for name in self._texts(names):
                        made = transformed(value, putting({key: quoted(name)}))
                        yield replace(line, node=Assign((Name(f"d{name}"),), made))
                case Block("for", value, Name(index), body, None) if (
                    value is not None
                    and (order := self._order(value)) is not None
                    and self._calls(body)
                ):
                    yield from self._loop(index, order, body)
                case node:
                    yield replace(line, node=self._renamed(node))

    def _renamed(self, node: Node) -> Node:
        """Return a statement with the names of now, and tables of gradients written out."""

        def rule(part: Expression) -> Expression:
            match part:
                case Name(name):
                    return Name(self._now.get(name, name))
                case Operation("dict", pairs):
                    entries: list[Expression] = []
                    for pair in pairs:
                        match pair:
                            case Operation("**", (Name(table),)) if table in self._tables:
                                entries += (
                                    Operation("pair", (quoted(name), Name(f"d{name}")))
                                    for name in self._texts(self._tables[table])
                                )
                            case _:
                                entries.append(pair)
                    return replace(part, operands=tuple(entries))
            return part

        return rewritten(node, rule)

    # --- Loops ------------------------------------------------------------------------------

    def _loop(self, index: str, order: range, body: Sequence[Line]) -> Iterator[Line]:
        is_back = order.step < 0
        for copy in order:
            for line in body:
                for node in self._in_copy(line.node, index, copy, is_back=is_back):
                    yield replace(line, node=node)

    def _in_copy(self, node: Node, index: str, copy: int, *, is_back: bool) -> Iterator[Node]:
        match node:
            case ExpressionStatement(Operation(".append()", (Name(into), Name(value)))) if (
                into in self._lists
            ):
                self._lists[into].append(self._now.get(value, value))
            case Assign((target,), Operation(op, operands, ()) as call) if self._is_function(op):
                given: list[Expression] = []
                for operand in operands:
                    for made in self._argument(operand, index, copy):
                        if isinstance(made, Assign):
                            yield made
                            made = made.targets[0]
                        given.append(made)
                targets = self._targets(target, op, copy, is_back=is_back)
                yield Assign((targets,), replace(call, operands=tuple(given), lines=()))
            case Block(
                "for",
                Operation("zip()", (Name(names), Name(values))),
                Operation("tuple", (Name(key), Name(each))),
                body,
                None,
            ) if values in self._starred and len(self._texts(names)) == len(self._starred[values]):
                for name, value in zip(self._texts(names), self._starred[values], strict=True):
                    put: dict[str, Expression] = {
                        key: quoted(name),
                        each: Name(value),
                        index: number_of(copy),
                    }
                    for line in body:
                        yield rewritten(rewritten(line.node, putting(put)), self._entry)
            case _:
                self._bind(bound_names(node), copy, is_back=is_back)
                yield self._renamed(rewritten(node, putting({index: number_of(copy)})))

    def _argument(
        self, operand: Expression, index: str, copy: int
    ) -> Iterator[Expression | Assign]:
        """Yield what an argument is: an assignment stands for the variable that it makes."""
        match operand:
            case Operation("*", (Comprehension("()", element, (Clause(Name(key), Name(names)),)),)):
                for name in self._texts(names):
                    value = transformed(
                        element, putting({key: quoted(name), index: number_of(copy)})
                    )
                    yield Assign((Name(f"{name}__{copy + 1}"),), value)
            case Operation("[]", (Name(of), Name(at))) if at == index and of in self._lists:
                yield Name(self._lists[of][copy])
            case Name(name):
                yield Name(self._now.get(name, name))
            case _:
                yield transformed(operand, putting({index: number_of(copy)}))

    def _targets(self, target: Expression, op: str, copy: int, *, is_back: bool) -> Expression:
        elements = target.operands if isinstance(target, Operation) else (target,)
        names: list[str] = []
        for element in elements:
            match element:
                case Operation("*", (Name(starred),)):
                    count = self._results(op) - len(elements) + 1
                    found = [f"{starred}_{at}__{copy + 1}" for at in range(count)]
                    tables = [self._texts(names) for names in self._tables.values()]
                    table = next((t for t in reversed(tables) if len(t) == count), None)
                    if table is not None:
                        found = [f"d{name}__{copy + 1}" for name in table]
                    self._starred[starred] = found
                    names += found
                case Name(name):
                    self._bind([name], copy, is_back=is_back)
                    names.append(self._now[name])
        return name_tuple(names) if isinstance(target, Operation) else Name(names[0])

    def _bind(self, names: Sequence[str] | frozenset[str], copy: int, *, is_back: bool) -> None:
        """Give names that are bound in a copy one for this copy."""
        for name in names:
            if is_back and name[:1] == "d" and name[1:] in self._carried:
                number = self._carried[name[1:]] + copy
                self._now[name] = f"{name}__{number}" if number else name
                continue
            number = self._times[name] = self._times.get(name, 0) + 1
            self._now[name] = f"{name}__{number}"
            if not is_back:
                self._carried.setdefault(name, number - 1)
                self._now[f"d{name}"] = f"d{name}__{number}"

    def _entry(self, part: Expression) -> Expression:
        """Return `dW` for `stacked["W"]`."""
        match part:
            case Operation("[]", (Name(table), Literal(str(name)))) if table in self._tables:
                return Name(f"d{name}")
        return part

    # --- What the script says ---------------------------------------------------------------

    def _texts(self, constant: str) -> tuple[str, ...]:
        """Return the texts of a constant; none where it is something else."""
        definition = self._defined.get(constant)
        if definition is None or definition.is_function:
            return ()
        match definition.body[0].node:
            case Assign(_, Operation("tuple" | "list", items)):
                return tuple(
                    i.value for i in items if isinstance(i, Literal) and type(i.value) is str
                )
        return ()

    def _order(self, value: Expression) -> range | None:
        """Return the numbers that a loop goes through."""
        match value:
            case Operation("reversed()", (inner,)):
                order = self._order(inner)
                return order[::-1] if order is not None else None
        return range(count) if (count := rounds(value, self._defined)) else None

    def _is_function(self, op: str) -> bool:
        return (
            op.endswith("()")
            and (found := self._defined.get(op[:-2])) is not None
            and (found.is_function)
        )

    def _calls(self, body: Sequence[Line]) -> bool:
        return any(
            isinstance(line.node, Assign)
            and isinstance(line.node.value, Operation)
            and self._is_function(line.node.value.op)
            for line in body
        )

    def _results(self, op: str) -> int:
        """Return how many results a function has."""
        match self._defined[op[:-2]].body[-1].node:
            case KeywordStatement("return", Operation("tuple", operands)):
                return len(operands)
        return 1


def _inside(line: Line) -> Iterator[Line]:
    yield line
    if isinstance(line.node, Block):
        for inner in line.node.body:
            yield from _inside(inner)
