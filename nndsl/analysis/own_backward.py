"""The backward pass that a word of a page writes itself: `backward { dx = … }`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from nndsl.analysis.own_words import OwnWordReader, WordFormula
from nndsl.analysis.scope import AnalysisError, read_each
from nndsl.diagnostics import Label, Severity
from nndsl.ir import Expression, Operation, names_of
from nndsl.ir.symbols import number
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary.formula_functions import NOISE, OF_BACKWARD
from nndsl.vocabulary.own_word import Formula

BACKWARD = "backward"


class BackwardFormula(WordFormula):
    """A formula of a gradient: it may look across the examples."""

    may_call = False

    def __init__(self, word: OwnWordReader, what: str, names: Sequence[str]) -> None:
        super().__init__(word, what, names)
        known = {name: f for name, f in word.functions.items() if name not in NOISE}
        self.functions = known | OF_BACKWARD

    def _reference(self, value: ast.Reference) -> Expression:
        arguments = value.arguments or ()
        if value.name.text == "sum" and len(arguments) == 2 and arguments[1].name is not None:
            axis = arguments[1]
            number_of_axis = axis.value.value if isinstance(axis.value, ast.Number) else None
            if arguments[1].name.text != "axis" or number_of_axis != 0:
                wrong = "`sum` adds the examples, axis=0, or else the numbers of each"
                raise self.scope.reject("NN208", wrong, axis.span)
            inner = self.read(arguments[0].value)
            return self.made(Operation(".sum()", (inner,), (("axis", number(0)),)), value)
        return super()._reference(value)


class BackwardReader:
    """Reads the formulas of gradients. `given` are the names that they find beside the forward's.

    `wanted` are the names whose gradients it must give.
    """

    def __init__(
        self, word: OwnWordReader, given: Mapping[str, str], wanted: Sequence[str]
    ) -> None:
        self.word, self.scope, self.given, self.wanted = word, word.scope, given, wanted
        self.defined: dict[str, Span] = {}
        self.formulas: list[Formula] = []

    def read(self, block: ast.Call) -> tuple[Formula, ...]:
        """Return the formulas. AnalysisError where one is wrong; all is said."""
        assert block.body is not None
        if block.arguments:
            wrong = f"`{BACKWARD}` takes no arguments"
            raise self.scope.reject("NN202", wrong, block.arguments[0].span)
        self.word.later = [s.name.text for s in block.body.statements if isinstance(s, ast.Setting)]
        _, failed = read_each(block.body.statements, self._statement)
        if failed:
            raise AnalysisError
        missing = [f"d{name}" for name in self.wanted if f"d{name}" not in self.defined]
        for name in missing:
            what = "comes in" if name == "dx" else "is trained"
            wrong = f"`{BACKWARD}` of {self.word.form} `{self.word.name.text}` gives no `{name}`"
            help = f"`{name[1:]}` {what}: add a line {name} = …"
            self.scope.diagnostics.report("NN228", wrong, block.name.span, help=help)
        if missing:
            raise AnalysisError
        read = {name for formula in self.formulas for name in names_of(formula.value)}
        for name, span in self.defined.items():
            if name not in read and name[1:] not in self.wanted:
                wrong = f"`{name}` of {self.word.form} `{self.word.name.text}` is never used"
                self.scope.diagnostics.report("NN401", wrong, span, severity=Severity.WARNING)
        return tuple(self.formulas)

    def _statement(self, statement: ast.Statement) -> None:
        if isinstance(statement, ast.Broken):
            raise AnalysisError
        if not isinstance(statement, ast.Setting):
            wrong = f"`{BACKWARD}` holds formulas of gradients: dx = …"
            raise self.scope.reject("NN224", wrong, statement.span)
        name = statement.name
        try:
            self._check_name(name)
            names = [*self.word.readable(), *self.given, *self.defined]
            reader = BackwardFormula(self.word, f"the formula of `{name.text}`", names)
            value = reader.read(statement.value)
            self.formulas.append(Formula(name.text, value, statement.value.span))
        finally:  # what is wrong is said once
            self.defined.setdefault(name.text, name.span)

    def _check_name(self, name: ast.Name) -> None:
        text = name.text
        if text in self.defined:
            wrong = f"`{text}` has its value already"
            help = "each line gives a new name"
            first = Label(self.defined[text], "here")
            raise self.scope.reject("NN203", wrong, name.span, first, help=help)
        known = [*self.word.readable(), *self.wanted]
        is_gradient = text[:1] == "d" and text[1:] in known
        meaning = self.given.get(text)
        if text in self.word.defined or text in self.word.parameters:
            meaning = "of the forward pass"
        if meaning := meaning or ("" if is_gradient else self.word.meaning_of(text)):
            wrong = f"`{text}` is {meaning}; a formula of this name would hide it"
            raise self.scope.reject("NN225", wrong, name.span, help="choose another name")


class WithBackward(OwnWordReader):
    """Reads words that may write their backward pass: else it is derived."""

    given_back: ClassVar[Mapping[str, str]]  # the names that formulas of gradients find beside

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._block: ast.Call | None = None

    def wanted(self) -> list[str]:
        """Return the names whose gradients a backward pass must give."""
        raise NotImplementedError

    def block(self, name: str) -> Callable[[ast.Call], None] | None:
        return self._take if name == BACKWARD else super().block(name)

    def _take(self, block: ast.Call) -> None:
        """Keep the backward pass until all of the forward pass is read."""
        if self._block is not None:
            wrong = f"{self.form} `{self.name.text}` says its `{BACKWARD}` twice"
            first = Label(self._block.name.span, "here")
            raise self.scope.reject("NN203", wrong, block.name.span, first)
        self._block = block

    def finish(self) -> None:
        super().finish()
        if self._block is not None:
            reader = BackwardReader(self, self.given_back, self.wanted())
            self.gradients = reader.read(self._block)
