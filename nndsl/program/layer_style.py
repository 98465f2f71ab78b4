"""The style `layers`: a program whose network is made of objects, as in chapter 5 of the textbook.

The functions of the script keep their names, arguments and results; inside they ask the objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nndsl.ir import (
    Expression,
    Name,
    Operation,
    Statement,
    assign,
    block,
    parse_text,
    parse_value,
    quoted,
)
from nndsl.ir.symbols import number
from nndsl.program.context import Context
from nndsl.program.evaluation import write_evaluation
from nndsl.program.gradients import GradientWriter
from nndsl.program.layer_classes import base_class, loss_class
from nndsl.program.layer_objects import Leaf, Objects
from nndsl.program.layers import Layers
from nndsl.program.passes import accumulate
from nndsl.program.program import Class, Function, Program
from nndsl.shapes import SequenceShape
from nndsl.vocabulary.layer import FORWARD, PREDICT

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
        trains = gradients is not None
        self._objects = Objects(layers, context.names, trains=trains)
        predicts = self._objects.predicts
        classes: list[Class] = [base_class(trains=trains, predicts=predicts)]
        classes += self._objects.classes
        why = "its layers hold the arrays of params: a step changes them in place"
        made = [assign("network", self._objects.network).with_comment(why * trains)]
        output = f"network.{PREDICT if predicts else FORWARD}(X)"
        returned: Expression = parse_value(output)
        if isinstance(layers.graph.output.shape, SequenceShape):
            lengths = map(number, layers.graph.output.shape)
            returned = Operation(".reshape()", (returned, parse_value("len(X)"), *lengths))
        predict = replace(program.predict, statements=(), returns=returned)
        training = program.training
        if gradients is not None and training is not None:
            loss = gradients.train.loss
            name = context.names.of_class(loss, loss.keyword())
            classes.append(loss_class(loss, gradients.loss_roles, name))
            made.append(assign("loss_layer", Operation(f"{name}()")))
            evaluate = write_evaluation(
                context, gradients.train, layers, gradients, loss_layer="loss_layer"
            )
            training = replace(training, evaluate=evaluate)
            if training.batch_loss is not None:
                training = replace(training, batch_loss=self._written(training.batch_loss))
            else:
                found = self._written(training.loss_and_gradients, learns=True)
                training = replace(training, loss_and_gradients=found)
        self.program = replace(
            program,
            predict=predict,
            training=training,
            classes=tuple(classes),
            objects=tuple(made),
        )

    def _written(self, function: Function, *, learns: bool = False) -> Function:
        """Return the function of a batch to its loss, and to its gradients where it `learns`."""
        assert self._gradients is not None
        loss = parse_value("loss_layer.forward(network.forward(X))")
        assert isinstance(loss, Operation)
        statements = [assign("loss", replace(loss, operands=(*loss.operands, self._t)))]
        statements += self._penalty()
        losses = function.returns
        if learns:
            assert isinstance(function.returns, Operation)
            backward = [*self._backward()]
            result: Expression = Name("gradients")
            statements += backward
            losses = replace(function.returns, operands=(*function.returns.operands[:-1], result))
        return replace(function, statements=tuple(statements), returns=losses)

    @property
    def _t(self) -> Expression:
        """The targets as the loss takes them: one for each row."""
        assert self._gradients is not None
        for made in self._gradients.targets():
            assert made.value is not None
            return made.value
        return Name("t")

    def _backward(self) -> Iterator[Statement]:
        """Yield the backward pass, and what adds to the gradients that the layers hold."""
        assert self._gradients is not None
        keeps = self._gradients.keep_input_gradient
        begin = "dX = " if keeps else ""
        yield from parse_text(f"{begin}network.backward(loss_layer.backward())")
        yield from parse_text(f"gradients = {COLLECTED}   # both are in the order of the layers")
        for leaf, place in self._objects.paths():
            yield from _tied(leaf, place)
        for at, (regularizer, _, constants) in enumerate(self._gradients.penalties):
            names = constants | {"w": "params[name]"}
            (text,) = (s.rename(names) for s in parse_text(regularizer.backward))
            assert text.value is not None
            added = accumulate(assign("dw", text.value))
            body = added.rename({"dw": "gradients[name]"})
            yield block(f"for name in {self._weights(at)}:", [body])
        if keeps:
            yield from parse_text('gradients["X"] = dX')

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


def _tied(leaf: Leaf, place: str) -> Iterator[Statement]:
    """Yield what adds the gradient of an array that belongs to another layer."""
    for role, name in leaf.named.tied_parameters.items():
        yield from parse_text(
            f'gradients["{name}"] = gradients["{name}"] + {place}.d{role}   # it is used twice'
        )
