"""The backward pass from a gradient of the output, for a loop that has a loss of its own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nndsl.emit.script import write_script
from nndsl.live.errors import ModelError
from nndsl.live.execute import execute
from nndsl.live.network import Network
from nndsl.program.lower import lower
from nndsl.vocabulary.loss import Loss


class _Given(Loss):
    """What has the gradient `t` with respect to the output."""

    targets = "values"
    equation = "sum(x t)"
    forward = "loss = (x * t).sum()"
    backward = "dx = t"


def backward_pass(model: Network) -> Callable[..., tuple[Any, ...]]:
    """Return `loss_and_gradients` of the same layers, behind which stands such a loss.

    Its parameters, running statistics and noise are those of the model. ModelError where there is
    no one output.
    """
    spec, graph = model.checked.network
    model.require_backward_pass()
    if spec.named_heads or len(model.script.inputs) > 1:
        raise ModelError("`backward` is for networks of one input and one output")
    train = model.training.model_copy(
        update={"loss": _Given(), "metrics": (), "average": None, "mix": None}
    )
    program = lower(
        replace(spec, train=train, data=None), graph, keep_input_gradient=True, penalties=False
    )
    names = execute(write_script(program).text, f"{spec.name}.py")
    names["params"].update(model.parameters)
    names.setdefault("state", {}).update(model.state)
    if "noise_rng" in model.namespace:
        names["noise_rng"] = model.namespace["noise_rng"]
    found: Callable[..., tuple[Any, ...]] = names["loss_and_gradients"]
    return found
