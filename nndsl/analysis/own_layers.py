"""Layers that a page defines: formulas over `x`, and arrays that are trained."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from nndsl.analysis.evaluate import evaluate
from nndsl.analysis.own_backward import WithBackward
from nndsl.analysis.own_words import IN_FORMULAS, WordFormula
from nndsl.analysis.scope import AnalysisError, names_in, read_each
from nndsl.analysis.slots import NUMBER, Slot
from nndsl.ir import Expression, Name, Operation, names_of
from nndsl.ir.tree import putting, transformed
from nndsl.languages import sentence
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary.builtin import Real, Size
from nndsl.vocabulary.formula_functions import FUNCTIONS, NOISE, OF_POSITIONS, POSITIONS, REDUCTIONS
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.own_layer import FEATURES, OwnLayer, Trained, looks_along
from nndsl.vocabulary.own_word import Formula, OwnWord

PARAMETER = "parameter"
EVALUATE = "evaluate"
INIT = Slot(kinds=(Initializer.kind,))


class _Length(WordFormula):
    may_call = False

    def check_operator(self, operator: str, value: ast.Value) -> None:
        if operator in ("@", "<", "<=", ">", ">=", "==", "!="):
            raise self.scope.reject("NN208", f"`{operator}` makes no length", value.span)


class LayerFormula(WordFormula):
    """A formula of a layer: it may look along the positions of an example."""

    def _reference(self, value: ast.Reference) -> Expression:
        function, arguments = self.functions.get(value.name.text), value.arguments or ()
        match arguments:
            case (inner, ast.Argument(ast.Name("axis"), ast.Reference(ast.Name(axis), None))) if (
                axis == POSITIONS and function is not None and function.op in REDUCTIONS
            ):
                read = self.read(inner.value)
                made = Operation(function.op, (read,), (("axis", Name(POSITIONS)),))
                return self.made(made, value)
        return super()._reference(value)


class Reader(WithBackward):
    """Reads `layer NAME(…) { … }`."""

    base = OwnLayer
    given = MappingProxyType(
        {"x": "what comes into the layer", FEATURES: "the length of what comes in"}
    )
    functions = MappingProxyType(FUNCTIONS | NOISE | OF_POSITIONS)
    result = "y"
    result_says = "what comes out"
    calls_layers = True
    given_back = MappingProxyType({"dy": "the gradient of what goes out"})
    example = "a layer holds formulas: y = x * sigmoid(x)"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.trained: list[Trained] = []
        self.evaluation: tuple[Formula, ...] = ()
        self.evaluates = False  # are those of `evaluate` read?
        self.kinds: dict[str, Any] = {}  # of arguments: what a use asks them to be

    def refuses(self, layer: OwnLayer) -> bool:
        return bool(layer.trained) and self.evaluates

    def take_parameter(
        self, one: Trained, names: Mapping[str, Expression], layer: OwnLayer, span: Span
    ) -> Name:
        name = self.free_name(one.name)
        lengths = tuple(transformed(length, putting(names)) for length in one.lengths)
        init = getattr(layer, one.init) if isinstance(one.init, str) else one.init
        self.trained.append(Trained(name, lengths, init, span))
        self.defined[name] = span
        return Name(name)

    def made(self) -> type[OwnWord]:
        made = super().made()
        assert issubclass(made, OwnLayer)
        made.trained, made.evaluation = tuple(self.trained), self.evaluation
        made.sees_positions = any(map(looks_along, (*self.formulas, *self.evaluation)))
        if made.sees_positions and self.gradients:
            wrong = "a layer that looks along positions has a backward pass that is derived"
            raise self.scope.reject("NN208", wrong, self.name.span)
        return made

    def argument(self, name: str) -> tuple[Any, Slot, str]:
        kind = self.kinds.get(name, Real)
        if kind is Initializer:
            return kind, INIT, "how a parameter begins"
        return kind, NUMBER, sentence(IN_FORMULAS, word=self.name.text)

    def readable(self) -> list[str]:
        initializers = self._initializers()
        return [name for name in super().readable() if name not in initializers]

    def read_names(self) -> Iterable[str]:
        yield from super().read_names()
        for formula in self.evaluation:
            yield from names_of(formula.value)
        for one in self.trained:
            for length in one.lengths:
                yield from names_of(length)

    def way_out(self, name: str) -> str | None:
        if name == PARAMETER:
            return "give a parameter a line of its own: W = parameter(features, 10)"
        if name in self._initializers():
            return f"`{name}` says how a parameter begins: it is no number"
        return super().way_out(name)

    def meaning_of(self, name: str) -> str:
        return "a function of formulas" if name == PARAMETER else super().meaning_of(name)

    def block(self, name: str) -> Callable[[ast.Call], None] | None:
        return self._evaluate if name == EVALUATE else super().block(name)

    def _evaluate(self, call: ast.Call) -> None:
        """Read `evaluate { y = … }`: what prediction computes instead."""
        if self.evaluation:
            wrong = f"`{EVALUATE}` is given twice"
            raise self.scope.reject("NN203", wrong, call.name.span)
        if call.arguments is not None:
            wrong = f"`{EVALUATE}` is written {EVALUATE} {{ y = … }}"
            raise self.scope.reject("NN224", wrong, call.span)
        trained, outer = self.formulas, self.defined
        self.formulas = []
        self.defined = {name: span for name, span in outer.items() if name != self.result}
        self.evaluates = True
        _, failed = read_each(call.statements, self._line)
        self.evaluates = False
        self.evaluation, self.formulas = tuple(self.formulas), trained
        says_y = self.result in self.defined
        self.defined = (
            self.defined | outer
            if self.result in outer
            else {name: span for name, span in self.defined.items() if name != self.result}
        )
        if failed:
            raise AnalysisError
        if not says_y:
            wrong = f"`{EVALUATE}` of layer `{self.name.text}` does not say what `y` is"
            raise self.scope.reject("NN228", wrong, call.name.span)

    def _line(self, statement: ast.Statement) -> None:
        match statement:
            case ast.Setting(value=ast.Reference(ast.Name(text))) if text == PARAMETER:
                wrong = "a parameter belongs to training and prediction: make it outside of here"
                raise self.scope.reject("NN224", wrong, statement.span)
            case ast.Call():
                raise self.scope.reject("NN224", self.example, statement.span)
        self.statement(statement)

    def formula(self, name: ast.Name, value: ast.Value) -> Formula:
        reader = LayerFormula(self, f"the formula of `{name.text}`", self.readable())
        return Formula(name.text, reader.read(value), value.span)

    def wanted(self) -> list[str]:
        return [*(one.name for one in self.trained), "x"]

    def setting(self, name: ast.Name, value: ast.Value) -> None:
        if isinstance(value, ast.Reference) and value.name.text == PARAMETER:
            self._parameter(name, value)
        else:
            super().setting(name, value)

    # --- Parameters ---------------------------------------------------------------------------

    def prepare(self) -> None:
        """Find the arguments that say how a parameter begins: on no line are they numbers."""
        for statement in self.statements:
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

    def _initializers(self) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind is Initializer]

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
        return name in self.scope.known(Initializer.kind)

    def _initializer(self, value: ast.Value | None) -> Any:
        if value is None:
            return None
        if isinstance(value, ast.Reference) and value.name.text in self.parameters:
            return value.name.text
        return evaluate(value, INIT, self.scope)

    def _length(self, value: ast.Value) -> Expression:
        numbers = [name for name in self.parameters if name not in self._initializers()]
        for name in names_in(value):
            if name.name.text in numbers:
                self.kinds[name.name.text] = Size
        return _Length(self, "parameter", [FEATURES, *numbers]).read(value)
