"""The text of `loss_and_gradients`, taken apart: its statements, their lines, and other prints."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from nndsl.ir import Statement, parse_text
from nndsl.live.gradients.blocks import Step, WrittenOut, function_text
from nndsl.live.gradients.returned import Returned
from nndsl.program.passes import eliminate_dead_code

FUNCTION = "loss_and_gradients"
KEPT = "_kept_"


@dataclass(frozen=True)
class Listing:
    """The text of a script, seen as its function `loss_and_gradients`.

    `blocks` are the names of functions that are written out where it calls them, `parameters`
    those whose gradients it returns.
    """

    text: str
    blocks: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()

    @cached_property
    def _whole(self) -> WrittenOut:
        blocks = {name: function_text(self.text, name) for name in self.blocks}
        return WrittenOut(function_text(self.text, FUNCTION), blocks)

    @cached_property
    def _returned(self) -> Returned:
        return Returned(self._whole, self.parameters)

    @property
    def losses(self) -> Sequence[str]:
        """The variables that it returns before the gradients: the loss, and the penalty if any."""
        return self._returned.losses

    @property
    def gradients(self) -> Mapping[str, str]:
        """The variable of each gradient by the name of its parameter."""
        return self._returned.gradients

    @cached_property
    def steps(self) -> list[Step]:
        """Its statements without docstring and `return`, in the order in which they run."""
        return [*self._whole.steps, *self._returned.steps]

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
        return self.name_of(variable, step.function), step.line, step.shown or step.written.text

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
        return self.losses_of(eliminate_dead_code(self.statements, self.losses), dtype)

    def losses_of(self, body: Iterable[Statement], dtype: str = "") -> str:
        """Return the script with a function of other statements for the losses, and no gradient."""
        return self._with_body(body, f"{', '.join(self.losses)}, None", dtype)

    def with_locals(self, *added: Statement, before: int = 0) -> str:
        """Return the script with a function that returns all its variables as a dictionary.

        Statements may be added before one of them, given by its position.
        """
        body = self.statements
        return self._with_body([*body[:before], *added, *body[before:]], "locals()")

    def with_copies(self) -> str:
        """Return the script with a function that returns each variable as its last write left it.

        The memory of one may be used for another afterwards.
        """
        last = {name: at for at, step in enumerate(self.statements) for name in step.writes}
        body = [*parse_text(f"{KEPT} = {{}}")]
        for at, statement in enumerate(self.statements):
            body.append(statement)
            for name in (name for name in statement.writes if last[name] == at):
                copied = f"{name}.copy() if isinstance({name}, np.ndarray) else {name}"
                body += parse_text(f'{KEPT}["{name}"] = {copied}')
        return self._with_body(body, f"{{**locals(), **{KEPT}}}")

    def _with_body(self, body: Iterable[Statement], returns: str, dtype: str = "") -> str:
        code = "\n".join([*(statement.text for statement in body), f"return {returns}"])
        if dtype:
            code = code.replace("np.float64", dtype)
        lines = self.text.split("\n")
        place = self._whole.function.lines
        first = place.start - 1
        written = [lines[first], *textwrap.indent(code, "    ").split("\n")]
        return "\n".join([*lines[:first], *written, *lines[place.stop - 1 :]])
