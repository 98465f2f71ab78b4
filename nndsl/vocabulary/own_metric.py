"""Metrics that a page defines itself, by formulas of one example."""

from nndsl.ir import Expression, Name, Operation, Statement, parse_value
from nndsl.ir.printer import expression
from nndsl.ir.rows import Rows
from nndsl.ir.values import Value
from nndsl.vocabulary.lowered_formulas import LoweredFormulas
from nndsl.vocabulary.metric import HIGHER, Metric
from nndsl.vocabulary.own_loss import OUTPUTS, TARGET, mean_of_examples, without_columns
from nndsl.vocabulary.own_word import OwnWord

SCORE, ERROR = "score", "error"  # what formulas give: more of the one is better, or less
PREDICTED, ACTUAL = "predicted", "actual"  # classes, as formulas call them
TRUE = "true"  # as texts call the actual ones
READ = ("x", TARGET, PREDICTED, TRUE)
_MANY = 10_000_019  # outputs: how many there are is not known


class OwnMetric(OwnWord, Metric):
    """A metric of the page: what it is of one example; the mean over the examples is reported."""

    @property
    def higher_is_better(self) -> bool:  # type: ignore[override]
        return self.keyword().endswith(HIGHER)

    @property
    def needs_classes(self) -> bool:  # type: ignore[override]
        return any(map(self._reads, (TRUE, PREDICTED)))

    @property
    def needs_values(self) -> bool:  # type: ignore[override]
        return self._reads(TARGET)

    @property
    def value(self) -> str:  # type: ignore[override]
        return f"mean_{self.word}({self._given})"

    @property
    def weighted(self) -> str:  # type: ignore[override]
        return f"weighted_{self.word}({self._given}, w)"

    @property
    def functions(self) -> str:  # type: ignore[override]
        *before, last = self._statements()
        assert last.value is not None
        weighted = last.rewrite(_weighted_mean)
        assert weighted.value is not None
        first = next(filter(self._reads, READ))
        lines = [f"    N = len({first})"] if self._reads("N") else []
        lines += [f"    {step.text}" for step in before]
        forms = ((self.value, last.value), (self.weighted, weighted.value))
        made = (
            f'def {call}:\n    """Return the mean of this metric of the page."""\n'
            + "\n".join([*lines, f"    return {expression(value)}"])
            for call, value in forms
        )
        return "\n\n\n".join(made) + "\n"

    def check(self) -> None:
        self._statements()

    def for_outputs(self, count: int, *, weighs: bool = False) -> str:
        _Formulas(self, count).statements(self.formulas)
        return self.weighted if weighs else self.value

    @property
    def _given(self) -> str:
        return ", ".join([*filter(self._reads, READ), *type(self).model_fields])

    def _reads(self, name: str) -> bool:
        return any(name in step.reads for step in self._statements())

    def _statements(self) -> list[Statement]:
        formulas = _Formulas(self)
        made = formulas.statements(self.formulas)
        given = formulas.given
        return [s.rewrite(_of_floats) for s in without_columns(made, given, formulas.known)]


def _of_floats(node: Expression) -> Expression:
    """Truth values that are numbers have no type of a script here."""
    return Name("float") if node == Name("dtype") else node


def _weighted_mean(node: Expression) -> Expression:
    """The mean over the examples is that by their weights `w`, which are 1 in all."""
    match node:
        case Operation(".mean()", (values,), ()):
            return Operation(".mean()", (Operation("@", (Name("w"), values)),))
    return node


class _Formulas(LoweredFormulas):
    def __init__(self, metric: OwnMetric, outputs: int = _MANY) -> None:
        super().__init__(metric, {OUTPUTS: outputs})
        rows, classes = Value((Rows(), outputs)), Value((Rows(),), "int")
        self.known |= {"x": rows, TARGET: rows, TRUE: classes, PREDICTED: classes}
        self.written[OUTPUTS] = parse_value("x.shape[1]")
        self.written[PREDICTED] = parse_value(f"{PREDICTED}[:, None]")
        self.written[ACTUAL] = parse_value(f"{TRUE}[:, None]")
        self.given = dict(self.known)

    def lowered(self, node: Expression) -> Expression:
        """Return a formula in the operations of numpy; a class stands alone, as a column."""
        match node:
            case Operation("pick()", (inner, Name("t"))):
                node = Operation("pick()", (inner, Name(TRUE)))
        return super().lowered(node)

    def statement(self, name: str, value: Expression) -> Statement:
        if name not in (SCORE, ERROR):
            return super().statement(name, value)
        return mean_of_examples(name, value, self)
