"""The style `layers`: a program whose network is made of objects, as in chapter 5 of the textbook.

The functions of the script keep their names, arguments and results; inside they ask the objects.
"""

from collections.abc import Iterator
from dataclasses import replace

from nndsl.ir import (
    Expression,
    Name,
    Operation,
    Statement,
    assign,
    block,
    name_tuple,
    parse_text,
    parse_value,
    quoted,
)
from nndsl.ir.symbols import number
from nndsl.program.context import Context
from nndsl.program.evaluation import write_evaluation
from nndsl.program.gradients import GradientWriter
from nndsl.program.heads import write_sum
from nndsl.program.layer_classes import base_class, loss_class
from nndsl.program.layer_objects import Objects
from nndsl.program.layers import Layers
from nndsl.program.passes import accumulate
from nndsl.program.program import Function, Program
from nndsl.shapes import SequenceShape
from nndsl.vocabulary.layer import FORWARD, PREDICT
from nndsl.vocabulary.loss import Loss

_TRAINED = "{name: g for name, g in zip(params, network.gradients) if name not in frozen}"
COLLECTED = "dict(zip(params, network.gradients))"  # both in the order of the layers


def write_layers(
    program: Program, context: Context, layers: Layers, gradients: GradientWriter | None
) -> Program:
    """Return a program in this style; `gradients` is what wrote its training, if it trains."""
    return _LayerStyle(program, context, layers, gradients).program


