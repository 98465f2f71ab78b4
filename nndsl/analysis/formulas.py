"""Formulas of the page: from values of the language to trees of operations.

A name or a function that is not on a list is an error with a place; nothing of a page becomes
code as text.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from nndsl.analysis.evaluate import evaluate_number
from nndsl.analysis.scope import AnalysisError, Scope
from nndsl.ir import Expression, Literal, Name, Operation, symbols
from nndsl.ir.printer import enclosed
from nndsl.syntax import ast
from nndsl.syntax.value_printer import print_value
from nndsl.vocabulary.formula_functions import REDUCTIONS, Function


class FormulaReader:
    """Reads formulas over some names. Every other name of the page stands for its number.

    `what` is how the formula is called in a message: "`f`".
    """

    what = "the formula"
    of_rows = "write {}: it is of each example's numbers, and meets all of them"  # no axis is said
    max_parts = 500  # numbers, names and operations
    shorter: str | None = None  # how to write a formula that has more

    def __init__(
        self, scope: Scope, names: Collection[str], functions: Mapping[str, Function]
    ) -> None:
        self.scope = scope
        self.names = names
        self.functions = functions
        self._parts = 0

    def read(self, value: ast.Value) -> Expression:
        """Return a formula as a tree. AnalysisError where it is none; the first fault is said."""
        self._parts += 1
        if self._parts == self.max_parts:
            wrong = f"{self.what} has more than {self.max_parts} parts"
            raise self.scope.reject("NN213", wrong, value.span, help=self.shorter)
        match value:
            case ast.Number(number) if number < 0:
                return self.made(symbols.number(number), value)
            case ast.Number(number):
                text = print_value(value)
                if isinstance(number, int) and number:  # Python refuses 007
                    text = text.lstrip("0_")
                return self.made(Literal(number, text), value)
            case ast.Group():
                return self.made(enclosed(self.read(value.inner)), value)
            case ast.Unary("-"):
                return self.made(Operation("-", (self.read(value.operand),)), value)
            case ast.Unary():
                return self.read(value.operand)
            case ast.Operation():
                return self._operation(value)
            case ast.Reference():
                return self._reference(value)
            case ast.Hole():
                raise AnalysisError
        raise self.scope.reject("NN208", "expected a formula of numbers and variables", value.span)

    def made(self, node: Expression, value: ast.Value) -> Expression:
        """Take note of a part of the tree and where it stands; return what stands for it."""
        return node

    def check_operator(self, operator: str, value: ast.Value) -> None:
        """Report an operator that has no meaning in such formulas; AnalysisError."""

    def _operation(self, value: ast.Operation) -> Expression:
        left = self.read(value.first)
        for count, (operator, operand) in enumerate(value.rest, 1):
            both = value.until(count)
            self.check_operator(operator, both)
            left = self.made(Operation(operator, (left, self.read(operand))), both)
        return left

    def _reference(self, value: ast.Reference) -> Expression:
        name = value.name.text
        if value.arguments is None and name in self.names:
            return self.made(Name(name), value)
        if value.arguments is None and name in self.scope.names:
            return self.made(
                symbols.number(symbols.plain(evaluate_number(value, self.scope))), value
            )
        if value.arguments is None or name not in self.functions:
            return self._unknown(value)
        function, arguments = self.functions[name], value.arguments
        self._check_arguments(function, value)
        operands = [self.read(argument.value) for argument in arguments]
        if function.operands is None:
            operands = [Operation("list", tuple(operands))]
        return self.made(Operation(function.op, tuple(operands)), value)

    def _check_arguments(self, function: Function, value: ast.Reference) -> None:
        arguments, wanted = value.arguments or (), function.operands
        if any(argument.name for argument in arguments) or (
            len(arguments) < 2 if wanted is None else len(arguments) != wanted
        ):
            count = {1: "one number", None: "two values or more"}.get(wanted, f"{wanted} values")
            wrong = f"`{value.name.text}` takes {count} by position"
            named = [a.name.text for a in arguments if a.name]
            help = None
            if function.op in REDUCTIONS and {*named} <= {"axis", "keepdims", "dim", "keepdim"}:
                said = f"{value.name.text}({print_value(arguments[0].value)})" if arguments else ""
                help = self.of_rows.format(said) if arguments and not arguments[0].name else None
                if function.op in (".max()", ".min()") and len(arguments) > 1 and not named:
                    both = ", ".join(print_value(one.value) for one in arguments)
                    help = f"of two values, number by number: {value.name.text}imum({both})"
            raise self.scope.reject("NN205", wrong, value.span, help=help)

    def _unknown(self, value: ast.Reference) -> Expression:
        name, is_name = value.name.text, value.arguments is None
        names: Sequence[str] = [*self.names, *self.scope.names] if is_name else []
        way_out = self.way_out(name, is_name=is_name)
        wrong = f"unknown {'name' if is_name else 'function'} `{name}` in {self.what}"
        known = [*names, *self.functions]
        candidates = names if is_name else known
        close = self.scope.resolve_typo(
            "NN201", wrong, value.name, known, help=way_out, candidates=candidates
        )
        return self._reference(replace(value, name=ast.Name(close, value.name.span)))

    def way_out(self, name: str, *, is_name: bool) -> str | None:
        """Return what to do about a name that is not known, if more is known than a like one."""
        return None
