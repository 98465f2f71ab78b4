"""The chain rule over named steps of single numbers: a line a name, from the last to the first."""

from collections.abc import Callable, Collection, Sequence

from nndsl.ir.algebra import ONE, ZERO, add, multiply, simplified
from nndsl.ir.derivatives import differentiate
from nndsl.ir.tree import Expression, Name, Operation, parts, replacing, transformed

Step = tuple[str, Expression]  # a name, and the formula that gives its value


def chain_rule(
    steps: Sequence[Step], variables: Sequence[str], gradient_of: Callable[[str], str | None]
) -> list[Step]:
    """Return the gradient of the last step by each step and each variable, in simplified form.

    A formula reads variables and steps before it. `gradient_of` says how the gradient by a name
    is called; what has no name stands in the lines that need it. The line of a variable follows
    the last gradient that it is made of.
    """
    gradients: dict[str, Expression] = {}
    gradients |= dict.fromkeys([*variables, *(name for name, _ in steps)], ZERO)
    gradients[steps[-1][0]] = ONE
    first: dict[str, int] = {}  # the step that is the first to read a name
    for at, (_, formula) in enumerate(steps):
        for name in names(formula):
            first.setdefault(name, at)
    lines: list[Step] = []

    def finished(name: str) -> Expression:
        own = gradient_of(name)
        if own is None:
            return gradients[name]
        lines.append((own, gradients[name]))
        return Name(own)

    for at in reversed(range(len(steps))):
        name, formula = steps[at]
        d = finished(name)
        for read in names(formula):
            slope = _slope(name if isinstance(d, Name) else None, formula, read)
            gradients[read] = add(gradients[read], multiply(d, slope))
        for read in names(formula):
            if read in variables and first[read] == at:
                finished(read)
    for name in variables:
        if name not in first:
            finished(name)
    return lines


def names(formula: Expression) -> list[str]:
    """Return the names that a formula reads, each once, in the order in which they stand there."""
    return list(dict.fromkeys(part.id for part in parts(formula) if isinstance(part, Name)))


def needed(steps: Sequence[Step], wanted: Collection[str]) -> list[Step]:
    """Return the steps that what is wanted depends on."""
    found: list[Step] = []
    waiting = set(wanted)
    for name, formula in reversed(steps):
        if name in waiting:
            found.insert(0, (name, formula))
            waiting.update(names(formula))
    return found


def _slope(name: str | None, formula: Expression, read: str) -> Expression:
    """Return the slope of a step by what it reads, with its name for its value: e**x is `y`."""
    simple = simplified(formula)
    slope = differentiate(simple, read)
    if name is not None and isinstance(simple, Operation) and simple.op.endswith("()"):
        return transformed(slope, replacing({simple: Name(name)}))
    return slope
