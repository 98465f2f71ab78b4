"""Recurrent layers: what they have in common."""

from typing import ClassVar, Literal

from pydantic import Field

from nndsl.shapes import SequenceShape, Shape, count, describe
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Layer, Parameter, ShapeError
from nndsl.vocabulary.positions import LayerOfPositions, positions_of


class Recurrent(LayerOfPositions):
    """A state `h` that goes on from step to step: `x W_x` and the last one times `W_h` make it.

    `state`, where a page gives it, is the state before the first step: that of an encoder.
    `sums` are the sums that each unit makes of both: one, or one for each gate as well.
    """

    units: Size = Field(description="number of units: the length of the state")
    output: Literal["last", "all"] = Field("last", description="the state of which steps")
    init: Initializer | None = Field(None, description="how both weights begin; left out, xavier")
    stateful: bool = Field(
        False,
        description="in training, begin a batch with the last state of the batch before: of texts "
        "whose windows follow each other. An epoch begins with zeros, and so does prediction",
    )

    training_only = ("stateful",)
    optional_inputs = ("state",)
    masked = "x"
    symbol = "H"
    bounds = (-1.0, 1.0)
    every_position = "output=all"
    sums: ClassVar[int] = 1
    memories: ClassVar[tuple[str, ...]] = ("h",)  # what goes on from step to step

    @property
    def outputs_cell(self) -> bool:
        """Is the output the state and the cell, side by side?"""
        return False

    def doubt_of_role(self, role: str, made_by: Layer) -> tuple[str, str] | None:
        if role == "state" and isinstance(made_by, Recurrent) and made_by.outputs_cell:
            wrong = (
                f"takes the state and the cell of `{made_by.keyword()}` for one state of its own"
            )
            return wrong, f"let that `{made_by.keyword()}` output its state alone: output=last"
        return None

    @property
    def output_equation(self) -> str:
        """The output, in the words of an equation; and what is begun with, if a page says."""
        y = {"last": "y = last(h)", "all": "y = h"}.get(self.output, "y = [last(h), last(c)]")
        begin = "h[0] = state    " * ("state" in self.given_inputs)
        begin += "h[0] = h[T] of the batch before    " * self.stateful
        return begin + y

    @property
    def first_state(self) -> str:
        """The statement that gives the state before the first step, where it is not 0."""
        if self.stateful:
            first = f"{self._each('{0}[0]')} = {self._each('{0}_last[:N]')}"
            return f"{first}   # where the batch before ended"
        return "h[0] = state   # what is known before the first step" * (
            "state" in self.given_inputs
        )

    def _each(self, code: str) -> str:
        """Return the code for each of what goes on from step to step."""
        return ", ".join(code.format(memory) for memory in self.memories)

    @property
    def carries(self) -> bool:
        return self.stateful

    @property
    def state(self) -> dict[str, float]:  # type: ignore[override]
        return (
            dict.fromkeys((f"{memory}_last" for memory in self.memories), 0.0)
            if self.stateful
            else {}
        )

    def state_shape(self, *inputs: Shape) -> Shape:
        return (self.units,)

    @property
    def update_running_stats(self) -> str:  # type: ignore[override]
        if not self.stateful:
            return ""
        last = f"{self._each('{0}_last[:N]')} = {self._each('{0}[-1]')}"
        return f"{last}   # the next batch goes on there"

    @property
    def inference_forward(self) -> str:  # type: ignore[override]
        return self.model_copy(update={"stateful": False}).forward if self.stateful else ""

    def dstate(self, dh: str = "dh_next") -> str:
        """Return the statement that hands the gradient on that has come back to the first step."""
        return f"dstate = {dh}   # it has come back to the first step" * (
            "state" in self.given_inputs
        )

    @property
    def real(self) -> str:
        """The statement that says of which examples a step is no padding, if any may be."""
        return "real = mask[:, t - 1, None]   # where it is padding, the state stays" * (
            self.is_masked
        )

    def keep(self, state: str) -> str:
        """Return the statement that leaves a state as it was where the step is padding."""
        return f"{state}[t] = np.where(real, {state}[t], {state}[t - 1])" * self.is_masked

    def clear(self, *gradients: str) -> str:
        """Return the statement that sets gradients to 0 at padding, of which nothing was taken."""
        rows = ", ".join(f"{gradient}[:, t - 1]" for gradient in gradients)
        cleared = ", ".join(f"{gradient}[:, t - 1] * real" for gradient in gradients)
        return f"{rows} = {cleared}   # of padding nothing was taken" * self.is_masked

    @property
    def dh_kept(self) -> str:
        """The statement that hands a state's gradient on where the state was kept."""
        return "dh_next = np.where(real, dh_next, dh)   # a state that was kept" * self.is_masked

    @property
    def y(self) -> str:
        """The expression for the output: the state of the last step, or of all as rows."""
        return "h[-1]" if self.output != "all" else "h[1:].transpose(1, 0, 2).reshape(-1, H)"

    @property
    def dys(self) -> str:
        """The statement that takes the gradient of each step apart, if all steps have one."""
        return "dys = dy.reshape(N, T, H)" if self.output == "all" else ""

    @property
    def dh_last(self) -> str:
        """The gradient that the last state has from behind it."""
        return "0" if self.output == "all" else "dy"

    @property
    def behind(self) -> str:
        """Why it is this one."""
        if self.output == "all":
            return "nothing comes from behind the last step"
        return "the last state is the output"

    @property
    def dh(self) -> str:
        """The gradient of a step's state: what comes from the step behind, and from above."""
        return "dys[:, t - 1] + dh_next" if self.output == "all" else "dh_next"

    def _fitting(self, length: int) -> str:
        """Return the calls that begin with a state of this length."""
        if length % 2 or len(self.states) == 1:
            return f"{self.keyword()}({length}, …)"
        of_both = f"{self.keyword()}({length // 2}, …) if it is the state and the cell of another"
        return f"{of_both}, else {self.keyword()}({length}, …)"

    @property
    def states(self) -> tuple[Shape, ...]:
        """The shapes that the state before the first step may have."""
        return ((self.units,),)

    def output_shape(self, *inputs: Shape) -> Shape:
        steps, _ = positions_of(self.keyword(), inputs[0])
        given = dict(zip(self.inputs, inputs, strict=True))
        if self.stateful and "state" in given:
            raise ShapeError(
                f"`{self.keyword()}` begins with `state`, and shall begin where the batch before "
                "ended",
                "leave out stateful=true",
            )
        if (state := given.get("state")) is not None and state not in self.states:
            row = isinstance(state, SequenceShape)
            raise ShapeError(
                f"`{self.keyword()}` has a state of {count(self.units, 'unit')}, "
                f"and `state` is {describe(state)}",
                "one state goes in: let the layer that makes it output its last one"
                if row
                else f"write {self._fitting(state[0])}"
                if len(state) == 1
                else "put `flatten` and `dense` before it",
            )
        if self.output == "all":
            return SequenceShape((steps, self.units))
        return (self.units,)

    def multiplications(self, *inputs: Shape) -> int:
        steps, features = inputs[0]  # all of them are gone through, whatever the output is
        return steps * (features + self.units) * self.sums * self.units

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        T, D = inputs[0]
        sums = self.sums * self.units
        return {"T": T, "features": D, "H": self.units, "states": T + 1, "sums": sums}

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        features, units, init = inputs[0][-1], self.units, self.init or "xavier"
        return {
            "W_x": Parameter((features, self.sums * units), init, features, units, True),
            "W_h": Parameter((units, self.sums * units), init, units, units, True),
            "b": Parameter((self.sums * units,), "zeros"),
        }
