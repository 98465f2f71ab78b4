"""The builds of a model's script that a gradient check runs."""

import numpy as np

from nndsl.emit.script import write_script
from nndsl.ir.parser import parse_script, replace_name
from nndsl.ir.tree import Node, without_comments
from nndsl.live.arrays import Array
from nndsl.live.execute import FAILURES
from nndsl.live.gradients.decisions import NUMBERS, instrumented
from nndsl.live.gradients.executable import Executable, Point
from nndsl.live.gradients.objects import values_within
from nndsl.live.gradients.parsed_script import FUNCTION, ParsedScript
from nndsl.live.gradients.steps import StepBuilds
from nndsl.live.model import Model
from nndsl.program.block_functions import extract_blocks
from nndsl.program.lower import lower
from nndsl.program.program import Program
from nndsl.program.style import FLAT
from nndsl.shapes import Tokens
from nndsl.source import Origin

INPUT_OF_A_LAYER = "x"  # what all classes of layers call it


class Builds:
    """The script of a model in float64, and other builds of it.

    `script` is its text itself, `forward` its forward pass in complex numbers, `decided` its
    forward pass with its decisions recorded. `data_loss` is the same program for the data loss
    alone, with the gradient of the input where it has one; None where the model runs another text
    than its spec's: the two would not be the same.
    """

    def __init__(self, model: Model) -> None:
        """ValueError or SyntaxError where the script cannot be read."""
        self.path = f"{model.spec.name}.py"
        self.differentiable = tuple(
            name for name, shape in model.script.inputs.items() if not isinstance(shape, Tokens)
        )
        text = in_float64(model.source)
        self.parsed = ParsedScript(text, model.script.blocks, model.script.trained)
        holds = self.parsed.is_made_of_objects
        self.script = Executable(text, self.path, holds_arrays=holds)
        forward = self.parsed.forward
        self.forward = Executable(self.parsed.losses_of(forward, "np.complex128"), self.path)
        self.decided = Executable(self.parsed.losses_of(instrumented(forward), NUMBERS), self.path)
        program = lower(*model.checked.network)
        written = extract_blocks(program)
        self.values = [*written.values], written.values_within
        if holds:
            self.values = [INPUT_OF_A_LAYER], values_within(parse_script(text), program.inputs)
        self.steps = StepBuilds(self.parsed, self.path, *self.values)
        self.steps_of_data_loss = self.steps
        self.origins = _origins(written)
        self.data_loss = self._data_loss(program, model.script.style)

    def layer_of(self, variable: str) -> tuple[str, int | None]:
        """Return the layer that a variable belongs to, as it stands in the spec, and its line."""
        is_written = self.parsed.order_of(variable) >= 0
        names = [(FUNCTION, variable)]
        if is_written:  # in a layer's function, it is of the layer that the call is of
            names = [*self.parsed.names_of(variable), *self.parsed.step_of(variable).calls]
        origin = next((self.origins[name] for name in names if name in self.origins), None)
        if origin is None:
            return "", None
        return origin.span.text.split("\n")[0], origin.span.line

    def _data_loss(self, program: Program, style: str) -> Executable | None:
        written = extract_blocks(program)
        if style != FLAT:
            written = lower(program.spec, program.graph, style=style)
        script = write_script(written)
        if _nodes(self.parsed) != _nodes(ParsedScript(in_float64(script.text), script.blocks)):
            return None
        keeps = bool(self.differentiable)
        alone = lower(
            program.spec, program.graph, keep_input_gradient=keeps, penalties=False, style=style
        )
        script = write_script(alone)
        parsed = ParsedScript(in_float64(script.text), script.blocks)
        self.steps_of_data_loss = StepBuilds(parsed, self.path, *self.values)
        return Executable(parsed.text, self.path, holds_arrays=style != FLAT)


def _origins(program: Program) -> dict[tuple[str, str], Origin]:
    """Return where in the page the variables of a program come from, by function and name."""
    assert program.training is not None
    return {
        (function.name, name): statement.origin
        for function in (*program.blocks, program.training.loss_and_gradients)
        for statement in function.statements
        if statement.origin is not None
        for name in statement.writes
    }


def _nodes(parsed: ParsedScript) -> list[Node]:
    return [without_comments(statement.node) for statement in parsed.statements]


def gradients_of(script: Executable, point: Point) -> dict[str, Array] | None:
    """Return the gradients that a script computes at a point, or None where it fails."""
    try:
        *_, gradients = script(point)
    except FAILURES:
        return None
    return {name: np.array(gradient) for name, gradient in gradients.items()}  # not its memory


def in_float64(text: str) -> str:
    """Return a script whose numbers are float64, whatever they were. SyntaxError: no Python."""
    return replace_name(text, "np.float32", "np.float64")
