"""Optimizers that a page defines: formulas over a parameter `p` and its gradient `g`."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

from nndsl.analysis.own_words import IN_FORMULAS, OwnWordReader, WordFormula
from nndsl.analysis.slots import NUMBER, Slot, slots
from nndsl.ir import names_of
from nndsl.languages import sentence
from nndsl.syntax import ast
from nndsl.vocabulary.builtin import Real
from nndsl.vocabulary.formula_functions import OF_PARAMETERS
from nndsl.vocabulary.own_optimizer import GRADIENT, PARAMETER, STEP, OwnOptimizer
from nndsl.vocabulary.own_word import Formula, OwnWord
from nndsl.vocabulary.schedule import Rate

RATE = "lr"
DECAY = "decay"
_OF_NUMBERS = "+ - * / ** < <= > >= == !=".split()


class Reader(OwnWordReader):
    """Reads `optimizer NAME(…) { … }`. A name that is read before it is written is a state."""

    base = OwnOptimizer
    given = MappingProxyType(
        {
            PARAMETER: "the parameter",
            GRADIENT: "its gradient",
            STEP: "the number of this update, 1, 2, …",
        }
    )
    result = PARAMETER
    result_says = "where the parameter goes"
    example = "an optimizer holds formulas: p = p - lr * g"
    functions = MappingProxyType(OF_PARAMETERS)
    operators = _OF_NUMBERS

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.decaying: list[Formula] = []
        self.lines = [s.name for s in self.statements if isinstance(s, ast.Setting)]
        self.later = [name.text for name in self.lines]

    def prepare(self) -> None:
        if RATE not in self.parameters:
            wrong = f"optimizer `{self.name.text}` has no argument `{RATE}`, its learning rate"
            help = f"write optimizer {self.name.text}({RATE}=0.01) {{ … }}, and use it"
            raise self.scope.reject("NN204", wrong, self.name.span, help=help)

    def made(self) -> type[OwnWord]:
        made = super().made()
        assert issubclass(made, OwnOptimizer)
        made.state = dict.fromkeys(self._states(), 0.0)
        made.decaying = tuple(self.decaying)
        self.check_values(made)
        return made

    def _states(self) -> Iterable[str]:
        """Yield the names that are read before they are written."""
        written = {*self.given, *self.parameters}
        for formula in self.formulas:
            for name in names_of(formula.value):
                if name in self.later and name not in written:
                    yield name
            written.add(formula.name)

    def argument(self, name: str) -> tuple[Any, Slot, str]:
        if name == RATE:
            return Rate, slots(OwnOptimizer)[RATE], "how large a step is"
        return Real, NUMBER, sentence(IN_FORMULAS, word=self.name.text)

    def readable(self) -> list[str]:
        return list(dict.fromkeys([*self.given, *self.parameters, *self.later]))

    def read_names(self) -> Iterable[str]:
        yield from super().read_names()
        yield GRADIENT  # that of the line after is a new one

    def meaning_of(self, name: str) -> str:
        is_line = any(name == line.text for line in self.lines)
        return "" if is_line and name in (PARAMETER, GRADIENT) else super().meaning_of(name)

    def block(self, name: str) -> Any:
        return self._decay if name == DECAY else None

    def _decay(self, call: ast.Call) -> None:
        """Read `decay { p = … }`: what happens to weights alone, before the other lines."""
        match call:
            case ast.Call(arguments=None, body=ast.Body((ast.Setting() as line,))) if (
                line.name.text == PARAMETER and not self.decaying
            ):
                readable = [*self.given, *self.parameters]
                reader = WordFormula(self, f"the formula of `{DECAY}`", readable)
                value = reader.read(line.value)
                self.decaying.append(Formula(PARAMETER, value, line.value.span))
            case _:
                wrong = f"`{DECAY}` stands once, and holds one line: what becomes of `{PARAMETER}`"
                help = f"write {DECAY} {{ p = p * (1 - lr * strength) }}"
                raise self.scope.reject("NN224", wrong, call.span, help=help)
