"""The text of `loss_and_gradients`, taken apart: its statements, their lines, and other prints."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from nndsl.program.passes import drop_dead
from nndsl.statements import Statement, parse_text

FUNCTION = "loss_and_gradients"


@dataclass(frozen=True)
class Listing:
    """The text of a script, seen as its function `loss_and_gradients`."""

    text: str

    @cached_property
    def _function(self) -> ast.FunctionDef:
        for node in ast.parse(self.text).body:
            if isinstance(node, ast.FunctionDef) and node.name == FUNCTION:
                return node
        raise ValueError(f"the text has no function {FUNCTION}")

    @cached_property
    def _returned(self) -> list[ast.expr]:
        """Return what stands behind `return`: the losses, then the dictionary of gradients."""
        last = self._function.body[-1]
        assert isinstance(last, ast.Return)
        assert isinstance(last.value, ast.Tuple)
        return last.value.elts

    @cached_property
    def losses(self) -> tuple[str, ...]:
        """The variables that it returns before the gradients: the loss, and the penalty if any."""
        return tuple(ast.unparse(node) for node in self._returned[:-1])

    @cached_property
    def gradients(self) -> Mapping[str, str]:
        """The variable of each gradient by the name of its parameter."""
        made = self._returned[-1]
        assert isinstance(made, ast.Dict)
        return {
            key.value: ast.unparse(value)
            for key, value in zip(made.keys, made.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }

    @cached_property
    def statements(self) -> tuple[tuple[int, Statement], ...]:
        """Its statements without docstring and `return`, each with the line that it begins on."""
        lines = self.text.split("\n")
        made = []
        for node in self._function.body[:-1]:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue  # the docstring
            text = lines[node.lineno - 1 : node.end_lineno]
            if not isinstance(node, ast.For):  # the comments of a loop belong to its text
                text[-1] = text[-1].encode()[: node.end_col_offset].decode()  # ast counts bytes
            text[0] = " " * node.col_offset + text[0].encode()[node.col_offset :].decode()
            (statement,) = parse_text(textwrap.dedent("\n".join(text)))
            made.append((node.lineno, statement))
        return tuple(made)

    def line_of(self, name: str) -> tuple[int, str]:
        """Return the number and the code of the last line that writes a variable."""
        return next(
            (number, statement.text)
            for number, statement in reversed(self.statements)
            if name in statement.writes
        )

    def order_of(self, name: str) -> int:
        """Return the position of the last statement that writes a variable, -1 if none does."""
        writes = [at for at, (_, s) in enumerate(self.statements) if name in s.writes]
        return writes[-1] if writes else -1

    def forward_only(self, *, dtype: str = "") -> str:
        """Return the script with a function that computes the losses, and no gradient.

        `dtype` replaces the type of numbers: `np.complex128`.
        """
        kept = drop_dead([statement for _, statement in self.statements], self.losses)
        return self._with_body(kept, f"{', '.join(self.losses)}, None", dtype)

    def with_locals(self) -> str:
        """Return the script with a function that returns all its variables as a dictionary."""
        return self._with_body([statement for _, statement in self.statements], "locals()")

    def _with_body(self, body: Iterable[Statement], returns: str, dtype: str = "") -> str:
        code = "\n".join([*(statement.text for statement in body), f"return {returns}"])
        if dtype:
            code = code.replace("np.float64", dtype)
        lines = self.text.split("\n")
        first, last = self._function.lineno, self._function.end_lineno
        written = [lines[first - 1], *textwrap.indent(code, "    ").split("\n")]
        return "\n".join([*lines[: first - 1], *written, *lines[last:]])
