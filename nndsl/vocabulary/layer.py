"""Layers: what stands between the input and the loss.

How large the numbers of a network are before it is trained is told by the theory of wide networks
with random weights: the output of a weighted layer is normally distributed over its units and the
examples. Poole et al. 2016 ("Exponential expressivity in deep neural networks through transient
chaos"); for the gradient Schoenholz et al. 2017.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol, Self, TypeVar

from pydantic import PrivateAttr

from nndsl.data import Signal
from nndsl.explained import ExplainedError
from nndsl.ir import parse_text
from nndsl.ir.scalar import Dual, NotElementwise, evaluate
from nndsl.record import record
from nndsl.shapes import SequenceShape, Shape, describe
from nndsl.source import Copy, Origin, Span
from nndsl.vocabulary.builtin import Builtin, Derived
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.regularizer import Regularizer

if TYPE_CHECKING:
    from collections.abc import Mapping


MASK = "mask"  # the input that says which positions of an example are no padding
SAYS_POSITIONS = "as_positions"  # the layer that says that two axes are positions and features

Points = tuple[Sequence[float], Sequence[float]]  # y at some numbers x, and its slopes there

MAX_KEPT = 5_000  # signals: a page that is being written is checked again and again
_STEP = 0.05  # no point lies at 0, where many activations have a corner
_NORMAL = [
    (z, math.exp(-z * z / 2) * _STEP / math.sqrt(2 * math.pi))
    for z in (_STEP * (number + 0.5) - 6 for number in range(240))
]


class ShapeError(ExplainedError):
    """An input does not fit a layer.

    `before` is a layer that would mend it, put before the one that fails. Where the layer is one
    of the page, `span` is the formula that fails, and `places` what else there is to say in it.
    With `wants_tokens`, an input of tokens would mend it, with `wants_positions` one that has a row
    for each position.
    """

    def __init__(
        self,
        message: str,
        help: str | None = None,
        before: str = "",
        span: Span | None = None,
        places: Sequence[tuple[Span, str]] = (),
        wants_tokens: bool = False,
        wants_positions: bool = False,
    ) -> None:
        super().__init__(message, help)
        self.span = span
        self.places = places
        self.wants_tokens = wants_tokens
        self.wants_positions = wants_positions
        self.before = before


class Propagated(NamedTuple):
    """What a layer makes of a signal, and what it multiplies a gradient's mean square by."""

    output: Signal
    gain: float


@record
class Parameter:
    """A trained array: its shape, how it begins, and whether penalties and decay apply to it."""

    shape: Shape
    init: (
        Initializer | str | None
    )  # a name stands for that word with its defaults; None: see `fan_in`
    fan_in: int = 0
    fan_out: int = 0
    is_weight: bool = False
    regularize: Regularizer | None = None  # instead of the one in `train`

    @property
    def moments(self) -> Signal | None:
        """The mean and the variance of its first numbers, or None where that is not known."""
        if isinstance(self.init, Initializer):
            return self.init.moments(self.fan_in, self.fan_out)
        return None


# A layer as an object: its methods, and what else it has beside its own.
METHODS = FORWARD, BACKWARD, PREDICT = "forward", "backward", "predict"
OF_OBJECTS = (*METHODS, "layers", "gradients", "cache")


class Window(NamedTuple):
    """What a place of the output sees along an axis: `size` places of the input.

    From place to place it moves by `stride`; the first begins `before` places ahead of the input,
    on zeros. Of each place of the input there are `copies` in the output.
    """

    size: int = 1
    stride: int = 1
    before: int = 0
    copies: int = 1


@record
class TiedParameter:
    """A trained array that belongs to another layer: which one, its name there, and its shape."""

    layer: str
    parameter: str
    shape: Shape
    is_transposed: bool = False  # where the texts use it


