"""Calls of one block in a row become a loop over stacked parameters.

    for i in range(4):
        R2, cache = transformer(R2, *(params[name][i] for name in TRANSFORMER_PARAMS))
        caches.append(cache)

What is computed, and in which order, stays the same. Calls that are not alike stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nndsl.analysis.repetition import Repetition
from nndsl.ir import (
    Assign,
    Expression,
    Literal,
    Name,
    Operation,
    Statement,
    assign,
    block,
    names_of,
    parse_text,
    reads,
    renamed,
    wrapped,
)
from nndsl.ir.printer import WIDTH, expression, on_lines
from nndsl.ir.symbols import number
from nndsl.program.loop_bodies import Order, in_own_names, joined, reordered
from nndsl.program.names import Names
from nndsl.program.program import Array, Function, Program
from nndsl.record import record


class NotAlike(Exception):
    """The copies are not called in a row, or not alike."""


def write_loops(program: Program, names: Names) -> Program:
    """Return a program in which the copies of each stack are a loop, in all functions."""
    arrays, written = program.arrays, _Written(set(), [], [])
    for repetition in program.graph.repetitions:
        try:
            program = _in_loops(program, _Stack(program, repetition, arrays), names, written)
        except NotAlike:
            continue
    if not written.predict:
        return program
    program = replace(program, predict=_finished(program.predict, written.predict))
    training = program.training
    if training is None:
        return program
    finished = _finished(training.learner, written.learn)
    return replace(program, training=training.with_learner(finished))


def _in_loops(program: Program, stack: _Stack, names: Names, written: _Written) -> Program:
    training = program.training
    predict = _Loops(stack, program.predict)
    learn = _Loops(stack, training.learner) if training is not None else None
    main = learn or predict
    learning = learn.orders if learn is not None else {}
    orders = predict.orders | learning
    orders = {name: order for name, order in orders.items() if name not in written.functions}
    written.functions.update(orders)
    constants, stacks = {}, {}
    for dictionary, arrays in (("params", stack.parameters), ("state", stack.states)):
        if arrays:
            named = names.fresh(f"{stack.name}_{dictionary}".upper())
            constants[dictionary], stacks[named] = named, tuple(array.name for array in arrays)
    given = _Given(
        names.fresh(main.output.removesuffix(stack.first)),
        names.fresh("caches"),
        names.fresh("stacked"),
        constants,
    )
    blocks = [reordered(function, orders) for function in program.blocks]
    inputs = {f.arguments[0] for f in blocks if f.name in {main.forward_name, predict.forward_name}}
    blocks = [in_own_names(f, orders, stack.first, inputs) for f in blocks]
    predicting = orders.keys() - learning.keys()
    program = replace(
        program,
        predict=reordered(predict.write(given), orders),
        blocks=tuple(joined(f) if f.name in predicting else f for f in blocks),
        stacks={**program.stacks, **stacks},
    )
    written.predict.append(predict)
    if learn is None or training is None:
        return program
    written.learn.append(learn)
    learner = reordered(learn.write(given), orders)
    return replace(program, training=training.with_learner(learner))


class _Stack:
    """The copies of a block whose parameters are stacked, and the names of these."""

    def __init__(
        self, program: Program, repetition: Repetition, arrays: Mapping[str, Array]
    ) -> None:
        roles = (
            program.array_names[node, role]
            for node in repetition.copies[0]
            for role in (*node.parameters, *node.layer.state)
            if (node, role) in program.array_names
        )
        own = [arrays[name] for name in roles]
        self.name, self.first = repetition.name, repetition.suffix(0)
        self.functions = {function.name for function in program.blocks}
        states = {array.name for array in program.states}
        self.states = [array for array in own if array.name in states]
        self.parameters = [array for array in own if array.name not in states]
        self.times = expression(number(repetition.times))
        self.count = len(repetition.copies)
        self.counts = {"N", *(count.target for count in program.counts)}
        self.parts = {name: copy for array in own for copy, name in enumerate(array.parts)}
        self.gradients = {f"d{name}": copy for name, copy in self.parts.items()}


@record
class _Written:
    """The loops of all stacks so far, and the functions that they call."""

    functions: set[str]
    predict: list[_Loops]
    learn: list[_Loops]


@record
class _Given:
    """Names in loops, and of the constants that say what is stacked, by their dictionaries."""

    carried: str
    caches: str
    stacked: str
    constants: Mapping[str, str]


@record
class _Call:
    place: int
    function: str
    arguments: tuple[str, ...]
    results: tuple[str, ...]


class _Loops:
    """A function that calls all copies one after the other, and what stands for these calls.

    NotAlike where it does not.
    """

    def __init__(self, stack: _Stack, function: Function) -> None:
        self._stack, self._function = stack, function
        self.parts = stack.parts.keys()
        self.stacked: dict[str, str] = {}  # what holds the gradients of a parameter
        self.changes: dict[str, str] = {}  # other names of what stands around the loops
        self.orders: dict[str, Order] = {}
        found: tuple[dict[int, _Call], dict[int, _Call]] = {}, {}
        for at, made in enumerate(function.statements):
            call = _call(at, made, stack.functions)
            if call is None:
                continue
            is_back = not stack.gradients.keys().isdisjoint(call.results)
            known, used = (
                (stack.gradients, call.results) if is_back else (stack.parts, call.arguments)
            )
            for copy in {known[name] for name in used if name in known}:
                if copy in found[is_back]:
                    raise NotAlike
                found[is_back][copy] = call
        forward, backward = map(self._in_a_row, found)
        if forward is None:
            raise NotAlike
        self._forward, self._backward = forward, backward
        self._begins, self._shared = self._order_forward(forward)
        if backward is not None:
            self._gives, self._shared_back = self._order_backward(backward)

    @property
    def forward_name(self) -> str:
        """The name of the function that is the forward pass of a copy."""
        return self._forward[0].function

    @property
    def output(self) -> str:
        """The name of what the first copy outputs."""
        return self._forward[0].results[0]

    def _in_a_row(self, found: Mapping[int, _Call]) -> list[_Call] | None:
        """Return calls by copy, None where there are none."""
        if not found:
            return None
        calls = [found[copy] for copy in sorted(found)]
        places = sorted(call.place for call in calls)
        if (
            len(calls) != self._stack.count
            or len({call.function for call in calls}) > 1
            or places != list(range(places[0], places[0] + len(places)))
        ):
            raise NotAlike
        return calls

    def _order_forward(self, calls: Sequence[_Call]) -> tuple[str, tuple[str, ...]]:
        """Note the order of arguments; return what goes in, and what all copies are given."""
        arrays = [*self._stack.parameters, *self._stack.states]
        columns = [*zip(*(call.arguments for call in calls), strict=True)]
        stacked = [columns.index(array.parts) for array in arrays if array.parts in columns]
        if len(stacked) != len(arrays):
            raise NotAlike
        carried, shared = self._given_on(columns, stacked, [call.results[0] for call in calls])
        results = tuple(range(len(calls[0].results)))
        self.orders[calls[0].function] = Order((carried, *shared, *stacked), results)
        return columns[carried][0], tuple(columns[at][0] for at in shared)

    def _order_backward(self, calls: Sequence[_Call]) -> tuple[str, tuple[str, ...]]:
        """Note the order of results; return what goes in, and what all copies are given.

        The last copy comes first.
        """
        calls = calls[::-1]
        rows = [*zip(*(call.results for call in calls), strict=True)]
        columns = [*zip(*(call.arguments for call in calls), strict=True)]
        caches = tuple(call.results[-1] for call in self._forward[::-1])
        gradients = [tuple(f"d{part}" for part in a.parts[::-1]) for a in self._stack.parameters]
        stacked = [rows.index(row) for row in gradients if row in rows]
        out = [at for at in range(len(rows)) if at not in stacked]
        if len(stacked) != len(gradients) or len(out) != 1 or caches not in columns:
            raise NotAlike
        cached = columns.index(caches)
        carried, shared = self._given_on(columns, [cached], rows[out[0]])
        self.orders[calls[0].function] = Order((carried, *shared, cached), (*out, *stacked))
        return columns[carried][0], tuple(columns[at][0] for at in shared)

    def _given_on(
        self, columns: Sequence[Sequence[str]], own: Sequence[int], outputs: Sequence[str]
    ) -> tuple[int, list[int]]:
        """Return which argument is the output of the call before, and which are equal in all.

        Each call has its `own` of the others. NotAlike where they are not of these three kinds.
        """
        rest = [at for at in range(len(columns)) if at not in own]
        if len(outputs) > 1:
            carried = [at for at in rest if [*columns[at][1:]] == [*outputs[:-1]]]
        else:
            carried = [at for at in rest if columns[at][0] not in self._stack.counts]
        shared = [at for at in rest if at not in carried]
        if len(carried) != 1 or any(len({*columns[at]}) > 1 for at in shared):
            raise NotAlike
        return carried[0], shared

    # --- What stands for the calls --------------------------------------------------------

    def write(self, given: _Given) -> Function:
        """Return the function with a loop, or two, in the place of the calls."""
        self.stacked = {array.name: given.stacked for array in self._stack.parameters}
        changes = self.changes = {self._forward[-1].results[0]: given.carried}
        loops = {min(call.place for call in self._forward): self._forward_loop(given)}
        if self._backward is not None:
            loops[min(c.place for c in self._backward)] = self._backward_loop(given, changes)
        gone = {call.place for call in (*self._forward, *(self._backward or ()))}
        kept: list[Statement] = []
        for at, made in enumerate(self._function.statements):
            if at in loops:
                kept += [replace(one, section=made.section) for one in loops[at]]
            elif at not in gone:
                kept.append(_renamed(made, changes))
        return replace(self._function, statements=tuple(kept))

    def _forward_loop(self, given: _Given) -> list[Statement]:
        carried, call = given.carried, self._forward[0]
        arrays = (f"*({d}[name][i] for name in {names})" for d, names in given.constants.items())
        target, keeps = carried, self._backward is not None
        if len(call.results) > 1:
            target += ", cache" if keeps else ", _"
        arguments = ", ".join([carried, *self._shared, *arrays])
        body = [_wrapped(f"{target} = {call.function}({arguments})")]
        body += parse_text(f"{given.caches}.append(cache)") * keeps
        return [
            *parse_text(f"{carried} = {self._begins}"),
            *parse_text(f"{given.caches} = []") * keeps,
            block(f"for i in range({self._stack.times}):", body),
        ]

    def _backward_loop(self, given: _Given, changes: dict[str, str]) -> list[Statement]:
        """Return the loop back; `changes` are the names that variables get besides."""
        assert self._backward is not None
        carried, function = f"d{given.carried}", self._backward[0].function
        stacked, names = given.stacked, given.constants["params"]
        arguments = ", ".join([carried, *self._shared_back, f"{given.caches}[i]"])
        body = [
            _wrapped(f"{carried}, *gradients = {function}({arguments})"),
            *parse_text(
                f"for name, gradient in zip({names}, gradients):\n    {stacked}[name][i] = gradient"
            ),
        ]
        begins = [*parse_text(f"{carried} = {self._gives}")]
        if self._gives == f"d{self._forward[-1].results[0]}":
            begins, changes[self._gives] = [], carried
        out = self._backward[0].results[self.orders[function].results[0]]
        changes[out] = carried
        ends: tuple[Statement, ...] = ()
        begun = f"d{self._begins}"
        bound = {name for made in self._function.statements for name in made.writes}
        last = max(call.place for call in self._backward)
        if begun not in bound - {out} and out in reads(self._function.statements[last + 1 :]):
            ends, changes[out] = parse_text(f"{begun} = {carried}"), begun
        return [
            *begins,
            *parse_text(f"{stacked} = {{name: np.empty_like(params[name]) for name in {names}}}"),
            block(f"for i in reversed(range({self._stack.times})):", body),
            *ends,
        ]


def _call(place: int, made: Statement, functions: set[str]) -> _Call | None:
    """Return a statement as a call of one of some functions, None where it is none."""
    match made.node:
        case Assign((target,), Operation(op, operands, ())) if op[:-2] in functions:
            arguments = tuple(o.id for o in operands if isinstance(o, Name))
            if len(arguments) == len(operands):
                return _Call(place, op[:-2], arguments, tuple(names_of(target)))
    return None


def _wrapped(code: str) -> Statement:
    """Return a call in a loop, on several lines where it is long."""
    (made,) = parse_text(code)
    match made.node:
        case Assign((target,), Operation() as call):
            is_long = len(f"{'':12}{code}") > WIDTH
            return assign(target, on_lines(call, WIDTH - 8) if is_long else call)
    raise TypeError("no call")


def _renamed(made: Statement, changes: Mapping[str, str]) -> Statement:
    is_named = not changes.keys().isdisjoint([*made.reads, *made.writes, *made.comment.names])
    return made.rename(changes) if is_named else made


def _finished(function: Function, loops: Sequence[_Loops]) -> Function:
    """Return a function with loops that unpacks and returns stacks, and no arrays of them."""
    parts = {part for one in loops for part in one.parts}
    returns = function.returns
    if returns is not None:
        returns = _with_stacked(returns, {k: v for one in loops for k, v in one.stacked.items()})
        for one in loops:
            returns = renamed(returns, one.changes)
    return replace(
        function, statements=tuple(_unpacking(function.statements, parts)), returns=returns
    )


def _with_stacked(returns: Expression, stacked: Mapping[str, str]) -> Expression:
    """Return a result with `**stacked` in the place of the gradients of some parameters."""
    match returns:
        case Operation("tuple", (*losses, Operation("dict", pairs))):
            entries = dict.fromkeys(
                Operation("**", (Name(stacked[key]),)) if (key := _key(pair)) in stacked else pair
                for pair in pairs
            )
            return Operation("tuple", (*losses, wrapped(Operation("dict", tuple(entries)))))
    return returns


def _key(pair: Expression) -> str:
    match pair:
        case Operation("pair", (Literal(str(key)), _)):
            return key
    return ""


def _unpacking(statements: Sequence[Statement], parts: set[str]) -> Iterator[Statement]:
    """Yield statements without those that unpack a stack, and name no array that is not read."""
    kept = [made for made in statements if not (made.writes and parts.issuperset(made.writes))]
    later = reads(kept)
    for made in kept:
        match made.node:
            case Assign(
                (Operation("tuple", names),), Operation(".values()", (Name("params" | "state"),))
            ):
                yield from _starred(made, names, [name in later for name in made.writes])
            case _:
                yield made


def _starred(
    made: Statement, names: Sequence[Expression], read: Sequence[bool]
) -> Iterator[Statement]:
    """Yield `a, *_, b = params.values()` where what is not read stands in a row."""
    if not any(read):
        return
    first, last = (
        read.index(False) if False in read else 0,
        len(read) - read[::-1].index(False) if False in read else 0,
    )
    if any(read[first:last]) or first == last:
        yield made
        return
    assert isinstance(made.node, Assign)
    star = Operation("*", (Name("_"),))
    targets = Operation("tuple", (*names[:first], star, *names[last:]))
    yield assign(wrapped(targets), made.node.value, like=made)
