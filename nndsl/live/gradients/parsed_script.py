"""A script's `loss_and_gradients`, taken apart: its statements, their lines, what it returns.

A gradient is checked, and a mistake is looked for, among the statements of one function. So each
call of a block's function is replaced by its statements, with unique names: the first call
keeps the names of the function, and what holds the gradient of `x` is still called `dx`.
"""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from nndsl.ir import (
    Assign,
    Expression,
    Literal,
    Name,
    Operation,
    Statement,
    parse_text,
)
from nndsl.ir.parser import parse_script
from nndsl.ir.printer import expression as print_expression
from nndsl.ir.statement import statement
from nndsl.ir.tree import Node, Rule
from nndsl.live.gradients.calls import Step
from nndsl.live.gradients.complex_forms import complex_form
from nndsl.live.gradients.functions import WholeOfFunctions, names_in, returned_by
from nndsl.live.gradients.methods import steps_of_objects
from nndsl.live.gradients.unrolled import unroll
from nndsl.program.passes import eliminate_dead_code

FUNCTION = "loss_and_gradients"
COPIES = "_copies_"


def put_into_stack(node: Node) -> tuple[str, str] | None:
    """Return the variables of `dW[0] = dW__1`, the gradient of one copy."""
    match node:
        case Assign((Operation("[]", (Name(whole), Literal(int()))),), Name(name)):
            return whole, name
    return None


