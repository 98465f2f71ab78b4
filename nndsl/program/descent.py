"""From a formula to the program of a descent: the formula, its gradient, the optimizer's step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nndsl.analysis.minimize import DescentSpec, of_numpy
from nndsl.analysis.spec import Spec
from nndsl.ir import Expression, Literal, Name, Operation, Statement, assign, printer
from nndsl.ir.algebra import MAX_EXACT, written
from nndsl.ir.chain import Step, chain_rule, needed
from nndsl.ir.scalar import evaluate_number
from nndsl.ir.symbols import number
from nndsl.ir.tree import parts, transformed
from nndsl.languages import sentence
from nndsl.program.constants import Constant, Constants
from nndsl.program.names import Names
from nndsl.program.program import Function, Update
from nndsl.program.updating import UpdateWriter

# Names of the frame of a script: nothing else in it may be called like this.
RESERVED = "np math p g f gradient descend main step value rate START STEPS".split()
CODE_WIDTH = 84  # of a formula on one line of the script
EQUATION_WIDTH = 90  # and in its head
KINK = "the slope of abs is a sign; at its kink, 0"


@dataclass(frozen=True, slots=True)
class Descent:
    """A whole script about a formula, as data."""

    spec: Spec
    minimizing: DescentSpec
    constants: tuple[Constant, ...]
    equations: tuple[str, ...]
    f: Function
    gradient: Function
    update: Update
    steps: tuple[Step, ...]  # that make f, in the names of the script; f is the last
    slopes: tuple[str, ...]  # what the gradient by each variable is called in `gradient`


def lower_descent(spec: Spec, minimizing: DescentSpec) -> Descent:
    """Return the program of a checked descent.

    OverflowError where a slope holds a number that no float can hold.
    """
    names = Names(RESERVED)
    constants = Constants(names, spec.constants)
    optimizer = minimizing.optimizer
    update = UpdateWriter(names, constants, lambda: "STEPS").write(optimizer, "p")
    update = replace(
        update,
        title=optimizer.exact_title or optimizer.title,
        source=optimizer.exact_source or optimizer.source,
    )
    variables = {variable: names.fresh(variable) for variable in minimizing.start}
    own = variables | {name: names.fresh(name) for name, _ in minimizing.named}
    chain = [
        (own.get(name, name), transformed(formula, lambda node: _in_script(node, own)))
        for name, formula in minimizing.chain
    ]
    arguments = tuple(variables.values())
    before = "d" if minimizing.named else "df_d"
    gradients = {
        name: names.fresh(f"{before}{name}") for name in [*arguments, *dict(chain)] if name != "f"
    }
    lines = chain_rule(chain, arguments, gradients.get)
    slopes = tuple(gradients[name] for name in arguments)
    whole: type = float if any(_is_huge(formula) for _, formula in chain) else int
    code = [(n, transformed(formula, lambda node: _as_python(node, whole))) for n, formula in chain]
    statements = [assign(name, _wrapped_sum(formula)) for name, formula in code]
    returns: Expression = Name(code[-1][0])
    if returns == Name("f"):
        returns = _wrapped_sum(code[-1][1])
        del statements[-1]
    f = Function("f", arguments, "Return what is to become small.", tuple(statements), returns)
    return Descent(
        spec=spec,
        minimizing=minimizing,
        constants=tuple(constants),
        equations=_equations(minimizing),
        f=f,
        gradient=_gradient(arguments, slopes, lines, code),
        update=update,
        steps=tuple(chain),
        slopes=slopes,
    )


def _in_script(node: Expression, names: Mapping[str, str]) -> Expression:
    """Return a part of a formula with the names of the script and of numpy."""
    match node:
        case Name(name):
            return Name(names[name])
        case Operation(op) if op.endswith("()"):
            return replace(node, op=f"np.{op}")
    return node


def _is_huge(formula: Expression) -> bool:
    """Does a formula hold numbers alone somewhere, that are too large for numpy's whole ones?"""
    return any(
        abs(evaluate_number(part, {})) > MAX_EXACT
        for part in parts(formula)
        if not any(isinstance(inner, Name) for inner in parts(part))
    )


