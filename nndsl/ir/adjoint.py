"""The backward pass of statements, derived: reverse mode over trees, one rule an operation.

The result is meant to be read: it uses again what the forward pass computed, names what is used
twice, and says one step of the mathematics a line.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from nndsl.ir.adjoint_loops import EXAMPLES, Gradient, LoopRules, Step
from nndsl.ir.adjoint_rules import OF_ZERO, REASONS, leaves_out, on_sides, picks_once
from nndsl.ir.algebra import simplified, written
from nndsl.ir.derivatives import NotDifferentiable, differentiate
from nndsl.ir.forward_values import MAX_STEPS, NEW, WHOLE, picks
from nndsl.ir.loops import Loop
from nndsl.ir.statement import Statement, assign, renamed, statement
from nndsl.ir.symbols import number
from nndsl.ir.tidy import is_negative, operations
from nndsl.ir.tree import (
    Assign,
    AugmentedAssign,
    Comprehension,
    Expression,
    ExpressionStatement,
    Literal,
    Name,
    Operation,
    expressions,
    names_of,
    parts,
    putting,
    transformed,
)
from nndsl.ir.values import Value, value_of
from nndsl.languages import sentence
from nndsl.record import record

MET = "met every example"
SEVERAL = "in the forward pass"
BACK = "back to where it was taken from"
MAX_SHORTENED = 40  # lines of a backward pass, and operations of a line, that are made shorter
MAX_PUT_IN = 6  # gradients that are put into one line one after the other
SUMS = (".sum()", ".mean()", ".max()", ".min()")
LONG = 6  # operations of a gradient that gets a line of its own wherever it is used


@record
class Passes:
    """A forward pass that names what its backward pass reads, and that backward pass."""

    forward: tuple[Statement, ...]
    backward: tuple[Statement, ...]


def derive(
    forward: Sequence[Statement],
    wanted: Sequence[str],
    known: Mapping[str, Value],
    output: str = "y",
) -> Passes:
    """Return a forward pass, and the statements that make `dW` for each wanted name `W`.

    `forward` gives each name once, the last to the output, whose gradient is `dy`, or 1 where it
    is a number. `known` says the shapes of what it reads. NotDifferentiable where a rule is
    lacking.
    """
    return _Derivation(forward, wanted, known, output).passes()


class _Derivation(LoopRules):
    def __init__(
        self,
        forward: Sequence[Statement],
        wanted: Sequence[str],
        known: Mapping[str, Value],
        output: str,
    ) -> None:
        super().__init__(forward, wanted, known)
        self.wanted, self.output = wanted, output
        self.outside: set[str] = {f"d{output}"}  # gradients that come from there
        self.gradients = {name: Gradient() for name in self.active}

    def step_of(
        self, loop: Loop, wanted: Sequence[str], seeds: Mapping[str, Sequence[Expression]]
    ) -> Step:
        known = loop.known(self.known)
        inner = _Derivation(loop.body, wanted, known, "")
        inner.taken |= self.taken
        inner.factors |= self.factors
        inner.outside |= self.factors.keys()
        for name, terms in seeds.items():
            inner.gradients.setdefault(name, Gradient()).terms += terms
        made = inner.passes()
        return Step(made.forward, made.backward, tuple(wanted))

    def total_of(self, name: str) -> Expression | None:
        return self._total(name, Name(name))

    def passes(self) -> Passes:
        readers = [set(names_of(value)) for _, value, _ in self.steps]
        first = {
            leaf: next((at for at, names in enumerate(readers) if leaf in names), 0)
            for leaf in self.wanted
        }
        if self.output:
            self.known[f"d{self.output}"] = self.known[self.output]
            self.factors[f"d{self.output}"] = None
            self.gradients.setdefault(self.output, Gradient()).terms.append(self._seed())
        for at in reversed(range(len(self.steps))):
            self.at = at
            name, value, _ = self.steps[at]
            if name in self.loops:
                self.back_through(self.loops[name])
            elif name in self.parts_of:
                self._put_together(self.parts_of[name], value)
            elif name in self.active and not self._passes_puts_on(name, value):
                d = self._total(name, value)
                if d is not None:
                    self._spread(value, d)
            for leaf in self.wanted:
                if first[leaf] == at:
                    self._finish(leaf)
        self._shorten()
        for _ in self.wanted:
            self._put_in_place()
        if self.output and self.known[self.output].shape == ():
            self._say_what_it_is_a_mean_of()
        self._name_sums()
        return Passes(self.forward(), tuple(self.backward))

    def _say_what_it_is_a_mean_of(self) -> None:
        value = self.steps[-1][1]
        if isinstance(value, Operation) and value.op == ".mean()" and self.backward:
            of_examples = len(self.shape(value.operands[0])) == 1
            over = "the batch" if of_examples else "all elements"
            last = self.backward[-1]
            reason = f"the {self.output} is a mean over {over}"
            self.backward[-1] = last if last.comment else last.with_comment(reason)

    def _shorten(self) -> None:
        """Put gradients where they are read, wherever the whole becomes shorter by it.

        Terms that cancel out are met there, and what adds up to 0.
        """
        if len(self.backward) > MAX_SHORTENED:
            return
        ends = {f"d{leaf}" for leaf in self.wanted}
        for step in reversed(self.backward):
            if step not in self.backward:
                continue
            found = best = self.backward
            read = step.target
            for _ in range(MAX_PUT_IN):
                made = self._with_one_put_in(found, read, ends)
                if made is None:
                    break
                found = made
                if _effort(found) < _effort(best):
                    best = found
            self.backward = [_without_what_is_gone(step) for step in best]

    def _put_in_place(self) -> None:
        """Change a gradient itself where nothing reads it any more, instead of a copy of it."""
        ends = {f"d{leaf}" for leaf in self.wanted}
        for at, step in enumerate(self.backward):
            match step.value:
                case Operation(".copy()", (Name(name),)) if name in self.factors:
                    pass
                case _:
                    continue
            readers = [later for later in self.backward[at + 1 :] if name in later.reads]
            is_last = readers in ([], self.backward[at + 1 : at + 2])
            if step.target is not None and is_last and name not in ends | self.outside:
                rest = [*self.backward[:at], *self.backward[at + 1 :]]
                self.backward = [s.rename({name: step.target}) for s in rest]
                break

    def _name_sums(self) -> None:
        """Let sums in long lines have lines of their own."""
        made: list[Statement] = []
        for step in self.backward:
            value = step.value
            found: dict[Expression, Expression] = {}
            for part in parts(value) if value is not None and operations(value) > LONG else ():
                if isinstance(part, Operation) and part.op in SUMS and part != value:
                    name = Name(self.fresh(*_names_of_sum(part)))
                    self.known[name.id] = Value(self.shape(part))
                    made.append(assign(name.id, part))
                    found[part] = name
            made.append(step.rewrite(partial(_in_place, found)) if found else step)
        self.backward = made

    def _with_one_put_in(
        self, steps: list[Statement], target: str | None, ends: set[str]
    ) -> list[Statement] | None:
        """Return statements in which one reads the formula of the last gradient that it reads."""
        at = next((n for n, step in enumerate(steps) if step.target == target), None)
        if target is None or at is None or steps[at].value is None:
            return None
        value = steps[at].value
        assert value is not None
        changed = {name for step in steps if step.target is None for name in step.writes}
        if target in changed:
            return None
        names = set(names_of(value))
        for before in reversed(steps[:at]):
            name, inner = before.target, before.value
            if name is None or inner is None or name not in names - changed - ends:
                continue
            put = self._as_float(self.tidied(transformed(value, putting({name: inner}))))
            if operations(put) > MAX_SHORTENED:
                return None
            made = [*steps[:at], steps[at].with_node(assign(target, put).node), *steps[at + 1 :]]
            is_read = any(name in step.reads for step in made)
            return made if is_read else [step for step in made if step is not before]
        return None

    def _seed(self) -> Expression:
        is_number = self.known[self.output].shape == ()
        return number(1) if is_number else Name(f"d{self.output}")

    def _put_together(self, names: Sequence[str], value: Expression) -> None:
        """Hand the gradients of `a, b = value` on, side by side as the parts were."""
        found = [self._total(name, Name(name)) for name in names]
        if found.count(None) == len(found):
            return
        zeros = [Operation("np.zeros_like()", (Name(name),)) for name in names]
        made = [
            zero if d is None else self._by_its_name(name, self.whole(d, Name(name)))
            for name, d, zero in zip(names, found, zeros, strict=True)
        ]
        together = Operation("list", tuple(made))
        match value:
            case Operation("np.split()", (inner, _), options):
                self._spread(inner, Operation("np.concatenate()", (together,), options))
            case _:
                self._spread(value, Operation("np.stack()", (together,)))

    def _by_its_name(self, name: str, d: Expression) -> Expression:
        return d if isinstance(d, Name) else self._assign(f"d{name}", d, Gradient([d]), d)

    def _passes_puts_on(self, name: str, value: Expression) -> bool:
        """Hand on what belongs to one place of each row, without an array of zeros for the others.

        Of log_softmax(x)[rows, t] the slope is 1 there, and what comes back to the row is spread by
        its softmax; of softmax(x)[rows, t] it is that number.
        """
        found = self.gradients[name]
        match value:
            case Operation("log_softmax()", (Name(inner),)) if found.puts:
                total = self._summed(found.terms)
            case Operation("softmax()", (Name(inner),)) if found.puts and not found.terms:
                total = None
            case _:
                return False
        if len(self.shape(value)) != 2 or inner not in self.active:
            return False
        if (total is not None and self.shape(total)) or len(found.puts) != 1:
            return False
        ((indices, part),) = found.puts
        if len(indices) != 2 or not picks_once(indices, self.known):
            return False
        slope: Expression = Operation("np.exp()", (Name(name),))
        if value.op == "softmax()":
            slope, picked = Name(name), Operation("[]", (Name(name), *indices))
            part = self.tidied(Operation("*", (part, self.value(picked))))
            part = self.named_gradient(picked, part) if operations(part) > 2 else part
        rows = Operation("[]", (part, WHOLE, NEW)) if self.shape(part) else part
        if total is not None:
            rows = Operation("+", (rows, Operation("*", (total, self.length(value, 1)))))
            self.gradients[inner].terms.append(total)
        spread = Operation("*", (slope, self.tidied(rows)))
        self.gradients[inner].terms.append(self.tidied(Operation("-", (spread,))))
        self.gradients[inner].puts.append((indices, part))
        return True

    def _total(self, name: str, value: Expression) -> Expression | None:
        """Return the gradient of a name: as an expression where it is short, else as its name."""
        found = self.gradients[name]
        if not found.terms and not found.puts:
            return None
        total = self._summed(found.terms)
        if total is None or found.puts:
            return self._assign(f"d{name}", total, found, Name(name))
        if not operations(total) or self._is_short(total, value):
            return total
        return self._assign(f"d{name}", total, found, Name(name))

    def _is_short(self, total: Expression, value: Expression) -> bool:
        """May a gradient stand in the one line that reads it?"""
        if operations(total) == 1 and self.shape(total) == ():
            return True
        return self._uses(value) == 1 and (operations(total) == 1 or leaves_out(total))

    def _uses(self, node: Expression) -> int:
        """Return how often a gradient is read on its way to what a value is made of."""
        if not isinstance(node, Operation) or not self.is_active(node) or self._variable(node):
            return int(self.is_active(node))
        return sum(map(self._uses, node.operands))

    def _finish(self, leaf: str) -> None:
        found = self.gradients[leaf]
        total = self._summed(found.terms)
        if total is not None and not found.puts:
            total = self.whole(total, Name(leaf))
            if total == Name(f"d{leaf}"):
                return
            if isinstance(total, Name) and self._is_last(total.id):
                self._rename(total.id, f"d{leaf}")
                return
        self._assign(f"d{leaf}", total, found, Name(leaf))

    def _is_last(self, name: str) -> bool:
        """Is it a gradient that nothing reads on, so that it may have another name?"""
        ends = {f"d{leaf}" for leaf in self.wanted}
        return name in self.factors and name not in ends | self.outside

    def _rename(self, name: str, new: str) -> None:
        self.backward = [step.rename({name: new}) for step in self.backward]
        self.known[new] = self.known[name]
        self.factors[new] = None
        self.tidying.forget()
        for found in self.gradients.values():
            found.terms = [renamed(term, {name: new}) for term in found.terms]

    def _assign(
        self, target: str, total: Expression | None, found: Gradient, like: Expression
    ) -> Name:
        self.known[target] = Value(self.shape(like))
        if total is not None and not found.puts and self.shape(total) == ():
            self.known[target] = Value(())
        self.taken.add(target.lower())
        if len(self.backward) > MAX_STEPS:
            raise NotDifferentiable("the backward pass has too many steps")
        if total is None:
            total = Operation("np.zeros_like()", (like,))
        elif found.puts and self.shape(total) != self.shape(like):
            total = Operation("np.full_like()", (like, total))
        elif found.puts and isinstance(total, Name):
            total = Operation(".copy()", (total,))
        total = self._as_float(total)
        reason = next(iter(found.reasons), "") if len(found.terms) < 2 else ""
        if len(found.terms) > 1 and target[1:] in self.wanted and not _is_choice(total):
            reason = f"`{{name}}` stands {{count}} times {SEVERAL}"
            if len(found.terms) == 2:
                reason = f"`{{name}}` stands twice {SEVERAL}"
            reason = sentence(reason, name=target[1:], count=len(found.terms))
        self.backward.append(assign(target, total).with_comment(reason))
        self.backward += self._put(Name(target), found, total)
        self.factors[target] = None
        self.tidying.forget()
        return Name(target)

    def _put(self, whole: Name, found: Gradient, total: Expression) -> Iterator[Statement]:
        """Yield the statements that put parts of a gradient to the places that they belong to."""
        is_zero = isinstance(total, Operation) and total.op == "np.zeros_like()"
        for indices, part in found.puts:
            place = Operation("[]", (whole, *indices))
            made: Assign | AugmentedAssign | ExpressionStatement = Assign((place,), part)
            if not picks_once(indices, self.known):
                at = indices[0] if len(indices) == 1 else Operation("tuple", tuple(indices))
                made = ExpressionStatement(Operation("np.add.at()", (whole, at, part)))
            elif not is_zero or len(found.puts) > 1:
                less = self.tidied(Operation("-", (part,)))
                is_less = operations(less) < operations(part) or is_negative(part)
                made = AugmentedAssign(place, "-" if is_less else "+", less if is_less else part)
            yield statement(made, BACK)

    def _as_float(self, e: Expression) -> Expression:
        """Return a gradient in the type of the script: truth times a number would be float64."""
        found = value_of(e, self.known)
        if found is None or found.kind == "float":
            return e
        return Operation(".astype()", (e, Name("dtype")))

    def named_gradient(self, node: Expression, d: Expression) -> Expression:
        """Return the gradient of a value by a name, its own where the value has one."""
        if operations(d) == 0 and isinstance(d, Name | Literal):
            return d
        own = self.named.get(node)
        match node:
            case Operation("+", (Name(first), _)) if own is None and self.readers[first] == 1:
                own = first  # what comes to a sum comes to each of its terms
        if own is None or f"d{own}" in self.known:
            own = self.fresh("u")
        return self._assign(f"d{own}", d, Gradient([d]), d)

    def _spread(self, node: Expression, d: Expression) -> None:
        """Hand the gradient of a value on to what it is made of."""
        if isinstance(node, Name) and node.id in self.active:
            self.gradients[node.id].terms.append(d)
        if not isinstance(node, Operation):
            return
        operands = node.operands
        if operands and isinstance(operands[0], Comprehension):
            self.back_through_terms(node, d)
            return
        if operands and isinstance(operands[0], Operation) and operands[0].op == "list":
            operands = operands[0].operands
        found = [at for at, operand in enumerate(operands) if self.is_active(operand)]
        if (name := self._variable(node)) is not None:
            slope = written(differentiate(simplified(node), name))

            def along(d: Expression) -> Expression:
                return Operation("*", (d, slope))

            made = on_sides(d, along) if leaves_out(d) else along(d)
            assert made is not None
            self._spread(Name(name), self.tidied(made))
            return
        most = LONG if len(found) == 1 else 2 if self.shape(d) == () else 0
        if found and not leaves_out(d) and operations(d) > most:
            d = self.named_gradient(node, d)
        for at in found:
            self._hand_on(node, at, operands[at], d)

    def _variable(self, node: Operation) -> str | None:
        """Return the name of which a value is a polynomial with several terms or factors."""
        read = [
            part.id for part in parts(node) if isinstance(part, Name) and part.id in self.active
        ]
        if len(read) < 2 or len(set(read)) > 1 or self.shape(Name(read[0])) != self.shape(node):
            return None
        for part in parts(node):
            match part:
                case Operation("+" | "-" | "*"):
                    pass
                case Operation("/", (_, Literal() | Name() as below)) if below != Name(read[0]):
                    pass
                case Operation("**", (_, Literal(int() as power))) if power > 0:
                    pass
                case Operation(op) if op.startswith("math."):
                    pass
                case Operation():
                    return None
        return read[0]

    def _hand_on(self, node: Operation, at: int, operand: Expression, d: Expression) -> None:
        match node:
            case Operation("[]", (array, *indices)) if picks(node):
                name = self._named_value(array)
                self.gradients.setdefault(name, Gradient()).puts.append((tuple(indices), d))
                return
        made = self.rule(node, at, d)
        if made is None:
            return
        made = self.tidied(self.folded(made, node, operand))
        self._note(node, operand, made)
        self._spread(operand, made)

    def _named_value(self, node: Expression) -> str:
        """Return the name of a value; what has none cannot be picked from."""
        if isinstance(node, Name):
            return node.id
        raise NotDifferentiable("give a name to what numbers are picked from", node)

    def _note(self, node: Operation, operand: Expression, made: Expression) -> None:
        """Keep why the gradient of a name looks as it does, where that is worth a word."""
        name = operand.id if isinstance(operand, Name) else ""
        if name not in self.gradients:
            return
        reason = REASONS.get(node.op, "").format(name)
        if node.op in OF_ZERO and node.operands[0] != number(0):
            reason = ""
        match made:
            case Operation(".sum()" | ".mean()", _, (("axis", Literal(0)), *_)):
                reason = f"`{name}` {'was added to every row' if node.op in '+-' else MET}"
            case Operation(".sum()", _, (("axis", _), ("keepdims", _))):
                reason = f"`{name}` met every number of its row"
        if node.op == "@" and name in self.wanted and made != operand:
            is_left = isinstance(node.operands[0], Name) and node.operands[0].id == name
            reason = "" if is_left else EXAMPLES
        if reason:
            self.gradients[name].reasons.append(reason)

    def _summed(self, terms: Sequence[Expression]) -> Expression | None:
        if not terms:
            return None
        first, *rest = _with_joined_choices(terms)
        for term in rest:
            first = Operation("+", (first, term))
        return self.tidied(first)


def _without_what_is_gone(step: Statement) -> Statement:
    """Say of what is no sum any more that a name stands several times, no more."""
    is_sum = isinstance(step.value, Operation) and step.value.op in ("+", "-")
    return step if is_sum or SEVERAL not in step.comment.sentence else step.with_comment("")


def _effort(steps: Sequence[Statement]) -> int:
    """Return how many operations there are, and a little for each line."""
    found = (operations(e) for step in steps for e in expressions(step.node))
    return sum(found)


def _in_place(names: Mapping[Expression, Expression], node: Expression) -> Expression:
    return names.get(node, node)


def _names_of_sum(node: Operation) -> list[str]:
    """Return names for a sum of a gradient: `mean_dy`, and `along_y` where it is one of dy * y."""
    word = node.op.strip(".()")
    match node.operands[0]:
        case Name(name):
            return [f"{word}_{name}"]
        case Operation("*", (_, Name(name))):
            return [f"along_{name}"]
    return [word, "total"]


def _is_choice(node: Expression | None) -> bool:
    return isinstance(node, Operation) and node.op == "np.where()"


def _with_joined_choices(terms: Sequence[Expression]) -> list[Expression]:
    """Return terms, of which those that choose by one test are one choice."""
    found: dict[Expression, list[list[Expression]]] = {}
    rest: list[Expression] = []
    for term in terms:
        match term:
            case Operation("np.where()", (test, then, otherwise)) if leaves_out(term):
                then_sides, other_sides = found.setdefault(test, [[], []])
                then_sides += [then] * (then != number(0))
                other_sides += [otherwise] * (otherwise != number(0))
            case _:
                rest.append(term)
    for test, sides in found.items():
        made = []
        for side in sides:
            whole: Expression = side[0] if side else number(0)
            for more in side[1:]:
                whole = Operation("+", (whole, more))
            made.append(whole)
        rest.append(Operation("np.where()", (test, *made)))
    return rest