class _LayerStyle:
    def __init__(
        self,
        program: Program,
        context: Context,
        layers: Layers,
        gradients: GradientWriter | None,
    ) -> None:
        self._layers, self._context, self._gradients = layers, context, gradients
        for name in ("network", "loss_layer", "Layer", "Sequential"):
            context.names.fresh(name)
        heads = gradients.heads if gradients is not None else ()
        self._loss_layers = {
            head.output: context.names.fresh(f"{head.loss}_layer")
            if head.head.name
            else "loss_layer"
            for head in heads
        }
        trains = gradients is not None
        self._objects = Objects(layers, context.names, trains=trains)
        predicts = self._objects.predicts
        several = any(len(named.node.inputs) > 1 for named in layers.nodes)
        classes = [base_class(trains=trains, predicts=predicts, several=several)]
        classes += self._objects.classes
        why = "its layers hold the arrays of params: a step changes them in place"
        made = [assign("network", self._objects.network).with_comment(why * trains)]
        predict = self._predict(program.predict, PREDICT if predicts else FORWARD)
        training = program.training
        if gradients is not None and training is not None:
            known: list[tuple[tuple[Loss, bool], str]] = []
            for head in gradients.heads:
                is_weighted = bool(head.weight)
                kind = head.of, is_weighted
                of_loss = next((name for other, name in known if other == kind), "")
                if not of_loss:
                    of_loss = context.names.of_class(head.of, head.of.keyword())
                    made_of = loss_class(head.of, head.roles, of_loss, is_weighted=is_weighted)
                    classes.append(replace(made_of, origin=head.head.origin))
                    known.append((kind, of_loss))
                made.append(assign(self._loss_layers[head.output], Operation(f"{of_loss}()")))
            evaluate = write_evaluation(context, layers, gradients, loss_layers=self._loss_layers)
            training = replace(training, evaluate=evaluate)
            learns = training.batch_loss is None
            training = training.with_learner(self._written(training.learner, learns=learns))
        self.program = replace(
            program,
            predict=predict,
            training=training,
            classes=tuple(classes),
            objects=tuple(made),
        )

    def _written(self, function: Function, *, learns: bool) -> Function:
        """Return the function of a batch to its loss, and to its gradients where it `learns`."""
        assert self._gradients is not None
        statements = [*self._forward(), *self._penalty()]
        losses = function.returns
        if learns:
            assert isinstance(function.returns, Operation)
            statements += self._backward()
            operands = (*function.returns.operands[:-1], Name("gradients"))
            losses = replace(function.returns, operands=operands)
        return replace(function, statements=tuple(statements), returns=losses)

    def _predict(self, predict: Function, method: str) -> Function:
        """Return `predict`, which asks the network."""
        inputs, outputs = ", ".join(self._layers.inputs), self._layers.outputs
        asked = parse_value(f"network.{method}({inputs})")
        examples = parse_value(f"len({self._layers.inputs[0]})")
        shapes = [value.shape for value in self._layers.graph.outputs.values()]
        given = [asked] if not outputs[1:] else [Name(name) for name in outputs]
        returned: list[Expression] = [
            Operation(".reshape()", (one, examples, *map(number, shape)))
            if isinstance(shape, SequenceShape)
            else one
            for one, shape in zip(given, shapes, strict=True)
        ]
        if not outputs[1:]:
            return replace(predict, statements=(), returns=returned[0])
        if returned == given:
            return replace(predict, statements=(), returns=asked)
        made = (assign(name_tuple(outputs), asked),)
        return replace(predict, statements=made, returns=Operation("tuple", tuple(returned)))

    def _forward(self) -> Iterator[Statement]:
        """Yield the forward pass, from the inputs to the loss."""
        assert self._gradients is not None
        heads, outputs = self._gradients.heads, self._layers.outputs
        output = parse_value(f"network.forward({', '.join(self._layers.inputs)})")
        if outputs[1:]:
            yield assign(name_tuple(outputs), output)
        for head in heads:
            taken = Name(head.output) if outputs[1:] else output
            layer = Name(self._loss_layers[head.output])
            given = head.targets()
            t = next((made.value for made in given), None) or Name(head.t)
            if head.has_gaps:
                yield from () if outputs[1:] else [assign(head.output, output)]
                yield from given
                taken, t = Name(head.x), Name(head.rows["t"])
            compared = (t,) if head.of.has_targets else ()
            yield assign(head.loss, Operation(".forward()", (layer, taken, *compared)))
        yield from write_sum(heads)

    def _backward(self) -> Iterator[Statement]:
        """Yield the backward pass, and what adds to the gradients that the layers hold."""
        assert self._gradients is not None
        kept = self._layers.quantities if self._gradients.keep_input_gradient else ()
        slopes = []
        for head in self._gradients.heads:
            slope = f"{self._loss_layers[head.output]}.backward({head.weight})"
            yield from head.spread(parse_value(slope))
            slopes.append(f"d{head.output}" if head.has_gaps else slope)
        begin = "".join(f"d{name}, " for name in kept)
        begin = f"{begin.removesuffix(', ')} = " if kept else ""
        yield from parse_text(f"{begin}network.backward({', '.join(slopes)})")
        frozen = [array.name for array in self._layers.parameters if array.is_frozen]
        if frozen:
            yield assign("frozen", Operation("set", tuple(map(quoted, frozen))))
        yield from self._collected(bool(frozen))
        for at, (regularizer, _, constants) in enumerate(self._gradients.penalties):
            names = constants | {"w": "params[name]"}
            (text,) = (s.rename(names) for s in parse_text(regularizer.backward))
            assert text.value is not None
            added = accumulate(assign("dw", text.value))
            body = added.rename({"dw": "gradients[name]"})
            yield block(f"for name in {self._weights(at)}:", [body])
        for name in kept:
            yield from parse_text(f'gradients["{name}"] = d{name}')

    def _collected(self, has_frozen: bool) -> Iterator[Statement]:
        """Yield what makes one dictionary of the gradients that the layers hold."""
        if not any(named.tied_parameters for named in self._layers.nodes):
            found = _TRAINED if has_frozen else COLLECTED
            yield from parse_text(f"gradients = {found}   # both are in the order of the layers")
            return
        names = tuple(quoted(name) for name in self._objects.trained)
        yield assign("names", Operation("tuple", names))
        learns = "for name, g in zip(names, network.gradients):   # in the order of the layers"
        added = "gradients[name] = gradients.get(name, 0) + g   # layers may share an array"
        if has_frozen:
            added = f"if name not in frozen:\n        {added}"
        yield from parse_text(f"gradients = {{}}\n{learns}\n    {added}")

    def _penalty(self) -> Iterator[Statement]:
        """Yield the statements that add the penalties up."""
        assert self._gradients is not None
        for at, (regularizer, weights, constants) in enumerate(self._gradients.penalties):
            names = Operation(
                "tuple", tuple(quoted(array.name) for array in weights), enclosed=len(weights) == 1
            )
            yield assign(self._weights(at), names)
            taken = f"[params[name] for name in {self._weights(at)}]"
            for s in parse_text(regularizer.forward):
                made = s.rename(constants | {"weights": taken})
                yield accumulate(made) if at and s.target == "penalty" else made

    def _weights(self, at: int) -> str:
        """Return the name for the weights of a penalty."""
        return "regularized" if at == 0 else f"regularized_{at + 1}"
