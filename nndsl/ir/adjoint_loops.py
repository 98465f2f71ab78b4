"""Loops in reverse: what comes back to each step, from the last one to the first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nndsl.ir.adjoint_rules import Rules
from nndsl.ir.derivatives import NotDifferentiable
from nndsl.ir.forward_values import WHOLE
from nndsl.ir.loops import BEFORE, Loop, in_place, loop_of_terms
from nndsl.ir.rows import Dimensions
from nndsl.ir.statement import Statement, assign, statement
from nndsl.ir.symbols import number
from nndsl.ir.tree import (
    AugmentedAssign,
    Block,
    Comprehension,
    Expression,
    Line,
    Literal,
    Name,
    Operation,
    putting,
    transformed,
)
from nndsl.ir.values import Value, value_of
from nndsl.record import record

LAST = Operation("-", (number(1),))
BEHIND = "nothing comes from behind the last step"
STEPS = "summed over the steps"
EXAMPLES = "summed over the examples"


@dataclass(slots=True)
class Gradient:
    """What comes together of the gradient of a name: terms, and what belongs to some places."""

    terms: list[Expression] = field(default_factory=list)
    puts: list[tuple[tuple[Expression, ...], Expression]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


@record
class Step:
    """The backward pass of one step, and what the forward pass of it computes."""

    forward: tuple[Statement, ...]
    backward: tuple[Statement, ...]
    wanted: tuple[str, ...]


class LoopRules(Rules):
    """The rules of loops. `gradients` is what is known so far of the gradients of names."""

    gradients: dict[str, Gradient]

    def step_of(
        self, loop: Loop, wanted: Sequence[str], seeds: Mapping[str, Sequence[Expression]]
    ) -> Step:
        """Return the backward pass of one step of a loop, whose results have these gradients."""
        raise NotImplementedError

    def total_of(self, name: str) -> Expression | None:
        """Return the gradient of a name that is complete."""
        raise NotImplementedError

    # --- Arrays that a loop fills -------------------------------------------------------------

    def back_through(self, loop: Loop) -> None:
        """Hand the gradients of the arrays that a loop filled on to what it read."""
        seeds: dict[str, list[Expression]] = {}
        first: dict[str, Expression | None] = {}
        active = loop.active(self.active)
        for name in (name for name in loop.stored if name in active):
            whole, start = self._from_outside(loop, name)
            seeds[name] = [whole] if whole is not None else []
            if name in loop.carried:
                seeds[name].append(Name(f"d{name}_next"))
                self.known[f"d{name}_next"] = Value(self._shape_in(loop, name))
                self.factors[f"d{name}_next"] = None
                first[name] = start
            elif start is not None:
                raise NotDifferentiable("the last step is read, and no step reads another")
            self.gradients[name] = Gradient()  # all of it went into the loop
        step = self.step_of(loop, self._wanted(loop, active), seeds)
        steps = Operation("reversed()", (loop.iterable,)) if first else loop.iterable
        self._write(loop, step, steps, first, Name(loop.variable))

    def _from_outside(self, loop: Loop, name: str) -> tuple[Expression | None, Expression | None]:
        """Return what comes to a step's part of an array, and what to the last one alone."""
        found = self.gradients[name]
        place = loop.places[name]
        step = Name(loop.variable)
        if not found.terms and len(found.puts) == 1 and place.operands[1:] == (step,):
            match found.puts[0]:
                case (last,), part if last == LAST:
                    return None, part
                case (Operation("slice", (Literal(int(start)), Literal(None))),), part:
                    at = self.tidied(Operation("-", (step, number(start))))
                    return self._part(name, part, at), None
        total = self.total_of(name)
        if total is None:
            return None, None
        whole = self._by_name(total, f"d{name}s")
        return Operation("[]", (whole, *place.operands[1:])), None

    def _part(self, name: str, part: Expression, at: Expression) -> Expression:
        """Return the gradient of one step, of what comes back to all of them."""
        match part:
            case Operation(".transpose()", (inner, Literal(1), Literal(0), *_)):
                return Operation("[]", (self._by_name(inner, f"d{name}s"), WHOLE, at))
        return Operation("[]", (self._by_name(part, f"d{name}s"), at))

    def _by_name(self, value: Expression, wish: str) -> Name:
        if isinstance(value, Name):
            return value
        name = self.fresh(wish)
        self.known[name] = Value(self.shape(value))
        self.backward.append(assign(name, value))
        return Name(name)

    def _shape_in(self, loop: Loop, name: str) -> Dimensions:
        place = loop.places[name]
        around = {**self.known, **loop.known(self.known)}
        around[name] = self.known[name]
        found = value_of(place, around)
        if found is None:
            raise NotDifferentiable("the shape of a step is not known", place)
        return found.shape

    def _wanted(self, loop: Loop, active: set[str]) -> list[str]:
        """Return what a step reads and changes with: parts of arrays, arrays, the step before."""
        read = {name for step in loop.body for name in step.reads}
        written = {name for step in loop.body for name in step.writes}
        before = [f"{name}{BEFORE}" for name in loop.carried if name in active]
        whole = sorted(name for name in read & self.active if name not in {*loop.places, *written})
        return [*(p for p, array in loop.parts.items() if array in active), *before, *whole]

    # --- Sums and stacks of what a loop makes -------------------------------------------------

    def back_through_terms(self, node: Operation, d: Expression) -> None:
        """Hand the gradient of `sum(f(x) for …)`, or of `np.stack([f(x) for …])`, on to x."""
        terms = node.operands[0]
        assert isinstance(terms, Comprehension)
        loop = loop_of_terms(terms, self.fresh("term", "part"))
        (term,) = loop.body[0].writes
        binds: Expression = Name(loop.variable)
        steps = loop.iterable
        if node.op == "np.stack()":
            of_term = Name(self.fresh(f"d{term}"))
            shape = self.shape(node)
            axis = next((value for _, value in node.options), number(0))
            at = axis.value if isinstance(axis, Literal) and isinstance(axis.value, int) else 0
            rest = [n for n in range(len(shape)) if n != at]
            if at:
                d = Operation(".transpose()", (d, axis, *map(number, rest)))
            steps = Operation("zip()", (d, steps))
            binds = Operation("tuple", (of_term, binds))
            self.known[of_term.id] = Value(tuple(shape[n] for n in rest))
            d = of_term
        else:
            d = self._by_name(d, "share")  # of each term alike
        step = self.step_of(loop, self._wanted(loop, loop.active(self.active)), {term: [d]})
        self._write(loop, step, steps, {}, binds)

    # --- The loop itself ----------------------------------------------------------------------

    def _write(
        self,
        loop: Loop,
        step: Step,
        steps: Expression,
        first: Mapping[str, Expression | None],
        binds: Expression,
    ) -> None:
        places: dict[str, Expression] = dict(loop.places)
        arrays = loop.parts
        of_array = [arrays[name] for name in step.wanted if name in arrays]
        adds = {name for name in of_array if of_array.count(name) > 1 or not self._is_counted(loop)}
        sums = [name for name in step.wanted if name not in loop.places]
        body: list[Statement] = []
        for name in step.wanted:
            if name in arrays and arrays[name] not in adds:
                places[f"d{name}"] = Operation(
                    "[]", (Name(f"d{arrays[name]}"), *loop.places[name].operands[1:])
                )
        at_end: list[Statement] = []
        for name in first:
            old, new = f"d{name}_next", f"d{name}{BEFORE}"
            made = [line for line in step.backward if line.target == new]
            if not made:
                at_end.append(assign(old, number(0)))
                continue
            after = step.backward[step.backward.index(made[-1]) + 1 :]
            if any(old in line.reads for line in after):
                at_end.append(assign(old, Name(new)))
            else:
                places[new] = Name(old)
        for line in (*self._again(loop, step), *step.backward):
            body += self._in_loop(line, loop, places, sums, adds)
        body += at_end
        for array in dict.fromkeys([*of_array, *sums]):
            zeros = Operation("np.zeros_like()", (Name(array),))
            self.backward.append(assign(f"d{array}", zeros))
            self._note_made(array)
        for name, start in first.items():
            is_sum = self._is_added(step, f"d{name}_next")
            zero = number(0) if is_sum else Operation("np.zeros_like()", (self._one(loop, name),))
            made_first = assign(f"d{name}_next", start if start is not None else zero)
            why = BEHIND if start is None else ""
            self.backward.append(made_first.with_comment(why))
        lines = tuple(Line(line.node, line.comment) for line in body)
        self.backward.append(statement(Block("for", steps, binds, lines)))
        for array in dict.fromkeys([*of_array, *sums]):
            self.gradients.setdefault(array, Gradient()).terms.append(Name(f"d{array}"))
        self.tidying.forget()

    def _note_made(self, array: str) -> None:
        self.known[f"d{array}"] = self.known[array]
        self.factors[f"d{array}"] = None
        self.taken.add(f"d{array}".lower())

    def _one(self, loop: Loop, name: str) -> Expression:
        """Return the part of an array that the first step reads, which is like all others."""
        place = loop.places[name]
        return transformed(place, putting({loop.variable: number(0)}))

    def _is_counted(self, loop: Loop) -> bool:
        """Does each step read a place of its own, so that nothing has to be added up?"""
        indices = [loop.places[name].operands[1:] for name in loop.parts]
        match loop.iterable:
            case Operation("range()"):
                return all(sum(_is_step(at, loop.variable) for at in each) == 1 for each in indices)
        return False

    def _is_added(self, step: Step, name: str) -> bool:
        """Is a gradient from behind always a term of a sum, so that 0 stands for none?"""
        for line in step.backward:
            if name not in line.reads:
                continue
            terms = [line.value]
            while terms and isinstance(terms[0], Operation) and terms[0].op == "+":
                terms = [*terms[0].operands, *terms[1:]]
            if len(terms) < 2 or Name(name) not in terms:
                return False
        return True

    def _again(self, loop: Loop, step: Step) -> Iterable[Statement]:
        """Yield what a step computed and did not keep, where its backward pass reads it."""
        kept = {*loop.places, *step.wanted}
        wanted = {name for line in step.backward for name in line.reads} - kept
        made: list[Statement] = []
        for line in reversed(step.forward):
            if {*line.writes} & wanted:
                made.insert(0, line)
                wanted |= line.reads - kept
        return made

    def _in_loop(
        self,
        line: Statement,
        loop: Loop,
        places: Mapping[str, Expression],
        sums: Sequence[str],
        adds: set[str],
    ) -> list[Statement]:
        """Return a line with arrays in the places of names; to what steps share, it adds."""
        target, value, arrays = line.target, line.value, loop.parts
        leaf = target[1:] if target is not None else ""
        if value is not None and (leaf in sums or arrays.get(leaf) in adds):
            if isinstance(value, Operation) and value.op == "np.zeros_like()":
                return []
            whole: Expression = Name(f"d{arrays.get(leaf, leaf)}")
            if leaf in arrays:
                whole = Operation("[]", (whole, *loop.places[leaf].operands[1:]))
            line = statement(AugmentedAssign(whole, "+", value), line.comment)
            if line.comment.sentence in ("", EXAMPLES) and leaf not in arrays:
                line = line.with_comment(f"{EXAMPLES} and steps" if line.comment else STEPS)
        return [in_place(line, places)]


def _is_step(index: Expression, variable: str) -> bool:
    """Is an index the variable of a loop, or a fixed number of steps from it?"""
    match index:
        case Name(name) | Operation("+" | "-", (Name(name), Literal(int()))):
            return name == variable
    return False
