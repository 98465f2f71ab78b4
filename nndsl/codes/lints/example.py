"""Specs that show a lint at work."""

from __future__ import annotations

DIGITS = "digits(validation=0.1, test=0.2)"


def example(
    layers: str,
    *settings: str,
    loss: str = "loss = softmax_cross_entropy",
    optimizer: str = "sgd(lr=0.1)",
    data: str = DIGITS,
) -> str:
    """Return a whole spec: its layers are separated by `;`."""
    lines = "\n".join(f"  {layer.strip()}" for layer in layers.split(";"))
    train = "\n".join(f"  {line}" for line in (loss, f"optimizer = {optimizer}", *settings))
    return f"data = {data}\n\nnetwork {{\n{lines}\n}}\n\ntrain {{\n{train}\n}}\n"
