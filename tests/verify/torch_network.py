"""A network of nndsl, interpreted with PyTorch's functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from test_layers_against_torch import LAYERS, LOSSES
from test_optimizers_against_torch import OPTIMIZERS

from nndsl.analysis.node import Node, Value
from nndsl.live.model import Model
from nndsl.program.lower import lower
from nndsl.program.program import Program

torch: Any = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
CLIPS = {
    "global_norm": torch.nn.utils.clip_grad_norm_,
    "value": torch.nn.utils.clip_grad_value_,
}
PENALTIES = {
    "l1": lambda word, w: word.strength * w.abs().sum(),
    "l2": lambda word, w: 0.5 * word.strength * (w * w).sum(),
    "elastic_net": lambda word, w: word.l1 * w.abs().sum() + 0.5 * word.l2 * (w * w).sum(),
}


@dataclass
class TorchNetwork:
    """The graph of a model with parameters and running statistics as tensors, by their names."""

    model: Model
    program: Program = field(init=False)
    parameters: dict[str, Any] = field(init=False)
    states: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        spec, graph = self.model.checked.spec, self.model.checked.graph
        assert spec is not None
        assert graph is not None
        self.program = lower(spec, graph)
        self.parameters = {
            name: torch.tensor(array, dtype=torch.float64, requires_grad=True)
            for name, array in self.model.parameters.items()
        }
        self.states = {
            name: torch.tensor(array, dtype=torch.float64)
            for name, array in self.model.state.items()
        }

    def array(self, node: Node, role: str) -> Any:
        """Return the parameter or the running statistic of a layer, which may be stacked."""
        name, copy = self.program.array_of(node, role)
        array = self.parameters[name] if name in self.parameters else self.states[name]
        return array if copy is None else array[copy]

    def output(self, X: Any, *, training: bool = True) -> Any:
        """Return the output of the network; training moves the running statistics on."""
        graph = self.model.checked.graph
        assert graph is not None
        values: dict[Value, Any] = {graph.input: X}
        for node in graph.nodes:
            own = [self.array(node, role) for role in node.parameters]
            inputs = [values[value] for value in node.inputs]
            layer: Any = node.layer
            if layer.keyword() == "batch_norm":
                running = [self.array(node, role) for role in layer.state]
                made = torch.nn.functional.batch_norm(
                    *inputs, *running, *own, training, layer.momentum, layer.epsilon
                )
            else:
                made = LAYERS[layer.keyword()](layer, *inputs, *own)
            values[node.output] = made
        return values[graph.output]

    def losses(self, X: Any, t: Any) -> tuple[Any, Any]:
        """Return the loss of a batch in training, and the penalty."""
        train, output = self.model.spec.train, self.output(X)
        assert train is not None
        targets = t.reshape(-1) if t.dtype == torch.int64 else t.reshape(output.shape)
        return LOSSES[train.loss.keyword()](train.loss, output, targets), self.penalty()

    def penalty(self) -> Any:
        graph, train = self.model.checked.graph, self.model.spec.train
        assert graph is not None
        assert train is not None
        penalty = torch.zeros((), dtype=torch.float64)
        for node in graph.nodes:
            for role, parameter in node.parameters.items():
                regularizer = parameter.regularize or train.regularize
                if parameter.is_weight and regularizer is not None:
                    penalty = penalty + PENALTIES[regularizer.keyword()](
                        regularizer, self.array(node, role)
                    )
        return penalty

    def optimizer(self) -> Any:
        """Return PyTorch's optimizer with the settings of the model's."""
        graph, train = self.model.checked.graph, self.model.spec.train
        assert graph is not None
        assert train is not None
        weights = {
            self.program.array_of(node, role)[0]
            for node in graph.nodes
            for role, parameter in node.parameters.items()
            if parameter.is_weight
        }
        is_adamw = train.optimizer.keyword() == "adamw"  # which decays all, and ours weights alone
        groups = [
            {"params": [w]} | ({"weight_decay": 0.0} if is_adamw and name not in weights else {})
            for name, w in self.parameters.items()
        ]
        return OPTIMIZERS[train.optimizer.keyword()](groups, lr=train.optimizer.lr)

    def clip(self) -> None:
        """Clip the gradients as the model does."""
        clip: Any = self.model.spec.train and self.model.spec.train.clip
        if clip is not None:
            limit = float(getattr(clip, next(iter(type(clip).model_fields))))
            CLIPS[clip.keyword()](list(self.parameters.values()), limit)