class ParsedScript:
    """The text of a script, seen as its function `loss_and_gradients`.

    `losses` are the variables that it returns before the gradients: the loss, and the penalty if
    any; `gradients` the variable of each gradient by the name of its parameter; `steps` its
    statements without docstring and `return`, in the order in which they run.
    """

    def __init__(
        self, text: str, blocks: Sequence[str] = (), parameters: Sequence[str] = ()
    ) -> None:
        """`blocks` are the functions to be inlined, `parameters` those that have gradients.

        ValueError where a function is missing, or does not end in its one `return`.
        """
        self.text, self._lines = text, text.split("\n")
        defined = {definition.name: definition for definition in parse_script(text)}
        self._defined = defined
        for name in (FUNCTION, *blocks):
            if name not in defined:
                raise ValueError(f"the script has no function `{name}`")
        function = unroll(defined[FUNCTION], defined)
        returned_by(function)
        self.is_made_of_objects = any(definition.methods for definition in defined.values())
        made = (
            steps_of_objects(defined, FUNCTION)
            if self.is_made_of_objects
            else WholeOfFunctions(defined, function, blocks)
        )
        self.steps, self._names = made.steps, made.names
        self.losses: list[str] = []
        self.gradients: dict[str, str] = {}
        self._read_returned(made.returned, function.body[-1].numbers, parameters)
        self._last = {name: at for at, step in enumerate(self.steps) for name in step.writes}
        self._last |= self._seen_by_views()

    def _read_returned(self, value: Expression, numbers: range, parameters: Sequence[str]) -> None:
        """Give what is returned a name. Whoever changes a script may compute in there."""
        value, numbers = self._resolved(value, numbers)
        match value:
            case Operation("tuple", [*losses, gradients]) if losses:
                pass
            case _:
                raise ValueError("`loss_and_gradients` has to return (loss, gradients)")
        added = []
        for number, loss in enumerate(losses):
            name = loss.id if isinstance(loss, Name) else f"returned_loss{number}"
            self.losses.append(name)
            added.append((name, loss, numbers, ""))
        gradients, numbers = self._resolved(gradients, numbers)
        entries = dict(_entries(gradients))
        variables = {value.id for value in entries.values() if isinstance(value, Name)}
        for parameter in entries or parameters:
            key = f'"{parameter}"'
            value = entries.get(parameter) or Operation("[]", (gradients, Literal(parameter, key)))
            name = f"d{parameter}" + "_returned" * (f"d{parameter}" in variables)
            name = value.id if isinstance(value, Name) else name
            self.gradients[parameter] = name
            spelt = (key, f"'{parameter}'", f"{parameter}=")
            rows = (n for n in numbers if any(text in self._lines[n - 1] for text in spelt))
            line = next(rows, numbers[0])
            added.append((name, value, range(line, line + 1), f"{key}: "))
        for name, value, on, key in added:
            if not isinstance(value, Name):
                assigned = statement(Assign((Name(name),), value))
                shown = key + print_expression(value)
                self.steps.append(Step(on, assigned, assigned, FUNCTION, shown=shown))

    def _resolved(self, value: Expression, numbers: range) -> tuple[Expression, range]:
        """Return the tuple or dictionary that a variable is, and its lines, if assigned once."""
        if isinstance(value, Name):
            match [step for step in self.steps if value.id in step.writes]:
                case [Step(on, Statement(Assign(_, Operation("tuple" | "dict") as given)))]:
                    return given, on
        return value, numbers

    def _seen_by_views(self) -> dict[str, int]:
        """Return the steps that change a variable through `a, b = variable` last."""
        views: dict[str, str] = {}
        last: dict[str, int] = {}
        for at, step in enumerate(self.steps):
            match step.statement.node:
                case Assign((Operation("tuple", parts),), Name(whole)):
                    views |= dict.fromkeys(names_in(parts), whole)
                case Assign((Name(part),), Operation("[]", (Name(whole), Literal(int())))):
                    views[part] = whole
            last |= {views[name]: at for name in step.statement.mutates if name in views}
        return last

    # --- Its variables --------------------------------------------------------------------

    @property
    def statements(self) -> list[Statement]:
        """The statements of its steps: each variable has a unique name."""
        return [step.statement for step in self.steps]

    def name_of(self, variable: str, function: str) -> str:
        """Return the name that a variable has in a function of the script."""
        return self._names.get((function, variable), variable)

    def names_of(self, variable: str) -> list[tuple[str, str]]:
        """Return a variable's names, each with its function: that which writes it last first."""
        step = self.step_of(variable)
        calling = ((f, self._names.get((f, variable))) for f, _ in step.calls)
        own = step.function, self.name_of(variable, step.function)
        return [own, *((function, name) for function, name in calling if name is not None)]

    def variables_of(self, function: str) -> dict[str, str]:
        """Return the variables of the first call of a function by their names in it."""
        found: dict[str, str] = {}
        for (where, variable), name in self._names.items():
            if where == function:
                found.setdefault(name, variable)
        return found

    def order_of(self, variable: str) -> int:
        """Return the position of the last step that writes a variable, -1 if none does."""
        return self._last.get(variable, -1)

    def step_of(self, variable: str) -> Step:
        """Return the last step that writes a variable."""
        step = self.steps[self._last[variable]]
        put = put_into_stack(step.statement.node)
        return self.step_of(put[1]) if put is not None and put[1] in self._last else step

    def written(self, variable: str) -> tuple[str, int, str]:
        """Return the name of a variable, the number and code of the last line that writes it."""
        step = self.step_of(variable)
        return self.name_of(variable, step.function), step.line, step.shown or step.written.text

    def first_line_of(self, variable: str) -> int:
        """Return the number of the first line that writes a variable."""
        return next(step.line for step in self.steps if variable in step.writes)

    # --- Other builds of it ---------------------------------------------------------------

    @property
    def forward(self) -> list[Statement]:
        """The statements that compute the losses."""
        return eliminate_dead_code(self.statements, self.losses)

    def losses_of(self, body: Iterable[Statement], dtype: str = "") -> str:
        """Return the script with a function of other statements for the losses, and no gradient.

        `dtype` is the type of its numbers, `np.complex128`: it keeps their imaginary parts.
        """

        def rule(node: Expression) -> Expression:
            return Name(dtype) if node == Name("np.float64") else complex_form(node)

        return self.losses_by(body, rule if dtype else None)

    def losses_by(self, body: Iterable[Statement], rule: Rule | None) -> str:
        """Return the script for the losses alone, as a rule transforms it and what it calls."""
        return self._with_body(body, f"{', '.join(self.losses)}, None", rule)

    def with_locals(self, *added: Statement, before: int = 0) -> str:
        """Return the script with a function that returns all its variables as a dictionary.

        Statements may be added before one of them, given by its position.
        """
        body = self.statements
        return self._with_body([*body[:before], *added, *body[before:]], "locals()")

    def with_copies(self, statements: Sequence[Statement] = ()) -> str:
        """Return the script with a function that returns each variable as its last write left it.

        The memory of one may be used for another afterwards. Other `statements` may stand for those
        of the steps, one for each.
        """
        body = [*parse_text(f"{COPIES} = {{}}")]
        written: dict[int, list[str]] = {}
        for name, at in self._last.items():
            written.setdefault(at, []).append(name)
        for at, step in enumerate(statements or self.statements):
            body.append(step)
            for name in written.get(at, ()):
                copied = f"{name}.copy() if isinstance({name}, np.ndarray) else {name}"
                body += parse_text(f'{COPIES}["{name}"] = {copied}')
        return self._with_body(body, f"{{**locals(), **{COPIES}}}")

    def _with_body(self, body: Iterable[Statement], returns: str, rule: Rule | None = None) -> str:
        made = {FUNCTION: [*body]} if rule is None else self._transformed([*body], rule)
        lines = [*self._lines]
        for name in sorted(made, key=lambda name: -self._defined[name].numbers.start):
            texts = [s.text for s in made[name]] + [f"return {returns}"] * (name == FUNCTION)
            old = self._defined[name].body
            code = textwrap.indent("\n".join(texts), "    ").split("\n")
            lines[old[0].numbers.start - 1 : old[-1].numbers.stop - 1] = code
        return "\n".join(lines)

    def _transformed(self, body: Sequence[Statement], rule: Rule) -> dict[str, list[Statement]]:
        """Return the body as a rule transforms it, and those of functions that it calls."""
        made = {FUNCTION: [s.rewrite(rule) for s in body]}
        seen, waiting = {FUNCTION}, [*body]
        while waiting:
            for name in waiting.pop().reads & self._defined.keys() - seen:
                seen.add(name)
                if self._defined[name].is_function:
                    own = [statement(line.node) for line in self._defined[name].body]
                    waiting += own
                    changed = [s.rewrite(rule) for s in own]
                    if changed != own:
                        made[name] = changed
        return made


def _entries(node: Expression) -> Iterator[tuple[str, Expression]]:
    """Yield the names and values of a dictionary that is written out, nothing of another one."""
    match node:
        case Operation("dict", pairs):
            for pair in pairs:
                match pair:
                    case Operation("pair", (Literal(str(key)), value)):
                        yield key, value
        case Operation("dict()", (), options):
            yield from ((name, value) for name, value in options if name != "**")
