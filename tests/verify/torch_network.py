"""A network of nndsl, interpreted with PyTorch's functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from test_layers_against_torch import LAYERS, LOSSES
from test_optimizers_against_torch import OPTIMIZERS

from nndsl.live.model import Model

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
    parameters: dict[str, Any] = field(init=False)
    states: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.parameters = {
            name: torch.tensor(array, dtype=torch.float64, requires_grad=True)
            for name, array in self.model.parameters.items()
        }
        self.states = {
            name: torch.tensor(array, dtype=torch.float64)
            for name, array in self.model.state.items()
        }

    def output(self, X: Any, *, training: bool = True) -> Any:
        """Return what the network puts out; training moves the running statistics on."""
        graph = self.model.checked.graph
        assert graph is not None
        remaining, states = iter(self.parameters.values()), iter(self.states.values())
        values: dict[int, Any] = {id(graph.input): X}
        for node in graph.nodes:
            own = [next(remaining) for _ in node.parameters]
            inputs = [values[id(value)] for value in node.inputs]
            layer: Any = node.layer
            if layer.keyword() == "batch_norm":
                running = [next(states) for _ in layer.state]
                made = torch.nn.functional.batch_norm(
                    *inputs, *running, *own, training, layer.momentum, layer.epsilon
                )
            else:
                made = LAYERS[layer.keyword()](layer, *inputs, *own)
            values[id(node.output)] = made
        return values[id(graph.output)]

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
        remaining = iter(self.parameters.values())
        penalty = torch.zeros((), dtype=torch.float64)
        for node in graph.nodes:
            for parameter in node.parameters.values():
                w = next(remaining)
                regularizer = parameter.regularize or train.regularize
                if parameter.is_weight and regularizer is not None:
                    penalty = penalty + PENALTIES[regularizer.keyword()](regularizer, w)
        return penalty

    def optimizer(self) -> Any:
        """Return PyTorch's optimizer with the settings of the model's."""
        graph, train = self.model.checked.graph, self.model.spec.train
        assert graph is not None
        assert train is not None
        weights = [p.is_weight for node in graph.nodes for p in node.parameters.values()]
        is_adamw = train.optimizer.keyword() == "adamw"  # which decays all, and ours weights alone
        groups = [
            {"params": [tensor]} | ({"weight_decay": 0.0} if is_adamw and not is_weight else {})
            for tensor, is_weight in zip(self.parameters.values(), weights, strict=True)
        ]
        return OPTIMIZERS[train.optimizer.keyword()](groups, lr=train.optimizer.lr)

    def clip(self) -> None:
        """Clip the gradients as the model does."""
        clip: Any = self.model.spec.train and self.model.spec.train.clip
        if clip is not None:
            limit = float(getattr(clip, next(iter(type(clip).model_fields))))
            CLIPS[clip.keyword()](list(self.parameters.values()), limit)
