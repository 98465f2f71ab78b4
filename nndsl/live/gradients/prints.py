"""The prints of a model's text that a gradient check runs."""

from __future__ import annotations

import ast

import numpy as np

from nndsl.emit.script import write_script
from nndsl.live.gradients.decisions import NUMBERS, instrumented
from nndsl.live.gradients.listing import Listing
from nndsl.live.gradients.running import FAILURES, Array, Point, Text
from nndsl.live.gradients.steps import StepTexts
from nndsl.live.model import Model
from nndsl.program.lower import lower
from nndsl.program.outline import outline
from nndsl.shapes import Tokens
from nndsl.source import Origin


class Prints:
    """The text of a model in float64, and what is made of it.

    `script` is the text itself, `forward` its forward pass in complex numbers, `decided` its
    forward pass with its decisions recorded. `alone` is the same program for the data loss
    alone, with the gradient of the input where it has one; None where the model runs another text
    than its spec's: the two would not be the same.
    """

    def __init__(self, model: Model) -> None:
        self.path = f"{model.spec.name}.py"
        self.has_input_gradient = not isinstance(model.script.input_shape, Tokens)
        self.listing = Listing(
            in_float64(model.source), model.script.blocks, tuple(model.parameters)
        )
        self.script = Text(self.listing.text, self.path)
        self.forward = Text(self.listing.forward_only(dtype="np.complex128"), self.path)
        self.decided = Text(instrumented(self.listing.forward_only(dtype=NUMBERS)), self.path)
        self.origins: dict[str, Origin] = {}  # of the variables that it assigns
        self.steps = StepTexts(self.listing, self.path)
        self.steps_alone = self.steps
        self.alone = self._alone(model)

    def layer_of(self, variable: str) -> tuple[str, int | None]:
        """Return the layer that a variable belongs to, as it stands in the spec, and its line."""
        wrote = any(variable in statement.writes for statement in self.listing.statements)
        name = self.listing.written(variable)[0] if wrote else variable
        origin = self.origins.get(name)
        if origin is None:
            return "", None
        return origin.span.text.split("\n")[0], origin.span.line

    def _alone(self, model: Model) -> Text | None:
        checked = model.checked
        assert checked.spec is not None
        assert checked.graph is not None
        own = lower(checked.spec, checked.graph)
        assert own.training is not None
        for statement in own.training.loss_and_gradients.statements:
            if statement.origin is not None:
                self.origins.update(dict.fromkeys(statement.writes, statement.origin))
        script = write_script(outline(own))
        if _says(self.listing) != _says(Listing(in_float64(script.text), script.blocks)):
            return None
        program = lower(
            checked.spec,
            checked.graph,
            keep_input_gradient=self.has_input_gradient,
            penalties=False,
        )
        script = write_script(program)
        listing = Listing(in_float64(script.text), script.blocks)
        self.steps_alone = StepTexts(listing, self.path)
        return Text(listing.text, self.path)


def _says(listing: Listing) -> list[str]:
    """Return what its statements say, without comments."""
    return [ast.unparse(ast.parse(statement.text)) for statement in listing.statements]


def gradients_of(text: Text, point: Point) -> dict[str, Array] | None:
    """Return the gradients that a text computes at a point, or None where it fails."""
    try:
        *_, gradients = text(point)
    except FAILURES:
        return None
    return {name: np.array(gradient) for name, gradient in gradients.items()}  # not its memory


def in_float64(text: str) -> str:
    """Return a script whose numbers are float64, whatever they were."""
    return text.replace("np.float32", "np.float64")
