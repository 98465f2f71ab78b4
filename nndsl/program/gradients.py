"""The loss, the penalty, and the gradient of both, as the statements of one function."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from nndsl.ir import (
    Expression,
    Heading,
    Name,
    Operation,
    Statement,
    names_of,
    parse_text,
    quoted,
    reads,
    wrapped,
)
from nndsl.ir.printer import enclosed
from nndsl.ir.tree import putting
from nndsl.languages import sentence
from nndsl.program import parts
from nndsl.program.context import Context
from nndsl.program.heads import HeadWriter, write_sum
from nndsl.program.layers import Layers
from nndsl.program.network_passes import NetworkPasses
from nndsl.program.passes import accumulate, eliminate_dead_code, fold_sums, propagate_copies
from nndsl.program.program import Array, Function
from nndsl.vocabulary.regularizer import Regularizer
from nndsl.vocabulary.sections.train import Train

FORWARD = "Forward: from the input to the loss."
FORWARD_OF_SEVERAL = "Forward: from the inputs to the loss."
BACKWARD = "Backward: the chain rule, from the loss to the input. {d} means d loss / d {of}."
BACKWARD_OF_SEVERAL = (
    "Backward: the chain rule, from the loss to the inputs. {d} means d loss / d {of}."
)
LOSS = "batch_loss"  # the function of the script that is the forward pass alone
RUNNING_STATS = "Running statistics, for prediction."
STATES = "What is known when the next batch comes."

Penalty = tuple[Regularizer, list[Array], dict[str, str]]  # with its weights and its constants


class GradientWriter:
    """Writes `loss_and_gradients`."""

    def __init__(
        self,
        context: Context,
        train: Train,
        layers: Layers,
        *,
        keep_input_gradient: bool = False,
        penalties: bool = True,
    ) -> None:
        self.context = context
        self.train = train
        self.layers, self.passes = layers, NetworkPasses(layers)
        self.keep_input_gradient = keep_input_gradient
        self.heads = [
            HeadWriter(context, layers, head, layers.graph.output_of(head.name))
            for head in context.spec.heads
        ]
        self.penalties = self._penalties() if penalties else []

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of the targets of all outputs."""
        return tuple(head.t for head in self.heads if head.of.has_targets)

    def _penalties(self) -> list[Penalty]:
        """Group the weights by the regularizer that applies to them."""
        groups: list[Penalty] = []
        for array in self.layers.parameters:
            regularizer = array.regularize or self.train.regularize
            if not array.is_weight or array.is_frozen or regularizer is None:
                continue
            for known, weights, _ in groups:
                if known == regularizer:
                    weights.append(array)
                    break
            else:
                texts = [*parse_text(regularizer.forward), *parse_text(regularizer.backward)]
                constants = self.context.constants.of_fields(regularizer, reads(texts))
                groups.append((regularizer, [array], constants))
        return groups

    def write(self) -> Function:
        """Return the function from a batch to its loss and all gradients."""
        layers, passes = self.layers, self.passes
        forward, loss = passes.forward(), [*self._loss()]
        backward: list[Statement] = []
        for head in self.heads:
            output = f"d{head.output}"
            backward += passes.contribute(head.backward(), {output: f"{output}_part"})
        backward += passes.backward(dict(self._gradients_of_penalties()))
        of = self.heads[0].output
        several = bool(layers.inputs[1:])
        title = sentence(BACKWARD_OF_SEVERAL if several else BACKWARD, d=f"d{of}", of=of)
        trained = [array for array in layers.parameters if not array.is_frozen]
        gradients = {array.name: array.gradient for array in trained}
        if self.keep_input_gradient:
            differentiable = layers.quantities
            gradients |= {name: Name(f"d{name}") for name in differentiable}
        wanted = {name for gradient in gradients.values() for name in names_of(gradient)}
        ahead = FORWARD_OF_SEVERAL if several else FORWARD
        steps = [
            replace(made, section=Heading(part, says))
            for part, says, some in (
                (parts.FORWARD, ahead, forward),
                (parts.LOSS, ahead, loss),
                (parts.BACKWARD, title, backward),
            )
            for made in some
        ]
        pairs = tuple(Operation("pair", (quoted(name), d)) for name, d in gradients.items())
        every = "every parameter" if len(trained) == len(layers.parameters) else "what is trained"
        says = f"Return the mean loss of the batch, and its gradient with respect to {every}."
        if self.penalties:
            says = "Return the mean loss of the batch, the penalty, and the gradient of their sum."
        return Function(
            "loss_and_gradients",
            (*layers.inputs, *self.targets),
            says,
            self._body(steps, wanted),
            Operation("tuple", (*self._losses(), wrapped(Operation("dict", pairs)))),
            keeps=tuple(sorted(passes.kept)),
        )

    def _gradients_of_penalties(self) -> Iterator[tuple[str, list[Statement]]]:
        """Yield the names of weights, and the statements of the gradients of their penalties."""
        for regularizer, weights, constants in self.penalties:
            for weight in (name for array in weights for name in array.arrays):
                names = constants | {"w": weight, "dw": f"d{weight}"}
                yield weight, [s.rename(names) for s in parse_text(regularizer.backward)]

    def write_loss(self) -> Function:
        """Return the function from a batch to its loss alone, in training mode."""
        losses = self._losses()
        steps = [
            replace(made, section=Heading(part))
            for part, some in ((parts.FORWARD, self.passes.forward()), (parts.LOSS, self._loss()))
            for made in some
        ]
        return Function(
            LOSS,
            (*self.layers.inputs, *self.targets),
            f"Return the mean loss of the batch{', and the penalty' * bool(losses[1:])}.",
            self._body(steps, set()),
            Operation("tuple", losses) if losses[1:] else losses[0],
        )

    def _body(self, steps: list[Statement], wanted: set[str]) -> tuple[Statement, ...]:
        """Return the statements of a function that makes `wanted` and the loss by some steps."""
        observed = self.passes.update_running_stats()
        said = STATES if self.layers.carried else RUNNING_STATS
        states = (name for state in self.layers.states for name in state.arrays)
        wanted = {"loss", "penalty", *wanted, *self.passes.kept, *states}
        statements = [
            *self.layers.begin(),
            *steps,
            *(replace(s, section=Heading(sentence=said)) for s in observed),
        ]
        statements = fold_sums(propagate_copies(statements, wanted)[0], self.passes.is_call)
        return tuple(self.context.shapes.annotate(eliminate_dead_code(statements, wanted)))

    def _losses(self) -> tuple[Expression, ...]:
        return (Name("loss"), *[Name("penalty")] * bool(self.penalties))

    def _loss(self) -> Iterator[Statement]:
        """Yield the statements from what the network gives to the loss and the penalty."""
        for head in self.heads:
            yield from (*head.targets(), *head.written(head.of.forward))
        yield from write_sum(self.heads)
        for number, (regularizer, weights, constants) in enumerate(self.penalties):
            is_of_all = regularizer == self.train.regularize
            origin = self.context.spec.origins.get("train.regularize") if is_of_all else None
            text = [
                replace(_over(weights, statement.rename(constants)), origin=origin)
                for statement in parse_text(regularizer.forward)
            ]
            yield from (accumulate(s) if number and s.target == "penalty" else s for s in text)


def _over(weights: Iterable[Array], penalty: Statement) -> Statement:
    """Return the statement of a penalty over some matrices."""
    each = wrapped(Operation("tuple", tuple(map(_each, weights))), len(penalty.text))
    return penalty.rewrite(putting({"weights": enclosed(each)}))


def _each(weights: Array) -> Expression:
    """Return a matrix, or all that are stacked, in a tuple of matrices."""
    if not weights.parts:
        return Name(weights.name)
    return Operation("*", (Operation("[]", (Name("params"), quoted(weights.name))),))
