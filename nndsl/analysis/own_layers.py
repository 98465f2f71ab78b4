"""Layers that a page defines: `layer NAME(…) { … }` becomes a word of the vocabulary's kind."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import Field, create_model

from nndsl.analysis.evaluate import evaluate
from nndsl.analysis.formulas import FormulaReader
from nndsl.analysis.scope import AnalysisError, Scope, names_in, read_each
from nndsl.analysis.slots import NUMBER, Slot
from nndsl.diagnostics import Label, Severity
from nndsl.ir import Expression, names_of
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Real, Size, camel_case
from nndsl.vocabulary.formula_functions import FUNCTIONS
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import OF_OBJECTS
from nndsl.vocabulary.own_layer import FEATURES, Formula, OwnLayer, Trained, on_page

MAX_FORMULAS = 100
MAX_PARTS = 100  # of one formula
PARAMETER = "parameter"
GIVEN = ("x", FEATURES)  # names that a formula finds
# Names of a script's texts, of a layer as an object, and of Python.
_OF_SCRIPTS = "N rng dtype np math params state t self".split()
TAKEN = frozenset([*_OF_SCRIPTS, *OF_OBJECTS, *dir(OwnLayer), *dir(builtins), *keyword.kwlist])
OPERATORS = "+ - * / ** @ < <= > >= == !=".split()
INIT = Slot(kinds=(Initializer.kind,))
FORM = "a layer holds formulas: y = x * sigmoid(x)"

Parameters = Mapping[str, tuple[ast.Name, "ast.Value | None"]]


def read_layer(
    declaration: ast.Declaration, parameters: Parameters, scope: Scope
) -> type[OwnLayer]:
    """Return the word that a declaration defines. AnalysisError where it is wrong; all is said."""
    return _OwnLayerReader(declaration, parameters, scope).word()


class _LayerFormula(FormulaReader):
    """Reads a formula of a layer, and remembers where its parts stand."""

    max_parts = MAX_PARTS
    shorter = "give parts of it names of their own, on lines before"

    def __init__(
        self,
        name: str,
        names: Sequence[str],
        scope: Scope,
        places: dict[int, Span],
        later: Collection[str] = (),
        initializers: Collection[str] = (),
    ) -> None:
        super().__init__(scope, names, FUNCTIONS)
        self.what = f"the formula of `{name}`"
        self._places = places
        self._later = later  # names that lines below give
        self._initializers = initializers  # arguments that are none of its numbers

    def made(self, node: Expression, value: ast.Value) -> Expression:
        self._places[id(node)] = value.span
        return node

    def check_operator(self, operator: str, value: ast.Value) -> None:
        if operator not in OPERATORS:
            wrong = f"`{operator}` has no derivative, and formulas of a layer need one"
            raise self.scope.reject("NN208", wrong, value.span)

    def way_out(self, name: str) -> str | None:
        if name == PARAMETER:
            return "give a parameter a line of its own: W = parameter(features, 10)"
        if name in self._initializers:
            return f"`{name}` says how a parameter begins: it is no number"
        if name in self._later:
            return f"`{name}` gets its value further down: put its line before this one"
        return None


class _Lengths(_LayerFormula):
    def check_operator(self, operator: str, value: ast.Value) -> None:
        if operator in ("@", "<", "<=", ">", ">=", "==", "!="):
            raise self.scope.reject("NN208", f"`{operator}` makes no length", value.span)


class _OwnLayerReader:
    def __init__(self, declaration: ast.Declaration, parameters: Parameters, scope: Scope) -> None:
        self.declaration, self.parameters, self.scope = declaration, parameters, scope
        self.name = declaration.name
        self.places: dict[int, Span] = {}
        self.defined: dict[str, Span] = {}
        self.later = [statement.name.text for statement in self._statements]
        self.formulas: list[Formula] = []
        self.trained: list[Trained] = []
        self.kinds: dict[str, Any] = {}  # of arguments: what a use asks them to be

    @property
    def _statements(self) -> Sequence[ast.Statement]:
        return self.declaration.body.statements if self.declaration.body else ()

    def word(self) -> type[OwnLayer]:
        for name, _ in self.parameters.values():
            self._check_name(name)
        self._find_initializers()
        _, failed = read_each(self._statements, self._statement)
        if len(self._statements) > MAX_FORMULAS:
            wrong = f"a layer has more than {MAX_FORMULAS} formulas"
            raise self.scope.reject("NN213", wrong, self.name.span)
        if failed:
            raise AnalysisError
        if "y" not in self.defined:
            help = "its last line says what comes out: y = …"
            wrong = f"layer `{self.name.text}` does not say what `y` is"
            raise self.scope.reject("NN228", wrong, self.name.span, help=help)
        self._check_used()
        return self._made()

    def _made(self) -> type[OwnLayer]:
        fields, failed = read_each(self.parameters.items(), lambda item: self._field(*item))
        if failed:
            raise AnalysisError
        model: Any = create_model(camel_case(self.name.text), __base__=OwnLayer, **dict(fields))
        made: type[OwnLayer] = model
        lines = [f"{one.name} = {on_page(one.value)}" for one in self.formulas]
        made.__doc__ = lines[0] if len(lines) == 1 else f"The layer {self.name.text} of the page."
        made.word = self.name.text
        made.positional = len(self.parameters)
        made.formulas, made.trained = tuple(self.formulas), tuple(self.trained)
        made.places = self.places
        return made

    def _field(self, name: str, given: tuple[ast.Name, ast.Value | None]) -> tuple[str, Any]:
        kind = self.kinds.get(name, Real)
        _, default = given
        says = f"a number in the formulas of {self.name.text}"
        if kind is Initializer:
            says = "how a parameter begins"
        if default is None:
            return name, (kind, Field(description=says))
        value = evaluate(default, INIT if kind is Initializer else NUMBER, self.scope)
        if kind is Real:
            value = (
                float(value) if isinstance(value, int) and not isinstance(value, bool) else value
            )
        return name, (kind, Field(value, description=says, validate_default=True))

    # --- Statements ---------------------------------------------------------------------------

    def _statement(self, statement: ast.Statement) -> None:
        if isinstance(statement, ast.Broken):
            raise AnalysisError
        if not isinstance(statement, ast.Setting):
            raise self.scope.reject("NN224", FORM, statement.span)
        name, value = statement.name, statement.value
        try:
            self._check_name(name)
            if isinstance(value, ast.Reference) and value.name.text == PARAMETER:
                self._parameter(name, value)
            else:
                self._formula(name, value)
        finally:
            self.defined.setdefault(name.text, name.span)  # what is wrong is said once

    def _formula(self, name: ast.Name, value: ast.Value) -> None:
        names = [*GIVEN, *self._numbers(), *self.defined]
        reader = _LayerFormula(
            name.text, names, self.scope, self.places, self.later, self._initializers()
        )
        self.formulas.append(Formula(name.text, reader.read(value), value.span))

    def _numbers(self) -> list[str]:
        return [name for name in self.parameters if name not in self._initializers()]

    def _initializers(self) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind is Initializer]

    def _find_initializers(self) -> None:
        """Find the arguments that say how a parameter begins: on no line are they numbers."""
        for statement in self._statements:
            match statement:
                case ast.Setting(value=ast.Reference(ast.Name(text), arguments)) if (
                    text == PARAMETER
                ):
                    for argument in arguments or ():
                        value = argument.value
                        if (
                            (argument.name is not None or self._begins(value))
                            and isinstance(value, ast.Reference)
                            and value.name.text in self.parameters
                        ):
                            self.kinds[value.name.text] = Initializer

    def _parameter(self, name: ast.Name, value: ast.Reference) -> None:
        lengths: list[ast.Value] = []
        init: ast.Value | None = None
        for argument in value.arguments or ():
            if argument.name is not None and argument.name.text != "init":
                wrong = f"`{PARAMETER}` has no argument `{argument.name.text}`"
                help = "it takes its lengths and how it begins: parameter(features, 10, init=he)"
                raise self.scope.reject("NN202", wrong, argument.name.span, help=help)
            if argument.name is not None or self._begins(argument.value):
                if init is not None:
                    wrong = f"it is said twice how `{name.text}` begins"
                    raise self.scope.reject("NN203", wrong, argument.span)
                init = argument.value
            else:
                lengths.append(argument.value)
        if not lengths:
            help = "write its lengths: parameter(features, 10)"
            wrong = f"parameter `{name.text}` has no length"
            raise self.scope.reject("NN204", wrong, value.span, help=help)
        found = tuple(map(self._length, lengths))
        self.trained.append(Trained(name.text, found, self._initializer(init), value.span))

    def _begins(self, value: ast.Value) -> bool:
        """Is it what a parameter begins with, and not one of its lengths?"""
        if not isinstance(value, ast.Reference) or value.name.text in (FEATURES, *self.defined):
            return False
        name = value.name.text
        if name in self.parameters and value.arguments is None:
            _, default = self.parameters[name]
            return name == "init" or (default is not None and self._is_initializer(default))
        return self._is_initializer(value)

    def _is_initializer(self, value: ast.Value) -> bool:
        if not isinstance(value, ast.Reference):
            return False
        name = value.name.text
        if value.arguments is None and name in self.scope.names:
            return self._is_initializer(self.scope.names[name].value)
        return registry.lookup(Initializer, name) is not None

    def _initializer(self, value: ast.Value | None) -> Any:
        if value is None:
            return None
        if isinstance(value, ast.Reference) and value.name.text in self.parameters:
            return value.name.text
        return evaluate(value, INIT, self.scope)

    def _length(self, value: ast.Value) -> Expression:
        for name in names_in(value):
            if name.name.text in self._numbers():
                self.kinds[name.name.text] = Size
        names, initializers = [FEATURES, *self._numbers()], self._initializers()
        reader = _Lengths("parameter", names, self.scope, self.places, initializers=initializers)
        return reader.read(value)

    # --- Names --------------------------------------------------------------------------------

    def _check_name(self, name: ast.Name) -> None:
        """Report a name that already means something; AnalysisError."""
        text = name.text
        if text in self.defined or (text in self.parameters and self.parameters[text][0] != name):
            first = self.defined.get(text) or self.parameters[text][0].span
            wrong = f"`{text}` has its value already"
            help = "each line gives a new name"
            raise self.scope.reject("NN203", wrong, name.span, Label(first, "here"), help=help)
        meaning = ""
        if text in GIVEN:
            meaning = "what comes into the layer" if text == "x" else "the length of what comes in"
        elif text in FUNCTIONS or text == PARAMETER:
            meaning = "a function of formulas"
        elif text in TAKEN or text.startswith(("_", "model_")):
            meaning = "a name that scripts need for themselves"
        elif text[:1] == "d" and text[1:] in (*GIVEN, *self.parameters, *self.defined, "y"):
            meaning = f"what the gradient of `{text[1:]}` is called"
        elif f"d{text}" in (*self.parameters, *self.defined):
            meaning = f"what `d{text}` would be the gradient of"
        elif text in self.scope.names:
            meaning = "a `let` of this page"
        if meaning:
            wrong = f"`{text}` is {meaning}; a formula of this name would hide it"
            raise self.scope.reject("NN225", wrong, name.span, help="choose another name")

    def _check_used(self) -> None:
        """Report names that no formula reads."""
        read = {n for f in self.formulas for n in names_of(f.value)}
        read |= {n for one in self.trained for length in one.lengths for n in names_of(length)}
        read.add("y")
        for name, span in self.defined.items():
            if name not in read:
                wrong = f"`{name}` of layer `{self.name.text}` is never used"
                self.scope.diagnostics.report("NN401", wrong, span, severity=Severity.WARNING)
