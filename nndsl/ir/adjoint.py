"""The backward pass of statements, derived: reverse mode over trees, one rule an operation.

The result is meant to be read: it uses again what the forward pass computed, names what is used
twice, and says one step of the mathematics a line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nndsl.ir.adjoint_rules import REASONS, Rules, keeps_all, leaves_out
from nndsl.ir.algebra import simplified, written
from nndsl.ir.derivatives import differentiate
from nndsl.ir.forward_values import MAX_STEPS, NotDifferentiable, operations
from nndsl.ir.statement import Statement, assign, renamed, statement
from nndsl.ir.symbols import number
from nndsl.ir.tree import (
    Assign,
    AugmentedAssign,
    Expression,
    Literal,
    Name,
    Operation,
    names_of,
    parts,
)
from nndsl.ir.values import Value, value_of
from nndsl.record import record

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


@dataclass(slots=True)
class _Gradient:
    """What comes together of the gradient of a name: terms, and what belongs to some places."""

    terms: list[Expression] = field(default_factory=list)
    puts: list[tuple[tuple[Expression, ...], Expression]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


class _Derivation(Rules):
    def __init__(
        self,
        forward: Sequence[Statement],
        wanted: Sequence[str],
        known: Mapping[str, Value],
        output: str,
    ) -> None:
        super().__init__(forward, wanted, known)
        self.wanted, self.output = wanted, output
        self.gradients = {name: _Gradient() for name in self.active}

    def passes(self) -> Passes:
        readers = [set(names_of(value)) for _, value, _ in self.steps]
        first = {
            leaf: next((at for at, names in enumerate(readers) if leaf in names), 0)
            for leaf in self.wanted
        }
        self.known[f"d{self.output}"] = self.known[self.output]
        self.factors[f"d{self.output}"] = None
        for at in reversed(range(len(self.steps))):
            self.at = at
            name, value, _ = self.steps[at]
            if name in self.active:
                d = self._seed() if name == self.output else self._total(name, value)
                if d is not None:
                    self._spread(value, d)
            for leaf in self.wanted:
                if first[leaf] == at:
                    self._finish(leaf)
        return Passes(self.forward(), tuple(self.backward))

    def _seed(self) -> Expression:
        is_number = self.known[self.output].shape == ()
        return number(1) if is_number else Name(f"d{self.output}")

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
            if isinstance(total, Name) and self._is_last(total.id):
                self._rename(total.id, f"d{leaf}")
                return
        self._assign(f"d{leaf}", total, found, Name(leaf))

    def _is_last(self, name: str) -> bool:
        """Is it a gradient that nothing reads on, so that it may have another name?"""
        ends = {f"d{self.output}", *(f"d{leaf}" for leaf in self.wanted)}
        return name in self.factors and name not in ends

    def _rename(self, name: str, new: str) -> None:
        self.backward = [step.rename({name: new}) for step in self.backward]
        self.known[new] = self.known[name]
        self.factors[new] = None
        for found in self.gradients.values():
            found.terms = [renamed(term, {name: new}) for term in found.terms]

    def _assign(
        self, target: str, total: Expression | None, found: _Gradient, like: Expression
    ) -> Name:
        self.known[target] = Value(self.shape(like))
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
            times = "twice" if len(found.terms) == 2 else f"{len(found.terms)} times"
            reason = f"`{target[1:]}` stands {times} in the forward pass"
        self.backward.append(assign(target, total).with_comment(reason))
        for indices, part in found.puts:
            place = Operation("[]", (Name(target), *indices))
            if found.terms or len(found.puts) > 1:
                made: Assign | AugmentedAssign = AugmentedAssign(place, "+", part)
            else:
                made = Assign((place,), part)
            self.backward.append(statement(made, "back to where it was taken from"))
        self.factors[target] = None
        return Name(target)

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
        if own is None or f"d{own}" in self.known:
            own = self.fresh("u")
        return self._assign(f"d{own}", d, _Gradient([d]), d)

    def _spread(self, node: Expression, d: Expression) -> None:
        """Hand the gradient of a value on to what it is made of."""
        if isinstance(node, Name) and node.id in self.active:
            self.gradients[node.id].terms.append(d)
        if not isinstance(node, Operation):
            return
        operands = node.operands
        if operands and isinstance(operands[0], Operation) and operands[0].op == "list":
            operands = operands[0].operands
        found = [at for at, operand in enumerate(operands) if self.is_active(operand)]
        if (name := self._variable(node)) is not None:
            slope = written(differentiate(simplified(node), name))
            self._spread(Name(name), self.tidied(Operation("*", (d, slope))))
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
            case Operation("[]", (array, *indices)) if not all(map(keeps_all, indices)):
                name = self._named_value(array)
                self.gradients.setdefault(name, _Gradient()).puts.append((tuple(indices), d))
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
        reason = REASONS.get(node.op, "")
        match made:
            case Operation(".sum()" | ".mean()", _, (("axis", Literal(0)), *_)):
                reason = f"`{name}` met every example"
            case Operation(".sum()", _, (("axis", _), ("keepdims", _))):
                reason = f"`{name}` met every number of its row"
        if node.op == "@" and name in self.wanted and made != operand:
            is_left = isinstance(node.operands[0], Name) and node.operands[0].id == name
            reason = "" if is_left else "summed over the examples"
        if reason:
            self.gradients[name].reasons.append(reason)

    def _summed(self, terms: Sequence[Expression]) -> Expression | None:
        if not terms:
            return None
        first, *rest = _with_joined_choices(terms)
        for term in rest:
            first = Operation("+", (first, term))
        return self.tidied(first)


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
