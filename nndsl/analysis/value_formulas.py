"""Formulas between values of a network: `abs(a - b)`, with the machinery of words of the page."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from nndsl.analysis.own_layers import LayerFormula
from nndsl.analysis.own_words import OwnWordReader
from nndsl.analysis.scope import Scope, names_in
from nndsl.ir import Expression, Literal, Name, Operation, names_of, symbols
from nndsl.ir.tree import putting, transformed
from nndsl.syntax import ast
from nndsl.vocabulary.formula_functions import FUNCTIONS, NOISE, OF_POSITIONS, Function
from nndsl.vocabulary.layer import NamedValue
from nndsl.vocabulary.own_layer import OwnLayer, looks_along
from nndsl.vocabulary.own_word import Formula, OwnWord

FORMULA = "formula"  # what such a layer is called


class _Reader(OwnWordReader):
    base = OwnLayer
    functions: ClassVar[Mapping[str, Function]] = MappingProxyType(FUNCTIONS | NOISE | OF_POSITIONS)
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

        self.roles: dict[str, str] = {}  # what the texts of the layer call a value
        for text in self.given:
            self.roles[text] = self._role(text)

    def _role(self, name: str) -> str:
        """Return the name, or a like one: scripts need some themselves, and `da` is of `a`."""
        roles = {*self.roles.values(), self.result}
        values = roles | self.given.keys()
        role = name
        while (
            role in self.taken | roles
            or f"d{role}" in roles
            or (role[0] == "d" and role[1:] in values)
        ):
            role += "_"
        return role

    def check_name(self, name: ast.Name) -> None:
        """The only line is that of the result."""

    def formula(self, name: ast.Name, value: ast.Value) -> Formula:
        made = LayerFormula(self, "a formula of values", self.readable()).read(value)
        renamed = {name: Name(role) for name, role in self.roles.items() if role != name}
        return Formula(
            name.text, transformed(made, putting(renamed)) if renamed else made, value.span
        )

    def made(self) -> type[OwnWord]:
        made = super().made()
        assert issubclass(made, OwnLayer)
        (formula,) = self.formulas
        read = set(names_of(formula.value))
        made.required_inputs = tuple(role for role in self.roles.values() if role in read)
        made.sees_positions = looks_along(formula)
        predicted = _without_noise(formula.value)
        if predicted != formula.value:
            made.evaluation = (Formula(formula.name, predicted, formula.span),)
        return made


def _without_noise(formula: Expression) -> Expression:
    """Return what prediction computes: instead of noise its mean."""

    def mean(node: Expression) -> Expression:
        match node:
            case Operation("rng.normal()", (center, _)):
                return center
            case Operation("rng.uniform()", (low, high)):
                return Operation(
                    "/", (Operation("+", (low, high), enclosed=True), symbols.number(2))
                )
        return node

    def without_zero(node: Expression) -> Expression:
        match node:
            case Operation("*", (Literal(0) as zero, _) | (_, Literal(0) as zero)):
                return zero
            case Operation("+", (Literal(0), other) | (other, Literal(0))):
                return other
        return node

    means = transformed(formula, mean)
    if means == formula:
        return formula
    short = transformed(means, without_zero)
    return short if names_of(short) else means


def formula_layer(value: ast.Value, scope: Scope) -> tuple[OwnLayer, tuple[NamedValue, ...]]:
    """Return the layer of a formula, and the values it takes. AnalysisError where it is none."""
    reader = _Reader(value, scope)
    made = reader.read()
    assert issubclass(made, OwnLayer)
    taken = (name for name, role in reader.roles.items() if role in made.required_inputs)
    return made(), tuple(scope.values[name] for name in taken)
