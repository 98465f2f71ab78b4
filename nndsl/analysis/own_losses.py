"""Losses that a page defines: formulas over `x`, the output of the network, and the targets `t`."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from nndsl.analysis.own_backward import WithBackward
from nndsl.analysis.own_words import OwnWordReader, WordFormula
from nndsl.ir import Expression, Name, Operation, names_of
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary.own_loss import OUTPUTS, TARGET, OwnLoss
from nndsl.vocabulary.own_word import Formula, OwnWord


class TargetFormula(WordFormula):
    """A formula that may read the targets, and finds out what they are."""

    word: TargetReader

    def made(self, node: Expression, value: ast.Value) -> Expression:
        match node:
            case Operation("pick()", (_, Name("t"))):
                self.word.picks.append(value.span)
        return super().made(node, value)

    def read(self, value: ast.Value) -> Expression:
        found = super().read(value)
        if found == Name(TARGET):
            self.word.reads.append(value.span)
        return found


class TargetReader(OwnWordReader):
    """Reads formulas over outputs `x` and targets `t`.

    Where `pick(…, t)` stands, the targets are classes; else they are values, as many as outputs.
    """

    given = MappingProxyType(
        {
            "x": "the output of the network",
            TARGET: "the target",
            OUTPUTS: "the number of outputs",
        }
    )
    calls_layers = True
    required: tuple[str, ...] = ("x", TARGET)  # what the formulas have to read

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.picks: list[Span] = []  # where `t` is the class that is picked
        self.reads: list[Span] = []  # where `t` is read

    @property
    def targets(self) -> str:
        """What `t` is: `classes` or `values`; `none` where nothing reads it."""
        return "classes" if self.picks else "values" if self.reads else "none"

    def formula(self, name: ast.Name, value: ast.Value) -> Formula:
        reader = TargetFormula(self, f"the formula of `{name.text}`", self.readable())
        return Formula(name.text, reader.read(value), value.span)

    def check_mixed(self) -> None:
        """Report targets that are a class here and a number there; AnalysisError."""
        for span in self.reads:
            inside = any(pick.start <= span.start and span.end <= pick.end for pick in self.picks)
            if self.picks and not inside:
                wrong = "`t` is a class here, since `pick` takes what it names: it is no number"
                help = "write what is to be done with classes by `pick(…, t)`, or else without it"
                raise self.scope.reject("NN208", wrong, span, help=help)

    def check_targets(self) -> None:
        """Report targets that are mixed, or not read; AnalysisError."""
        self.check_mixed()
        read = {name for formula in self.formulas for name in names_of(formula.value)}
        for name in self.required:
            if name not in read:
                wrong = f"{self.form} `{self.name.text}` does not read `{name}`: {self.given[name]}"
                raise self.scope.reject("NN228", wrong, self.name.span)


class Reader(WithBackward, TargetReader):
    """Reads `loss NAME(…) { … }`."""

    base = OwnLoss
    required = ("x",)  # a loss without a target is of the output alone
    result = "loss"
    result_says = "what an example costs"
    given_back = MappingProxyType({"N": "the number of examples"})
    example = "a loss holds formulas: loss = (x - t)**2"

    def wanted(self) -> list[str]:
        return ["x"]

    def made(self) -> type[OwnWord]:
        self.check_targets()
        made = super().made()
        assert issubclass(made, OwnLoss)
        made.targets = self.targets  # type: ignore[assignment]
        return made