class Layer(Builtin):
    """A function of the network.

    Its texts are numpy statements over role names: `x` is the input (or those of
    `required_inputs`), `y` the output, `dy` the gradient of the loss with respect to `y`;
    parameters, states and fields go by their own names, and so does what `numbers` returns; `N` is
    the number of examples, `rng` the stream of noise, `dtype` the type of numbers. `forward`
    writes `y`;
    `backward` writes `dx` and `dW` for each parameter `W`, and may read whatever `forward` made;
    left out, it is derived from `forward`;
    `inference_forward`, where prediction differs from training, writes `y`;
    `update_running_stats` alone writes states, and `forward` reads them where they go on from batch
    to batch (`carries`). A text changes in place only what it made itself.
    """

    kind = "layers"
    symbol: ClassVar[str] = "A"  # what its output is called on the blackboard
    required_inputs: ClassVar[tuple[str, ...]] = ("x",)
    optional_inputs: ClassVar[tuple[str, ...]] = ()  # roles that a page may give: `memory=a`
    masked: ClassVar[str] = ""  # the input whose padding it leaves out, as the input `mask` says
    joins: ClassVar[bool] = False  # takes two values or more, all alike
    declares_input: ClassVar[bool] = False  # it says what comes in: `input(64)`
    state: ClassVar[
        dict[str, float]
    ] = {}  # saved with the weights, never trained: name -> first value
    equation: ClassVar[str] = ""  # one line over the same names, for the head of the script
    definition: ClassVar[str] = ""  # of a word that a page defines: what tells it from others
    nonlinear: ClassVar[bool] = False  # an activation: a choice of init looks no further
    recommended_init: ClassVar[str | None] = (
        None  # the initializer for weights before this activation
    )
    default_initializer: ClassVar[str] = "xavier"  # where no activation follows that says otherwise
    only_predicts: ClassVar[str | None] = None  # why it cannot be trained through

    training_only: ClassVar[tuple[str, ...]] = ()  # fields that have no part in prediction

    turns_positions: ClassVar[bool] = False  # the last position comes first
    sees_positions: ClassVar[bool] = False  # of whole examples; others see one position at a time
    sees_ahead: ClassVar[str] = ""  # how to keep a position from later ones, if it sees them
    every_position: ClassVar[str] = ""  # how to make it output a row for each position
    memory_bias: ClassVar[str] = ""  # the field that opens a memory from step to step
    sees_tokens: ClassVar[bool] = False  # takes the numbers of tokens, which are no quantities

    # What the checker should know to warn of mistakes that do not crash.
    linear: ClassVar[bool] = False  # in prediction y is a constant plus a linear function of x
    stands_for_none: ClassVar[bool] = False  # says that an activation is left out on purpose
    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)  # of its outputs
    offset: ClassVar[str] = ""  # the field that adds a number of its own to each feature
    removes_offset: ClassVar[bool] = False  # such a number has no effect on its output
    compares_examples: ClassVar[bool] = False  # in training y depends on the rest of the batch
    normalises_rows: ClassVar[bool] = False  # centres and scales the features of an example
    keeps_order: ClassVar[bool] = False  # outputs its numbers in the order in which they came
    attends: ClassVar[str] = ""  # the value (N, heads, T, S): how much a position takes of each
    drop_rate: ClassVar[str] = ""  # the field: the part of the numbers that training sets to 0
    keeps_signal: ClassVar[bool] = False  # outputs numbers as large as those that come in

    forward: ClassVar[str]
    backward: ClassVar[str] = Derived()
    inference_forward: ClassVar[str] = ""  # empty: as `forward`
    update_running_stats: ClassVar[str] = ""
    # What `--optimize` writes instead, where the same is faster in a form that teaches less.
    optimized_forward: ClassVar[str] = ""  # empty: as `forward`
    optimized_backward: ClassVar[str] = ""  # empty: as `backward`
    optimized_inference_forward: ClassVar[str] = ""  # empty: as `inference_forward`
    _axes_of_input: int = PrivateAttr(1)
    _given: tuple[str, ...] = PrivateAttr(())

    @property
    def input_shape(self) -> Shape | None:
        """The shape of an example, if this word declares it."""
        return None

    @property
    def input_columns(self) -> tuple[str, ...]:
        """The columns of a table that come in, if this word declares some of them."""
        return ()

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the shape of one example's output. ShapeError where the inputs do not fit."""
        return inputs[0]

    def require_row(self, x: Shape) -> None:
        """ShapeError where an example is not a row of features."""
        if len(x) != 1:
            raise ShapeError(
                f"`{self.keyword()}` takes rows of features, and gets {describe(x)}",
                "put `flatten` before it"
                + f", or `{SAYS_POSITIONS}` to treat each alone" * (len(x) == 2),
                before="flatten",
            )

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        """Return the trained parameters by role name, in the order they are stored."""
        return {}

    def tied_parameters(self, *inputs: Shape) -> dict[str, TiedParameter]:
        """Return the trained arrays of other layers that the texts read, by role name."""
        return {}

    def windows(self, *inputs: Shape) -> tuple[Window, ...] | None:
        """Return what a place of the output sees along each axis of places; None: everything.

        Places are those of an image, steps of a signal, or positions. Empty: its own place alone.
        """
        return ()

    def multiplications(self, *inputs: Shape) -> int:
        """Return how many there are in the matrix products of one example's forward pass.

        As a rule, every weight is used once at every place of the output.
        """
        y = self.output_shape(*inputs)
        places = y[0] if isinstance(y, SequenceShape) else math.prod(y[1:])
        weights = (p.shape for p in self.parameters(*inputs).values() if p.is_weight)
        return places * sum(map(math.prod, weights))

    def left_out(self, *inputs: Shape) -> str:
        """Return what of an example the layer never looks at ("the last row"), or nothing."""
        return ""

    def for_shapes(self, *inputs: Shape) -> Self:
        """Return the layer as it stands in a graph, with the texts for these shapes."""
        placed = self.model_copy()
        placed._axes_of_input = len(inputs[0])
        return placed

    @classmethod
    def roles(cls) -> tuple[str, ...]:
        """Return the inputs that a page may name in a call, in order: `memory=a`."""
        return (*cls.required_inputs[1:], *cls.optional_inputs)

    def with_inputs(self, given: tuple[str, ...]) -> Self:
        """Return the layer as it stands where more than its required inputs are given."""
        placed = self.model_copy()
        placed._given = given
        return placed

    @property
    def inputs(self) -> tuple[str, ...]:
        """The roles of what it takes where it stands: those that are required come first."""
        return (*self.required_inputs, *self._given)

    @property
    def given_inputs(self) -> tuple[str, ...]:
        """The roles of what it takes beside its required inputs: `state`, `mask`."""
        return self._given

    @property
    def is_masked(self) -> bool:
        """Do examples have padding where the layer stands? Then `mask` (N, T) is an input."""
        return MASK in self._given

    @property
    def marks_padding(self) -> Layer | None:
        """What says of its input which positions are padding, if the layer says that any are."""
        return None

    @property
    def axes_of_input(self) -> int:
        """How many axes an example has that comes in, where the layer stands."""
        return self._axes_of_input

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        """Return whole numbers that follow from the shapes, by the names that the texts have.

        A script shows the numbers themselves: `x.reshape(N, rows, columns)` becomes
        `X.reshape(N, 24, 24)`. They go before fields of the same names.
        """
        return {}

    def scalar_fn(self, xs: Sequence[float]) -> Points | None:
        """Return y and its slope at each x, where every number is treated alone and alike.

        None where it is not. A corner at 0 has the slope below it.
        """
        count = len(xs)
        known: dict[str, Dual] = {"x": ([x or -math.ulp(0) for x in xs], [1.0] * count)}
        for field in type(self).model_fields:
            if isinstance(value := getattr(self, field), int | float):
                known[field] = [float(value)] * count, None
        try:
            for statement in parse_text(self.forward):
                if statement.target is None or statement.value is None:
                    return None
                known[statement.target] = evaluate(statement.value, known, count)
        except NotElementwise:
            return None
        y, slope = known["y"]
        return y, slope or [0.0] * count

    @property
    def carries(self) -> bool:
        """Do its states go on from batch to batch? Each has a row for each example then."""
        return False

    @property
    def predicts_its_input(self) -> bool:
        """Is the output its input in prediction, as that of dropout is?"""
        text = parse_text(self.inference_forward or self.forward)
        return len(text) == 1 and text[0].copied == self.inputs[0]

    @property
    def passes_on(self) -> bool:
        """Is the output its input, while training as in prediction?"""
        return not self.inference_forward and self.predicts_its_input

    @property
    def is_elementwise(self) -> bool:
        """Does it treat every number alone and alike?"""
        return self.scalar_fn([0.0]) is not None

    def is_dead_at(self, x: float) -> bool:
        """Does it treat every number alone, and output 0 without a slope there?"""
        return self.scalar_fn([x]) == ([0.0], [0.0])

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated | None:
        """Return what becomes of signals before training, or None where that is not known."""
        return Propagated(inputs[0], 1.0) if self.keeps_signal else _propagated(self, inputs[0])

    def doubt_of_role(self, role: str, made_by: Layer) -> tuple[str, str] | None:
        """Return what is wrong, and the way out, where a role takes what another layer makes."""
        return None

    def state_shape(self, *inputs: Shape) -> Shape:
        """Return the shape of each state."""
        return inputs[0]


