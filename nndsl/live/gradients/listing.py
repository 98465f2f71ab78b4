"""The text of `loss_and_gradients`, taken apart: its statements, their lines, and other prints."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from nndsl.ir import Statement
from nndsl.live.gradients.blocks import Step, WrittenOut, function_text
from nndsl.program.passes import drop_dead

FUNCTION = "loss_and_gradients"


@dataclass(frozen=True)
class Listing:
    """The text of a script, seen as its function `loss_and_gradients`.

    `blocks` are the names of functions that are written out where it calls them.
    """

    text: str
    blocks: tuple[str, ...] = ()

    @cached_property
    def _whole(self) -> WrittenOut:
        blocks = {name: function_text(self.text, name) for name in self.blocks}
        return WrittenOut(function_text(self.text, FUNCTION), blocks)

    @cached_property
    def _returned(self) -> list[ast.expr]:
        """Return what stands behind `return`: the losses, then the dictionary of gradients."""
        assert isinstance(self._whole.returned, ast.Tuple)
        return self._whole.returned.elts

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

    @property
    def steps(self) -> list[Step]:
        """Its statements without docstring and `return`, in the order in which they run."""
        return self._whole.steps

    @cached_property
    def statements(self) -> list[Statement]:
        """The statements of its steps: each variable has a name of its own."""
        return [step.statement for step in self.steps]

    def name_of(self, variable: str, function: str) -> str:
        """Return the name that a variable has in a function of the script."""
        return self._whole.names.get((function, variable), variable)

    def step_of(self, variable: str) -> Step:
        """Return the last step that writes a variable."""
        return next(s for s in reversed(self.steps) if variable in s.statement.writes)

    def written(self, variable: str) -> tuple[str, int, str]:
        """Return the name of a variable, the number and code of the last line that writes it."""
        step = self.step_of(variable)
        return self.name_of(variable, step.function), step.line, step.written.text

    def first_line_of(self, variable: str) -> int:
        """Return the number of the first line that writes a variable."""
        return next(step.line for step in self.steps if variable in step.statement.writes)

    def order_of(self, variable: str) -> int:
        """Return the position of the last step that writes a variable, -1 if none does."""
        writes = [
            at for at, statement in enumerate(self.statements) if variable in statement.writes
        ]
        return writes[-1] if writes else -1

    def forward_only(self, *, dtype: str = "") -> str:
        """Return the script with a function that computes the losses, and no gradient.

        `dtype` replaces the type of numbers: `np.complex128`.
        """
        return self.losses_of(drop_dead(self.statements, self.losses), dtype)

    def losses_of(self, body: Iterable[Statement], dtype: str = "") -> str:
        """Return the script with a function of other statements for the losses, and no gradient."""
        return self._with_body(body, f"{', '.join(self.losses)}, None", dtype)

    def with_locals(self, *added: Statement, before: int = 0) -> str:
        """Return the script with a function that returns all its variables as a dictionary.

        Statements may be added before one of them, given by its position.
        """
        body = self.statements
        return self._with_body([*body[:before], *added, *body[before:]], "locals()")

    def _with_body(self, body: Iterable[Statement], returns: str, dtype: str = "") -> str:
        code = "\n".join([*(statement.text for statement in body), f"return {returns}"])
        if dtype:
            code = code.replace("np.float64", dtype)
        lines = self.text.split("\n")
        place = self._whole.function.lines
        first = place.start - 1
        written = [lines[first], *textwrap.indent(code, "    ").split("\n")]
        return "\n".join([*lines[:first], *written, *lines[place.stop - 1 :]])
