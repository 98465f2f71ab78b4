"""Initial values of parameters: a function for each distribution, a call for each parameter."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from nndsl.ir import Expression, Name, Operation, Statement, parse_text
from nndsl.ir.printer import expression
from nndsl.ir.symbols import number
from nndsl.ir.tree import Clause, Comprehension
from nndsl.program.constants import constant, literal
from nndsl.program.names import Names
from nndsl.program.program import Function
from nndsl.shapes import Shape
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Parameter

OWN_STREAM = "rng = init_rng.spawn(1)[0]   # a stream of its own, whatever the others draw"


class Initializers:
    """Collects the functions that draw parameters; equal ones are one."""

    def __init__(self, dtype: str, names: Names) -> None:
        self._dtype = dtype
        self._names = names
        self._functions: dict[tuple[str, str], Function] = {}

    @property
    def functions(self) -> tuple[Function, ...]:
        return tuple(self._functions.values())

    def value(self, parameter: Parameter) -> Expression:
        """Return the expression that makes a parameter."""
        init = parameter.init
        assert isinstance(init, Initializer)
        text = parse_text(init.draw)
        read = {name for statement in text for name in statement.reads}
        known: dict[str, object] = {
            "shape": parameter.shape,
            "fan_in": parameter.fan_in,
            "fan_out": parameter.fan_out,
            **{field: getattr(init, field) for field in type(init).model_fields},
        }
        given = {name: value for name, value in known.items() if name in read}
        if "rng" not in read and len(text) == 1:
            return self._in_place(text[0], given)
        key = (init.keyword(), init.draw)
        if key not in self._functions:
            name = self._names.fresh(init.keyword())
            self._functions[key] = self._function(name, init.explanation, text, list(given))
        values = tuple((n, constant(value)) for n, value in given.items() if n != "shape")
        shape = shape_of(parameter.shape)
        if not init.draws_numbers_alone:
            shape = constant(parameter.shape)
        return Operation(f"{self._functions[key].name}()", (shape,), values)

    def stack(self, parameters: Sequence[Parameter], count: int) -> Expression:
        """Return the expression that makes one array of `count` parameters of equal shapes."""
        first = parameters[0]
        assert isinstance(first.init, Initializer)
        if first.init.draws_numbers_alone and all(p.init == first.init for p in parameters):
            return self.value(replace(first, shape=(count, *first.shape)))
        made: list[Expression] = []
        for value, group in groupby(map(self.value, parameters)):
            times = len(list(group))
            written = number(count if times == count else times)
            each = Clause(Name("_"), Operation("range()", (written,)))
            several = times > 1 or count == 1
            made.append(
                Comprehension("[]", value, (each,)) if several else Operation("list", (value,))
            )
        sums = (Operation("+", pair, lines=(1, 1)) for pair in pairwise(made))
        return Operation("np.stack()", (next(sums, made[0]),))

    def _in_place(self, statement: Statement, given: dict[str, object]) -> Expression:
        names = {name: literal(value) for name, value in given.items()} | {"dtype": self._dtype}
        if "shape" in given:
            names["shape"] = expression(shape_of(given["shape"]))  # type: ignore[arg-type]
        value = statement.rename(names).value
        assert value is not None, "a text that draws ends with w = …"
        return _cast(value, statement, self._dtype)

    def _function(
        self, name: str, says: str, text: tuple[Statement, ...], arguments: list[str]
    ) -> Function:
        names = {"dtype": self._dtype}
        is_random = "rng" in {name for statement in text for name in statement.reads}
        stream = parse_text(OWN_STREAM) * is_random
        *before, last = (statement.rename(names) for statement in text)
        assert last.value is not None, "a text that draws ends with w = …"
        return Function(
            name,
            tuple(arguments),
            says,
            (*stream, *before),
            _cast(last.value, text[-1], self._dtype),
        )


def _cast(value: Expression, drawn: Statement, dtype: str) -> Expression:
    """Cast what a text draws to the type of the script's numbers, unless it did so itself."""
    if "dtype" not in drawn.reads:
        value = Operation(".astype()", (value, Name(dtype)))
    return value


def shape_of(shape: Shape) -> Expression:
    """Return a shape as numpy takes it: `(64, 100)`, and `100` for a single axis."""
    return constant(shape[0] if len(shape) == 1 else tuple(shape))