@lru_cache(MAX_KEPT)
def _propagated(layer: Layer, x: Signal) -> Propagated | None:
    """Return what a layer that treats every number alone makes of a normal signal, or None."""
    points = layer.scalar_fn([x.mean + x.std * z for z, _ in _NORMAL])
    if points is None:
        return None
    mean, power, gain = (
        sum(weight * value for (_, weight), value in zip(_NORMAL, values, strict=True))
        for values in (points[0], [y * y for y in points[0]], [s * s for s in points[1]])
    )
    return Propagated(Signal(mean, max(0.0, power - mean * mean)), gain)


def flat_share(layer: Layer, x: Signal) -> float:
    """Return the part of a signal where the slope is less than a twentieth of the greatest one.

    0 where the layer does not treat every number alone.
    """
    points = layer.scalar_fn([x.mean + x.std * z for z, _ in _NORMAL])
    usual = layer.scalar_fn([z / 2 for z, _ in _NORMAL])
    if points is None or usual is None:
        return 0.0
    limit = max(map(abs, usual[1])) / 20
    return sum(weight for (_, weight), s in zip(_NORMAL, points[1], strict=True) if abs(s) < limit)


def through_weights(x: Signal, W: Parameter, b: Parameter | None) -> Propagated | None:
    """Return what becomes of a signal that is multiplied by independent random weights.

    Poole et al. 2016, equation 3; for the gradient Schoenholz et al. 2017, equation 16. He et al.
    2015 is the special case of relu.
    """
    weight = W.moments
    bias = b.moments if b is not None else Signal(0, 0)
    if weight is None or bias is None:
        return None
    variance = weight.variance * x.power + weight.mean * weight.mean * x.variance
    output = Signal(
        W.fan_in * weight.mean * x.mean + bias.mean, W.fan_in * variance + bias.variance
    )
    return Propagated(output, W.fan_out * weight.power)


