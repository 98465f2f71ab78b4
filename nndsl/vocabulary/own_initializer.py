"""Initializers that a page defines itself: formulas over noise."""

from nndsl.ir import Expression, Name, Operation, Statement, assign
from nndsl.ir.tree import replacing
from nndsl.ir.values import Value
from nndsl.languages import sentence
from nndsl.vocabulary.formula_functions import NOISE
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.own_word import OwnWord
from nndsl.vocabulary.step_formulas import StepFormulas

FANS = ("fan_in", "fan_out")
_OPERATIONS = {function.op for function in NOISE.values()}
_SOME = Value((2,))  # what is said of it holds for a parameter of any shape


class OwnInitializer(OwnWord, Initializer):
    """An initializer of the page: formulas say what the numbers of a parameter are made of."""

    @property
    def explanation(self) -> str:  # type: ignore[override]
        return sentence("The initializer {name} of the page.", name=self.keyword())

    @property
    def by_fan(self) -> bool:  # type: ignore[override]
        return any(map(self.reads, FANS))

    def check(self) -> None:
        _Drawn(self).lines()

    @property
    def draw(self) -> str:  # type: ignore[override]
        return "\n".join(line.text for line in _Drawn(self).lines())


class _Drawn(StepFormulas):
    """The formulas of an initializer. Noise is as many numbers as the parameter has."""

    def __init__(self, word: OwnInitializer) -> None:
        super().__init__(word, FANS)
        self._noise: dict[Expression, Expression] = {}  # by the names that stand for it

    def lines(self) -> list[Statement]:
        """Return the statements, the last of which writes `w`."""
        last = [formula.name for formula in self.word.formulas].index("w")
        made = self.statements(self.word.formulas[: last + 1])
        lines = [line.rewrite(replacing(self._noise)) for line in made]
        if not self.known["w"].shape:
            value = lines[-1].value
            assert value is not None
            lines[-1] = assign("w", Operation("np.full()", (Name("shape"), value)))
        return lines

    def lowered(self, node: Expression) -> Expression:
        match node:
            case Operation(op, limits) if op in _OPERATIONS:
                made = tuple(map(self.lowered, limits))
                for limit, value in zip(limits, made, strict=True):
                    if self.shape(value):
                        wrong = "noise is drawn with two numbers, which hold for all of it"
                        raise self.reject(wrong, limit)
                self._check_limits(node, op, limits)
                name = Name(f"noise_{len(self._noise)}")
                self.known[name.id] = _SOME
                self._noise[name] = Operation(op, (*made, Name("shape")))
                return name
        return super().lowered(node)

    def _check_limits(self, node: Expression, op: str, limits: tuple[Expression, ...]) -> None:
        """ShapeError where the page draws between limits that are none."""
        if all(map(self.is_fixed, limits)):
            first, second = map(self.number_of, limits)
            if op == NOISE["uniform"].op and first > second:
                raise self.reject("its first number is to be the smaller one", node)
            if op == NOISE["normal"].op and second < 0:
                raise self.reject("its deviation is negative", node)
