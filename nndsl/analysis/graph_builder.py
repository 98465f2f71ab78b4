"""Connects layers by values of known shapes: the graph in the making."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nndsl.analysis.fixes import before, fix
from nndsl.analysis.graph import Graph
from nndsl.analysis.node import Chain, Group, Node, Part, Value, layer_input_shapes, size
from nndsl.analysis.scope import AnalysisError
from nndsl.diagnostics import Diagnostics, Fix, Label
from nndsl.shapes import SequenceShape, Shape, Tokens, describe, show_shape
from nndsl.source import Copy, Origin
from nndsl.vocabulary import registry
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.joining import Joining
from nndsl.vocabulary.layer import (
    MASK,
    Apart,
    Layer,
    LayerInstance,
    NamedValue,
    Parameter,
    Same,
    ShapeError,
    Structure,
    TiedParameter,
)
from nndsl.vocabulary.positions import PaddingMask

if TYPE_CHECKING:
    from nndsl.analysis.repetition import Repetition

MAX_NUMBERS = 10**9


class GraphBuilder:
    """Connects the layers of a network, in the order in which they are computed."""

    def __init__(
        self,
        inputs: Mapping[str, Shape],
        diagnostics: Diagnostics,
        origin: Origin,
        input_origin: Origin | None = None,
    ) -> None:
        """Begin with inputs; `input_origin` is what gives one its shape, if no layer does."""
        # By the names of the page; one may have none.
        self.inputs = {name: Value(shape, name=name) for name, shape in inputs.items()}
        self.token_lines: dict[str, str] = {}  # how inputs would be declared as tokens
        self.named: dict[NamedValue, Value] = {}
        self._input_origin = input_origin
        self._nodes: list[Node] = []
        self._weights_files: dict[str, Origin] = {}  # by path: that layers begin with, and where
        self._parts: list[Part] = []  # of the chain or the structure that is being connected
        self._repetitions: list[Repetition] = []
        self._called: dict[Copy, list[Node]] = defaultdict(list)  # by calls of blocks of the page
        self._around: tuple[Copy, ...] = ()  # the calls of the page in which layers are connected
        self._ties: tuple[tuple[Copy, Copy], ...] = ()
        self._known: dict[str, list[Node]] = defaultdict(list)  # by their word, and by their name
        self._masks: list[Node] = []  # that make masks of inputs
        self._diagnostics = diagnostics
        self._origin = self._page = origin

    @property
    def input(self) -> Value:
        """The input, of several the first."""
        return next(iter(self.inputs.values()))

    def built(self, outputs: Mapping[str, Value]) -> Graph:
        """Return what was connected, with the masks of inputs before all layers."""
        (chain,) = self._parts
        assert isinstance(chain, Chain)
        self._nodes[:0] = self._masks
        chain.items[:0] = self._masks
        self._choose_initializers()
        repetitions = self._repetitions
        if repetitions:
            from nndsl.analysis.repetition import stacked

            repetitions = stacked(repetitions, self._nodes)
        inputs, files = self.inputs, self._weights_files
        return Graph(inputs, dict(outputs), self._nodes, chain, repetitions, files)

    def sequence(self, layers: Sequence[LayerInstance], x: Value) -> Value:
        """Connect layers one after another behind `x`; return the last output."""
        outer, parts, chain = self._origin, self._parts, Chain(x)
        parts.append(chain)
        around, ties = self._around, self._ties
        here: dict[Copy, Copy] = {}  # those of the spec, as they stand at this place in the graph
        above: Value | None = x
        for instance in layers:
            self._origin = instance.origin
            if instance.copies or outer.copies:
                inner = (here.setdefault(copy, Copy(copy.block)) for copy in instance.copies)
                self._origin = replace(instance.origin, copies=(*outer.copies, *inner))
            called = instance.gives and instance.gives.copy
            own = (called,) if called and called not in (*around, *instance.copies) else ()
            self._around = (*around, *instance.copies, *own)
            self._ties = (*ties, instance.tied_to) if instance.tied_to else ties
            if isinstance(instance.layer, Apart):
                above = None
                continue
            self._parts = chain.items
            inputs = self._inputs_of(instance, above)
            if isinstance(instance.layer, Same):
                x = inputs[0]
            elif isinstance(instance.layer, Joining) and not instance.body:
                x = instance.layer.join(self, *inputs)
            elif isinstance(instance.layer, Structure):
                group = Group(instance.layer, self._origin)
                chain.items.append(group)
                self._parts = group.parts
                x = instance.layer.wire(self, inputs[0], instance.body)
            else:
                x = self.join(_with_roles(instance), *inputs)
                if x.producer is not None and instance.name:
                    x.producer.name = instance.name
                    self._known[instance.name].append(x.producer)
            above = x
            if instance.gives is not None:
                self.named[instance.gives] = x
                if not x.name or (instance.gives.copy and x.producer):
                    x.name = instance.gives.name  # of a call of a block: not the name inside
        self._origin, self._parts, chain.output = outer, parts, x
        self._around, self._ties = around, ties
        return x

    def _inputs_of(self, instance: LayerInstance, above: Value | None) -> list[Value]:
        """Return what a layer takes: the values that it names, and the output of the line above."""
        layer, given = instance.layer, instance.gives
        if layer.declares_input and given is not None and given.name in self.inputs:
            return [self.inputs[given.name]]
        taken = [self.named[name] for name in instance.takes]
        joins = layer.joins and not instance.body
        wanted = max(2, len(taken)) if joins else len(layer.inputs)
        wanted -= sum(role not in layer.optional_inputs for role, _ in instance.roles)
        roles = [self.named[value] for _, value in instance.roles]
        if len(taken) not in (wanted, wanted - 1):
            several = f"{wanted} values" if wanted > 1 else "one value"
            wrong = f"`{layer.keyword()}` takes {several}, and here stand {len(taken)}"
            by_name = " and ".join(f"`{role}=`" for role in layer.roles())
            help = f"others go by name: {by_name}" if by_name else None
            raise self._reject("NN317", wrong, *self._producer_labels(taken), help=help)
        if len(taken) == wanted:
            return [*taken, *roles]
        if above is None:
            wrong = "several values stand above: which one is meant?"
            name = next((value.name for value in reversed(self.named)), "NAME")
            help = f"name it: {layer.keyword()}({name}, …)"
            raise self._reject("NN316", wrong, help=help)
        return [above, *taken, *roles]

    def repeat(self, layers: Sequence[LayerInstance], x: Value, times: int) -> Value:
        """Connect layers several times behind `x`; return the last output."""
        from nndsl.analysis.repetition import Repetition  # many networks repeat nothing

        repetition = Repetition(x, times, len(self._origin.copies))
        for _ in range(times):
            first = len(self._nodes)
            x = self.sequence(layers, x)
            repetition.copies.append(self._nodes[first:])
            repetition.outputs.append(x)
        if times:
            self._repetitions.append(repetition)
        return x

    def instance(self, keyword: str) -> LayerInstance:
        """Return a layer of a word that stands where the structure does."""
        layer = registry.get(Layer, keyword)()
        return LayerInstance(layer, replace(self._origin, copies=()))

    def freeze(self, layers: Sequence[LayerInstance], x: Value) -> Value:
        """Connect layers whose parameters stay as they are; return the last output."""
        first = len(self._nodes)
        x = self.sequence(layers, x)
        for node in self._nodes[first:]:
            node.is_frozen = True
        return x

    def begin_with(self, layers: Sequence[LayerInstance], x: Value, path: str) -> Value:
        """Connect layers that begin with the weights in a file; return the last output."""
        first = len(self._nodes)
        self._weights_files.setdefault(path, self._origin)
        x = self.sequence(layers, x)
        for node in self._nodes[first:]:
            node.weights_from = node.weights_from or path
        return x

    def join(self, layer: Layer, *inputs: Value) -> Value:
        """Connect one layer to several values; return its output."""
        if layer.masked:
            layer, inputs = self._with_mask(layer, inputs)
        try:
            shapes = layer_input_shapes(layer, [value.shape for value in inputs])
            layer = layer.for_shapes(*shapes)
            shape = layer.output_shape(*shapes)
            parameters = layer.parameters(*shapes)
            first = inputs[0].shape
            if isinstance(first, SequenceShape) and not layer.sees_positions:
                shape = SequenceShape((first[0], *shape))
        except ShapeError as error:
            fixes: tuple[Fix, ...] = ()
            if error.before:
                insert = before(self._origin.span, error.before)
                fixes = fix(f"put `{error.before}` before it", insert)
            labels = self._producer_labels(inputs)
            labels += tuple(Label(*place) for place in error.places)
            line = self.token_lines.get(inputs[0].name) if error.wants_tokens else None
            help = f"write {line}" if line else error.help
            made_by = inputs[0].producer and inputs[0].producer.layer
            if error.wants_positions and made_by and made_by.every_position:
                help = f"{made_by.keyword()}(…, {made_by.every_position}) outputs all positions"
            if error.span is not None:  # of a formula; the layer stands where its uses say
                self._origin = Origin(error.span, (self._origin.span, *self._origin.uses))
            raise self._reject("NN301", error.message, *labels, help=help, fixes=fixes) from None
        if (
            sum(size(p.shape) for p in parameters.values()) > MAX_NUMBERS
            or size(shape) > MAX_NUMBERS
        ):
            raise self._reject("NN213", "this layer is too large")
        shared = {
            role: (self._tied_node(wanted, inputs), wanted.parameter)
            for role, wanted in layer.tied_parameters(*shapes).items()
        }
        counterpart: Node | None = None
        if self._ties:
            parameters, shared, counterpart = self._shared_with(layer, parameters, shared)
        node = Node(layer, inputs, Value(shape), self._origin, parameters, shared)
        if counterpart is not None and layer.state:
            node.keeps_for = counterpart.keeps_for or counterpart
        for copy in self._around:
            self._called[copy].append(node)
        node.output.producer = node
        for value in inputs:
            value.readers.append(node)
        self._nodes.append(node)
        self._parts.append(node)
        self._known[layer.keyword()].append(node)
        self._mask(node)
        return node.output

    def _with_mask(
        self, layer: Layer, inputs: tuple[Value, ...]
    ) -> tuple[Layer, tuple[Value, ...]]:
        """Return a layer that leaves padding out, and what it takes: if there is any, a mask."""
        mask = self._mask_of(inputs[layer.inputs.index(layer.masked)])
        if mask is None:
            return layer, inputs
        return layer.with_inputs((*layer.given_inputs, MASK)), (*inputs, mask)

    def _mask_of(self, value: Value) -> Value | None:
        """Return what says which positions of a value are no padding; None where none is."""
        shape = value.shape
        if value.mask is None and isinstance(shape, Tokens) and shape.padding is not None:
            value.mask = self._masking(PaddingMask(value=shape.padding), value)
        if value.mask is not None and value.is_turned:
            name = f"{value.mask.name}_backwards"
            value.mask, value.is_turned = self._masking(PaddingMask(), value.mask), False
            value.mask.name = name
        return value.mask

    def _mask(self, node: Node) -> None:
        """Give what a layer makes the mask of what it takes, where the positions stay."""
        given = next((v for v in node.inputs if v.mask and node.works_on_rows), node.inputs[0])
        shape = node.output.shape
        if node.layer.marks_padding:
            node.output.mask = self._masking(node.layer.marks_padding, node.inputs[0])
        elif isinstance(shape, SequenceShape) and shape[0] == given.shape[0]:
            node.output.mask = given.mask
            node.output.is_turned = given.is_turned != node.layer.turns_positions

    def _masking(self, layer: Layer, x: Value) -> Value:
        """Connect a layer that makes a mask; that of an input stands before all layers."""
        mask = Value(tuple(x.shape[:1]), name=f"{x.name}_mask" if x.name else MASK)
        node = Node(layer.for_shapes(x.shape), (x,), mask, self._origin)
        mask.producer = node
        x.readers.append(node)
        if x.producer is None:
            node.origin = self._page
            self._masks.append(node)
        else:
            self._nodes.append(node)
            self._parts.append(node)
        return mask

    def _choose_initializers(self) -> None:
        """Give every parameter an initializer: the spec's, or the one for the next activation.

        The search looks downstream through everything that is neither an activation nor a layer
        with weights of its own.
        """
        for node in reversed(self._nodes):
            reader = node.output.readers[0] if node.output.readers else None
            if reader is not None:
                passes = not reader.layer.nonlinear and not reader.has_weights
                node.activation = (
                    reader.activation if passes else reader if reader.layer.nonlinear else None
                )
            for name, parameter in node.parameters.items():
                init = parameter.init
                if init is None:
                    init, follows = node.recommended_init, "no activation follows"
                    if node.activation is not None:
                        follows = f"{node.activation.layer.keyword()} follows"
                    node.init_reason = f"{init}, since {follows}"
                if isinstance(init, str):
                    init = registry.get(Initializer, init)()
                node.parameters[name] = replace(parameter, init=init)

    def _shared_with(
        self,
        layer: Layer,
        parameters: dict[str, Parameter],
        shared: dict[str, tuple[Node, str]],
    ) -> tuple[dict[str, Parameter], dict[str, tuple[Node, str]], Node | None]:
        """Return no parameters of its own, those of a layer's counterpart in another call, and it.

        A layer with statistics updates those of its counterpart, and has parameters besides.
        """
        own, source = self._ties[0]
        at, sources = len(self._called[own]), self._called[source]
        counterpart = sources[at] if at < len(sources) else None
        word = layer.keyword()
        for role, parameter in parameters.items():
            owner, theirs = (counterpart, role) if counterpart else (None, role)
            if counterpart is not None and role in counterpart.shared:
                owner, theirs = counterpart.shared[role]
            other = owner.parameters.get(theirs) if owner else None
            if owner is None or other is None or other.shape != parameter.shape:
                has = show_shape(parameter.shape)
                wrong = f"`{role}` of `{word}` would be {has}, and its counterpart has another"
                if other is not None:
                    wrong = f"{wrong}: {show_shape(other.shape)}"
                labels = [Label(owner.origin.span, "its counterpart")] if owner else []
                help = "calls that share weights have equal arguments, and take values of one shape"
                raise self._reject("NN314", wrong, *labels, help=help)
            shared[role] = owner, theirs
        return {}, shared, counterpart

    def require_readers(self, outputs: Mapping[str, Value], learnt: Collection[str]) -> None:
        """AnalysisError where something is computed that nothing takes; `learnt` have a loss."""
        for node in self._nodes:
            if not node.output.readers and node.output not in outputs.values():
                self._origin = node.origin
                name = f"`{node.output.name}`" if node.output.name else "what this layer gives"
                help = "take it in a layer below, or leave the line out"
                if node.output.name in learnt:
                    help = f"an output is declared: output {node.output.name} = …"
                raise self._reject("NN318", f"nothing takes {name}", help=help)

    def _reject(
        self,
        code: str,
        message: str,
        *labels: Label,
        help: str | None = None,
        fixes: tuple[Fix, ...] = (),
    ) -> AnalysisError:
        """Record an error of the layer that is being connected, and return what to raise."""
        self._diagnostics.report(code, message, self._origin, *labels, help=help, fixes=fixes)
        return AnalysisError()

    def _producer_labels(self, inputs: Sequence[Value]) -> tuple[Label, ...]:
        """Return marks that say which shape comes from where."""
        labels = []
        for value in inputs:
            origin = value.producer.origin if value.producer else self._input_origin
            if origin is not None:
                labels.append(Label(origin.span, f"gives {describe(value.shape)}"))
        return tuple(labels)

    def _tied_node(self, wanted: TiedParameter, inputs: Sequence[Value]) -> Node:
        """Return the node whose array a layer takes. AnalysisError if none fits."""
        from nndsl.analysis.sharing import SharingError, resolve_tied  # few networks need it

        try:
            return resolve_tied(wanted, self._known)
        except SharingError as error:
            labels = list(dict.fromkeys(Label(n.origin.span, said) for n, said in error.places))
            there = {label.span for label in labels}
            givers = [label for label in self._producer_labels(inputs) if label.span not in there]
            labels += givers * error.is_about_shapes
            raise self._reject("NN314", error.message, *labels, help=error.help) from None


def _with_roles(instance: LayerInstance) -> Layer:
    layer = instance.layer
    given = tuple(role for role, _ in instance.roles if role in layer.optional_inputs)
    return layer.with_inputs(given) if given else layer
