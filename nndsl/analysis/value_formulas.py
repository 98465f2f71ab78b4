"""Formulas between values of a network: `abs(a - b)`, with the machinery of words of the page."""

from __future__ import annotations

from nndsl.analysis.own_words import OwnWordReader
from nndsl.analysis.scope import Scope, names_in
from nndsl.ir import names_of
from nndsl.syntax import ast
from nndsl.vocabulary.layer import NamedValue
from nndsl.vocabulary.own_layer import OwnLayer
from nndsl.vocabulary.own_word import OwnWord

FORMULA = "formula"  # what such a layer is called


class _Reader(OwnWordReader):
    base = OwnLayer
    result = "y"
    result_says = "what comes out"
    example = "a formula of values: abs(a - b)"

    def __init__(self, value: ast.Value, scope: Scope) -> None:
        span = value.span
        read = dict.fromkeys(name.name.text for name in names_in(value))
        self.given = {  # type: ignore[misc]  # of one formula, not of a kind
            name: "a value of the network" for name in read if name in scope.values
        }
        line = ast.Setting(ast.Name(self.result, span), value, span)
        body = ast.Body((line,), span)
        name = ast.Name(FORMULA, span)
        super().__init__(ast.Declaration(name, name, None, (), body, span), {}, scope)

    def made(self) -> type[OwnWord]:
        made = super().made()
        assert issubclass(made, OwnLayer)
        (formula,) = self.formulas
        read = set(names_of(formula.value))
        made.required_inputs = tuple(name for name in self.given if name in read)
        return made


def formula_layer(value: ast.Value, scope: Scope) -> tuple[OwnLayer, tuple[NamedValue, ...]]:
    """Return the layer of a formula, and the values that it takes. AnalysisError where it is none.

    AnalysisError, too, where a name of a value is one that the texts of layers need.
    """
    reader = _Reader(value, scope)
    for name in reader.given:
        if name in reader.taken or name == reader.result:
            wrong = f"`{name}` cannot stand in a formula: scripts need that name for themselves"
            help = "give the value another name"
            raise scope.reject("NN225", wrong, value.span, help=help)
    made = reader.read()
    assert issubclass(made, OwnLayer)
    return made(), tuple(scope.values[name] for name in made.required_inputs)
