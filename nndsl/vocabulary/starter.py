"""The spec that a new user starts from."""

from __future__ import annotations

from pathlib import Path

TABLE_INPUT = "input(features)"  # the layer that rows of a table come in by


def starter(name: str) -> str:
    """Return the text of a spec that trains well. `name` is that of the model and the file."""
    text = (Path(__file__).parent / "starter.nn").read_text(encoding="utf-8")
    return text.replace("{name}", name)


def estimator_page(*, of_classes: bool) -> str:
    """Return the text of a page for a table of any size: its `let` names are the sizes."""
    text = (Path(__file__).parent / "estimator.nn").read_text(encoding="utf-8")
    return text.replace("{loss}", "softmax_cross_entropy" if of_classes else "mean_squared_error")