class Value(Protocol):
    """A value of the graph, as far as a structure needs to know it."""

    @property
    def shape(self) -> Shape: ...


V = TypeVar("V", bound=Value)


class Wiring(Protocol[V]):
    """What a structure may do with the graph it stands in."""

    def sequence(self, layers: Sequence[LayerInstance], x: V) -> V:
        """Connect layers one after another behind `x`; return the last output."""

    def repeat(self, layers: Sequence[LayerInstance], x: V, times: int) -> V:
        """Connect layers several times behind `x`; return the last output."""

    def instance(self, keyword: str) -> LayerInstance:
        """Return a layer of a word that stands where the structure does, for `sequence`."""

    def freeze(self, layers: Sequence[LayerInstance], x: V) -> V:
        """Connect layers whose parameters stay as they are; return the last output."""

    def begin_with(self, layers: Sequence[LayerInstance], x: V, path: str) -> V:
        """Connect layers that begin with the weights in a file; return the last output."""

    def join(self, layer: Layer, *inputs: V) -> V:
        """Connect one layer to several values; return its output."""


@dataclass(eq=False, slots=True)
class NamedValue:
    """A name that the page gives to a value of the network."""

    name: str
    span: Span
    copy: Copy | None = None  # the call of a block or a layer that gives it
    is_output: bool = False  # of the network, or of the block in which it stands
    failed: bool = False  # the line that gives it is wrong, and that is said


@record
class LayerInstance:
    """A layer where it stands in a spec, with its body if it is a structure."""

    layer: Layer
    origin: Origin
    body: tuple[LayerInstance, ...] = ()
    name: str = ""  # of the `let` that it is
    copies: tuple[Copy, ...] = ()  # of blocks, from the outermost, that begin where it stands
    takes: tuple[NamedValue, ...] = ()  # instead of the output of the line above
    roles: tuple[tuple[str, NamedValue], ...] = ()  # of inputs that go by name: `memory=a`
    gives: NamedValue | None = None  # what its output is called
    tied_to: tuple[Copy, Copy] | None = None  # its call of a block, and that whose weights it has


class Structure(Layer):
    """A layer made of others: it has a body, and says how that is connected.

    It has no texts of its own; the layers it joins with have.
    """

    holds: ClassVar[str] = ""  # the only word that its body may hold; empty: any layer

    def wire(self, graph: Wiring[V], x: V, body: Sequence[LayerInstance]) -> V:
        """Connect the body behind `x`; return the output."""
        raise NotImplementedError

    @property
    def bodies(self) -> int:
        """How many times its body is connected."""
        return 1

    @property
    def weights_from(self) -> str:
        """The path of the weights that its body begins with; empty: it has initial ones."""
        return ""

    def scalar_fn(self, xs: Sequence[float]) -> Points | None:
        return None


class Same(Structure):
    """A line that only names a value, or goes on from one. No word of the language."""

    def wire(self, graph: Wiring[V], x: V, body: Sequence[LayerInstance]) -> V:
        return x


class Apart(Same):
    """Stands behind several inputs: the line below has none above it. No word of the language."""
