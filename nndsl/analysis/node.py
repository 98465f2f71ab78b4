"""A layer in its place: the shapes that come in and go out, and the arrays that it trains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nndsl.shapes import SequenceShape, Shape, Tokens, describe
from nndsl.source import Origin
from nndsl.vocabulary.layer import SAYS_POSITIONS, Layer, Parameter, ShapeError, Structure


@dataclass(slots=True, eq=False)
class Value:
    """The output of a node (or the input of the network), and the nodes that read it."""

    shape: Shape
    producer: Node | None = None
    readers: list[Node] = field(default_factory=list)
    name: str = ""  # that the page gives it
    mask: Value | None = None  # which of its positions are no padding, if some are
    is_turned: bool = False  # they stand the other way round than the mask says
    columns: tuple[int, ...] = ()  # of all inputs of a table, those that it is


@dataclass(slots=True, eq=False)
class Node:
    """A layer between its inputs and its output, with its parameters by role name."""

    layer: Layer
    inputs: tuple[Value, ...]
    output: Value
    origin: Origin
    parameters: dict[str, Parameter] = field(default_factory=dict)
    shared: dict[str, tuple[Node, str]] = field(default_factory=dict)  # whose array it takes
    keeps_for: Node | None = None  # whose statistics it updates, instead of its own
    activation: Node | None = None  # the next one, with no other layer with weights before it
    name: str = ""  # of the `let` that it is
    is_frozen: bool = False  # its parameters stay as they begin
    weights_from: str = ""  # the path of the weights that it begins with, as the spec says it
    init_reason: str = ""  # why an initializer was chosen that the spec does not name

    @property
    def shapes(self) -> list[Shape]:
        """The shapes of the inputs as the layer sees them."""
        return layer_input_shapes(self.layer, [value.shape for value in self.inputs])

    @property
    def arrays(self) -> dict[str, Parameter]:
        """The arrays that its texts read by role name, its own and those of other layers."""
        shared = {role: owner.parameters[theirs] for role, (owner, theirs) in self.shared.items()}
        return {**self.parameters, **shared}

    @property
    def transposed(self) -> list[str]:
        """The roles of arrays of other layers that its texts transpose."""
        tied = self.layer.tied_parameters(*self.shapes)
        return [role for role, wanted in tied.items() if wanted.is_transposed]

    @property
    def has_weights(self) -> bool:
        """Does it multiply by weights, its own or those of another layer?"""
        return any(parameter.is_weight for parameter in self.arrays.values())

    @property
    def recommended_init(self) -> str:
        """The initializer of weights before the activation that follows."""
        recommended = self.activation.layer.recommended_init if self.activation else None
        return recommended or Layer.default_initializer

    @property
    def multiplications(self) -> int:
        """How many there are in its matrix products of one example, at all positions."""
        positions = self.inputs[0].shape[0] if self.works_on_rows else 1
        return positions * self.layer.multiplications(*self.shapes)

    @property
    def works_on_rows(self) -> bool:
        """Does the layer see the positions of all examples as so many examples?"""
        return not self.layer.sees_positions and isinstance(self.inputs[0].shape, SequenceShape)


@dataclass(slots=True, eq=False)
class Chain:
    """Layers one after another, behind a value: what a structure calls its body, or the network."""

    input: Value
    items: list[Part] = field(default_factory=list)
    output: Value = field(init=False)

    def __post_init__(self) -> None:
        self.output = self.input


@dataclass(slots=True, eq=False)
class Group:
    """A structure in its place: the chains that it holds, and the nodes that it joins them with."""

    structure: Structure
    origin: Origin
    parts: list[Part] = field(default_factory=list)


Part = Chain | Group | Node


def layer_input_shapes(layer: Layer, shapes: Sequence[Shape]) -> list[Shape]:
    """Return shapes as a layer sees them: whole, or one position. ShapeError where it cannot."""
    if not layer.sees_tokens and any(isinstance(shape, Tokens) for shape in shapes):
        raise ShapeError(
            f"`{layer.keyword()}` takes quantities, and here come the numbers of tokens",
            "put `embedding` before it",
        )
    if layer.sees_positions and not layer.definition:
        return list(shapes)
    if len({isinstance(s, SequenceShape) and s[0] for s in shapes}) > 1:
        beside = " beside ".join(map(describe, shapes))
        alike = len({*map(tuple, shapes)}) == 1  # what is missing is that they are positions
        raise ShapeError(
            f"what meets here differs in its positions: {beside}",
            f"put `{SAYS_POSITIONS}` before both: it says what the axes are"
            if alike
            else "keep all positions on each way, or on none",
            before=SAYS_POSITIONS * alike,
        )
    if layer.sees_positions:
        return list(shapes)
    return [shape.row if isinstance(shape, SequenceShape) else shape for shape in shapes]


def size(shape: Shape) -> int:
    """Return the number of elements of a shape."""
    product = 1
    for length in shape:
        product *= length
    return product
