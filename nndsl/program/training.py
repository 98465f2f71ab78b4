"""How a network is trained: the functions of a script that do it, together."""

from __future__ import annotations

from nndsl.analysis.metrics import reported_metrics
from nndsl.program.context import Context
from nndsl.program.evaluation import write_evaluation
from nndsl.program.finite_differences import write_estimate
from nndsl.program.gradients import GradientWriter, Penalty
from nndsl.program.layers import Layers, fill
from nndsl.program.program import Array, Training
from nndsl.program.training_loop import write_due, write_stopping
from nndsl.program.updating import write_update
from nndsl.vocabulary.sections.train import Train


def write_training(
    context: Context,
    train: Train,
    layers: Layers,
    *,
    keep_input_gradient: bool = False,
    penalties: bool = True,
) -> Training:
    """Return the functions that train a network and judge it."""
    gradients = GradientWriter(
        context, train, layers, keep_input_gradient=keep_input_gradient, penalties=penalties
    )
    loss = None
    if train.gradient is not None:
        loss = gradients.write_loss()
        found = write_estimate(
            context,
            train.gradient,
            loss,
            has_penalty=bool(gradients.penalties),
            has_state=bool(layers.states),
        )
    else:
        found = gradients.write()
    return Training(
        loss_and_gradients=found,
        evaluate=write_evaluation(context, train, layers, gradients),
        update=write_update(context, train),
        metrics=tuple(metric.keyword() for metric in reported_metrics(train, context.spec)),
        terms=(
            fill(train.loss.equation, gradients.loss_roles),
            *(_penalty(penalty, layers.parameters) for penalty in gradients.penalties),
        ),
        has_penalty=bool(gradients.penalties),
        stopping=write_stopping(context, train),
        due=write_due(context, train),
        by_steps=train.steps is not None,
        batch_loss=loss,
    )


def _penalty(penalty: Penalty, parameters: tuple[Array, ...]) -> str:
    """Return what a penalty adds to the loss; W is all matrices, where no others are named."""
    regularizer, weights, constants = penalty
    text = fill(regularizer.equation, constants)
    if len(weights) == sum(len(parameter.shape) > 1 for parameter in parameters):
        return text
    return f"({text} for W = {', '.join(weights)})"