def _as_python(node: Expression, whole: type) -> Expression:
    """Return a number as Python writes it, a whole one as an int or a float."""
    match node:
        case Literal(int(value)):
            return number(whole(value))
        case Literal(float(value)):
            return number(value)
    return node


def _equations(minimizing: DescentSpec) -> tuple[str, ...]:
    """Return the formulas and the gradient as they stand in a textbook, in the page's names."""
    chain = minimizing.chain
    last, _ = chain[-1]
    numpy = [(name, transformed(formula, of_numpy)) for name, formula in chain]
    derivatives = chain_rule(
        numpy, list(minimizing.start), lambda name: f"d{last}/d{name}" if name != last else None
    )
    slopes = [(name, transformed(written(value), _of_page)) for name, value in derivatives]
    lines: list[str] = []
    steps = chain if minimizing.named else ()
    for group in (steps, slopes if steps else [*chain, *slopes]):
        width = max((len(name) for name, _ in group), default=0)
        for name, value in group:
            line = f"{name:<{width}} ="
            for sign, term in _terms(value):
                text = f"{sign} {printer.expression(term)}".lstrip()
                if len(line) + len(text) > EQUATION_WIDTH and not line.endswith("="):
                    lines.append(line)
                    line = " " * (width + 2)
                line = f"{line} {text}"
            lines.append(line)
    return tuple(lines)


def _of_page(node: Expression) -> Expression:
    match node:
        case Operation(op):
            return replace(node, op=op.removeprefix("np."))
    return node


def _gradient(
    arguments: tuple[str, ...],
    slopes: Sequence[str],
    derivatives: Sequence[Step],
    code: Sequence[Step],
) -> Function:
    """Write the slopes, before them the steps of the formula that they read."""
    lines = [(name, written(derivative)) for name, derivative in derivatives]
    own = {name for name, _ in code}
    statements: list[Statement] = []
    for name, value in needed([*code, *lines], slopes):
        if len(code) > 1 and isinstance(value, Literal):  # a whole number times others is one
            value = number(float(str(value.value)))
        has_kink = any(isinstance(p, Operation) and p.op == "np.sign()" for p in parts(value))
        is_first = not any(statement.comment for statement in statements)
        comment = KINK if has_kink and is_first and name not in own else ""
        if len(code) > 1 and name == lines[0][0] and isinstance(value, Literal):
            comment = sentence("the slope of `{name}` along itself", name=code[-1][0])
        statements.append(assign(name, _wrapped_sum(value)).with_comment(comment))
    is_constant = all(isinstance(value, Literal) for _, value in lines)
    dtype = [Name("float")] * is_constant  # else it is that of the variables
    listed = printer.wrapped(Operation("list", tuple(map(Name, slopes))))
    return Function(
        "gradient",
        arguments,
        "Return the slope of f along each variable.",
        tuple(statements),
        Operation("np.array()", (listed, *dtype)),
    )


def _terms(node: Expression) -> list[tuple[str, Expression]]:
    """Return the terms of a sum, each with its sign; the first has none."""
    match node:
        case Operation("+" | "-" as sign, (left, right), enclosed=False):
            return [*_terms(left), (sign, right)]
    return [("", node)]


def _wrapped_sum(node: Expression) -> Expression:
    """Return a sum, with its terms on several lines where it is long."""
    if len(printer.expression(node)) <= CODE_WIDTH:
        return node
    (_, total), *rest = _terms(node)
    width = len(printer.expression(total))
    for sign, term in rest:
        added = len(printer.expression(term)) + 3
        fits = width + added <= CODE_WIDTH
        total = Operation(sign, (total, term), lines=(2,) if fits else (1, 1))
        width = width + added if fits else added - 1
    return printer.enclosed(total) if rest else node
