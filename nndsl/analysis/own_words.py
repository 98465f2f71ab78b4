"""Words that a page defines: `layer NAME(…) { … }` becomes a word of the vocabulary's kind.

What all kinds have in common is read here: names, arguments with defaults, formulas. A kind is a
file `own_KIND.py` with a class `Reader`, which adds what is its own, and a line in `OWN_KINDS`.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from itertools import chain, count
from typing import Any, ClassVar

from pydantic import Field, ValidationError, create_model

from nndsl.analysis.evaluate import bind, evaluate
from nndsl.analysis.formulas import FormulaReader
from nndsl.analysis.scope import AnalysisError, Scope, read_each
from nndsl.analysis.slots import NUMBER, Slot, describe_kind
from nndsl.diagnostics import Label, Severity
from nndsl.ir import Expression, Literal, Name, Operation, names_of, symbols
from nndsl.ir.tree import parts, putting, transformed
from nndsl.languages import sentence
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Real, camel_case
from nndsl.vocabulary.formula_functions import FUNCTIONS, Function
from nndsl.vocabulary.layer import OF_OBJECTS, Layer, ShapeError
from nndsl.vocabulary.own_word import FEATURES_OF, Formula, OwnWord, on_page

MAX_FORMULAS = 100
MAX_PARTS = 100  # of one formula
MAX_PARTS_IN_ALL = 1000  # of a word, whose derivation takes longer than in proportion to them
_OF_SCRIPTS = "N rng dtype np math params state t self sigmoid softmax log_softmax".split()
# Names of a script's texts, of a layer or a loss as an object, and of Python.
TAKEN = frozenset([*_OF_SCRIPTS, *OF_OBJECTS, *dir(builtins), *keyword.kwlist])
LAYERS = Layer.kind
OPERATORS = "+ - * / ** @ < <= > >= == !=".split()

Parameters = Mapping[str, tuple[ast.Name, "ast.Value | None"]]

IN_FORMULAS = "a number in the formulas of {word}"


def read_word(
    kind: str, declaration: ast.Declaration, parameters: Parameters, scope: Scope
) -> type[OwnWord]:
    """Return the word that a declaration defines. AnalysisError where it is wrong; all is said."""
    reader: type[OwnWordReader] = import_module(f"nndsl.analysis.own_{kind}").Reader
    return reader(declaration, parameters, scope).read()


class WordFormula(FormulaReader):
    """Reads a formula of a word, and remembers where its parts stand."""

    max_parts = MAX_PARTS
    may_call = True  # layers of the page
    shorter = "give parts of it names of their own, on lines before"

    def __init__(self, word: OwnWordReader, what: str, names: Sequence[str]) -> None:
        super().__init__(word.scope, names, word.functions)
        self.what = what
        self.word = word

    def made(self, node: Expression, value: ast.Value) -> Expression:
        self.word.places[id(node)] = value.span
        return node

    def _reference(self, value: ast.Reference) -> Expression:
        name = value.name.text
        own = self.scope.own(LAYERS).get(name)
        if own is None or value.arguments is None or name in self.functions or not self.may_call:
            return super()._reference(value)
        own.used = True
        if own.builtin is None:
            later = f"layer `{name}` has no meaning yet where {self.what} stands"
            help = "a layer may call those above it"
            raise self.scope.reject("NN201", later, value.name.span, help=help)
        return self._called(own.builtin, value.arguments, value)

    def _called(
        self, word: type[Any], arguments: Sequence[ast.Argument], value: ast.Reference
    ) -> Expression:
        """Return what a layer of the page makes of a value: its formulas, put in their place."""
        name = value.name.text
        if not arguments or arguments[0].name is not None:
            wrong = f"`{name}` takes a value first, and then its arguments"
            raise self.scope.reject("NN205", wrong, value.span, help=f"write {name}(x)")
        x = self.read(arguments[0].value)
        layer = bind(word, arguments[1:], value.span, self.scope)
        known = {function.op for function in self.functions.values()} | {*OPERATORS, "list"}
        used = {part.op for f in layer.formulas for part in parts(f.value) if hasattr(part, "op")}
        if layer.evaluation or layer.gradients or not used <= known or self.word.refuses(layer):
            why = "predicts otherwise than it trains" if layer.evaluation else "has more to it"
            why = "says its own backward pass" if layer.gradients else why
            wrong = f"`{name}` {why}: it stands on a line of the network, and in no formula here"
            raise self.scope.reject("NN208", wrong, value.name.span)
        reads = [n for f in layer.formulas for n in names_of(f.value)]
        if not isinstance(x, Name) and reads.count("x") > 1:
            x = self._named("u", x, value)
        values = {
            name: symbols.number(int(number) if number == int(number) else number)
            for name, number in layer.fields.items()
            if isinstance(number, int | float)
        }
        names: dict[str, Expression] = {**values, "x": x}
        if x != Name("x") or "features" not in self.names:
            names["features"] = Operation(FEATURES_OF, (x,))
        for one in layer.trained:
            names[one.name] = self.word.take_parameter(one, names, layer, value.span)
        for formula in layer.formulas:
            made = transformed(transformed(formula.value, putting(names)), _without_one)
            for part in parts(made):
                self.word.places[id(part)] = value.span
            if formula is layer.formulas[-1] and len(layer.formulas) == 1:
                return self.made(made, value)
            wish = name if formula.name == "y" else formula.name
            names[formula.name] = self._named(wish, made, value)
        return self.made(names["y"], value)

    def _named(self, wish: str, made: Expression, value: ast.Value) -> Name:
        """Give a value a name on a line of its own, before this one."""
        name = self.word.free_name(wish)
        self.word.formulas.append(Formula(name, made, value.span))
        self.word.defined[name] = value.span
        self.names = [*self.names, name]
        return Name(name)

    def check_operator(self, operator: str, value: ast.Value) -> None:
        if operator not in self.word.operators:
            wrong = f"`{operator}` has no derivative, and formulas of a {self.word.form} need one"
            if self.word.operators is not OPERATORS:
                wrong = f"`{operator}` has no meaning in {describe_kind(self.word.base.kind)}"
            raise self.scope.reject("NN208", wrong, value.span)

    def way_out(self, name: str, *, is_name: bool) -> str | None:
        if help := self.word.way_out(name):
            return help
        own = [kind for kind, words in self.scope.words.items() if name in words]
        kinds = [] if is_name or name in FUNCTIONS else [*own, *registry.kinds_of(name)]
        return f"`{name}` is {describe_kind(kinds[0])}, and no function" if kinds else None


def _without_one(node: Expression) -> Expression:
    match node:
        case Operation("*", (Literal(1), other)) | Operation("*" | "/", (other, Literal(1))):
            return other
    return node


class OwnWordReader:
    """Reads a declaration. A kind says of itself what the class variables ask, and may do more.

    `base` is what the new class derives from; `given` are the names that formulas find, with what
    they are; `result` is the name that they must give.
    """

    base: ClassVar[type[OwnWord]]
    given: ClassVar[Mapping[str, str]]
    result: ClassVar[str]
    result_says: ClassVar[str]  # what the result is: "what comes out"
    example: ClassVar[str]  # "a layer holds formulas: y = x * sigmoid(x)"
    functions: ClassVar[Mapping[str, Function]] = FUNCTIONS
    of_scripts: ClassVar[frozenset[str]] = frozenset()  # names that its texts have in a script
    operators: ClassVar[Sequence[str]] = OPERATORS

    def __init__(self, declaration: ast.Declaration, parameters: Parameters, scope: Scope) -> None:
        self.declaration, self.parameters, self.scope = declaration, parameters, scope
        self.name = declaration.name
        self.form = declaration.word.text  # "layer"
        self.places: dict[int, Span] = {}
        self.defined: dict[str, Span] = {}
        self.later = [statement.name.text for statement in self.statements]
        self.formulas: list[Formula] = []
        self.gradients: tuple[Formula, ...] = ()  # of a backward pass that the page writes
        self.taken = TAKEN | set(dir(self.base)) | self.of_scripts

    @property
    def statements(self) -> Sequence[ast.Statement]:
        """What stands in the braces."""
        return self.declaration.body.statements if self.declaration.body else ()

    def read(self) -> type[OwnWord]:
        """Return the word. AnalysisError where it is wrong; all is said."""
        for name, _ in self.parameters.values():
            self.check_name(name)
        self.prepare()
        _, failed = read_each(self.statements, self.statement)
        if len(self.statements) > MAX_FORMULAS:
            wrong = f"a {self.form} has more than {MAX_FORMULAS} formulas"
            raise self.scope.reject("NN213", wrong, self.name.span)
        if sum(1 for one in self.formulas for _ in parts(one.value)) > MAX_PARTS_IN_ALL:
            wrong = f"the formulas of a {self.form} have more than {MAX_PARTS_IN_ALL:_} parts"
            raise self.scope.reject("NN213", wrong, self.name.span)
        if failed:
            raise AnalysisError
        if self.result not in self.defined:
            help = f"its last line says {self.result_says}: {self.result} = …"
            wrong = f"{self.form} `{self.name.text}` does not say what `{self.result}` is"
            raise self.scope.reject("NN228", wrong, self.name.span, help=help)
        self.finish()
        self.check_used()
        return self.made()

    def made(self) -> type[OwnWord]:
        """Return the class of the word."""
        fields, failed = read_each(self.parameters.items(), lambda item: self._field(*item))
        if failed:
            raise AnalysisError
        model: Any = create_model(camel_case(self.name.text), __base__=self.base, **dict(fields))
        made: type[OwnWord] = model
        lines = [f"{one.name} = {on_page(one.value)}" for one in self.formulas]
        one_line = len(lines) == 1
        says = f"The {self.form} {{name}} of the page."
        made.__doc__ = (
            sentence("{formula}", formula=lines[0])
            if one_line
            else sentence(says, name=self.name.text)
        )
        made.word = self.name.text
        made.positional = len(self.parameters)
        made.formulas, made.places = tuple(self.formulas), self.places
        made.gradients = self.gradients
        return made

    def check_values(self, made: type[OwnWord]) -> None:
        """Report a formula of a word that has no value, wherever it stands; AnalysisError."""
        needed = {n: 1.0 for n, field in made.model_fields.items() if field.is_required()}
        try:
            made(**needed).check()
        except ShapeError as error:
            span = error.span or self.name.span
            raise self.scope.reject("NN301", error.message, span, help=error.help) from None
        except ValidationError:
            pass  # of a default: each use says so

    def _field(self, name: str, given: tuple[ast.Name, ast.Value | None]) -> tuple[str, Any]:
        annotation, slot, says = self.argument(name)
        _, default = given
        if default is None:
            return name, (annotation, Field(description=says))
        value = evaluate(default, slot, self.scope)
        if annotation is Real and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        return name, (annotation, Field(value, description=says, validate_default=True))

    # --- Layers that formulas call ----------------------------------------------------------------

    calls_layers: ClassVar[bool] = False

    def refuses(self, layer: Any) -> bool:
        """Can formulas of this kind not have a layer in them?"""
        return not self.calls_layers or bool(layer.trained)

    def take_parameter(
        self, one: Any, names: Mapping[str, Expression], layer: Any, span: Span
    ) -> Name:
        """Take over a parameter of a layer that is called; return its name here."""
        raise NotImplementedError

    def free_name(self, wish: str) -> str:
        """Return a name that nothing has yet, as much as possible the one that is wished for."""
        taken = {*self.later, *self.defined, *self.parameters}
        wishes = chain([wish], (f"{wish}_{n}" for n in count(2)))
        return next(n for n in wishes if n not in taken and not self.meaning_of(n))

    # --- What a kind may say otherwise ---------------------------------------------------------

    def prepare(self) -> None:
        """Find out what has to be known before the formulas are read."""

    def finish(self) -> None:
        """Read what needs all formulas to be known."""

    def argument(self, name: str) -> tuple[Any, Slot, str]:
        """Return the type of an argument, what may stand there, and what it is."""
        return Real, NUMBER, sentence(IN_FORMULAS, word=self.name.text)

    def readable(self) -> list[str]:
        """Return the names that a formula may read."""
        return [*self.given, *self.parameters, *self.defined]

    def read_names(self) -> Iterable[str]:
        """Yield the names that something reads."""
        yield self.result
        for formula in (*self.formulas, *self.gradients):
            yield from names_of(formula.value)

    def block(self, name: str) -> Callable[[ast.Call], None] | None:
        """Return what reads a block of this name inside the braces; None: there is no such."""
        return None

    def way_out(self, name: str) -> str | None:
        """Return what to do about a name that is not known, if more is known than a like one."""
        if name in self.later:
            return f"`{name}` gets its value further down: put its line before this one"
        return None

    # --- Statements ---------------------------------------------------------------------------

    def statement(self, statement: ast.Statement) -> None:
        """Read a line: a name and its formula, or a block. AnalysisError where it is neither."""
        if isinstance(statement, ast.Broken):
            raise AnalysisError
        if isinstance(statement, ast.Call) and statement.body is not None:
            read = self.block(statement.name.text)
            if read is not None:
                return read(statement)
        if not isinstance(statement, ast.Setting):
            raise self.scope.reject("NN224", self.example, statement.span)
        try:
            self.check_name(statement.name)
            self.setting(statement.name, statement.value)
        finally:  # what is wrong is said once
            self.defined.setdefault(statement.name.text, statement.name.span)

    def setting(self, name: ast.Name, value: ast.Value) -> None:
        """Read what a line gives to a name."""
        self.formulas.append(self.formula(name, value))

    def formula(self, name: ast.Name, value: ast.Value) -> Formula:
        """Return the formula of a line. AnalysisError where it is none."""
        reader = WordFormula(self, f"the formula of `{name.text}`", self.readable())
        return Formula(name.text, reader.read(value), value.span)

    # --- Names --------------------------------------------------------------------------------

    def check_name(self, name: ast.Name) -> None:
        """Report a name that already means something; AnalysisError."""
        text = name.text
        if text in self.defined or (text in self.parameters and self.parameters[text][0] != name):
            first = self.defined.get(text) or self.parameters[text][0].span
            wrong = f"`{text}` has its value already"
            help = "each line gives a new name"
            raise self.scope.reject("NN203", wrong, name.span, Label(first, "here"), help=help)
        if meaning := self.meaning_of(text):
            wrong = f"`{text}` is {meaning}; a formula of this name would hide it"
            raise self.scope.reject("NN225", wrong, name.span, help="choose another name")

    def meaning_of(self, name: str) -> str:
        """Return what a name already means, or nothing."""
        values = (*self.given, *self.parameters, *self.defined, self.result)
        if name in self.given:
            return self.given[name]
        if name in self.functions:
            return "a function of formulas"
        if name in self.taken or name.startswith(("_", "model_")):
            return "a name that scripts need for themselves"
        if name[:1] == "d" and name[1:] in values:
            return f"what the gradient of `{name[1:]}` is called"
        if f"d{name}" in (*self.parameters, *self.defined):
            return f"what `d{name}` would be the gradient of"
        return "a `let` of this page" if name in self.scope.names else ""

    def check_used(self) -> None:
        """Report names that nothing reads."""
        read = set(self.read_names())
        for name, span in self.defined.items():
            if name not in read:
                wrong = f"`{name}` of {self.form} `{self.name.text}` is never used"
                self.scope.diagnostics.report("NN401", wrong, span, severity=Severity.WARNING)
