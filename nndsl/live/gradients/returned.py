"""What `loss_and_gradients` returns, however it is written: its losses, and its gradients by name.

A script writes `return loss, {"W1": dW1, …}`. Whoever changes it may compute in there, or return a
variable: then statements at the end give what is returned a name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nndsl.ir import parse_text
from nndsl.live.gradients.blocks import Step, WrittenOut


@dataclass
class Returned:
    """The variables of losses and gradients, and the steps that make those without a name."""

    whole: WrittenOut
    parameters: Sequence[str]  # whose gradients are returned, where the text does not say
    losses: list[str] = field(default_factory=list, init=False)
    gradients: dict[str, str] = field(default_factory=dict, init=False)
    steps: list[Step] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """ValueError where it is no tuple of losses and gradients."""
        node, before = self._resolved(self.whole.returned, 0)
        if not isinstance(node, ast.Tuple) or len(node.elts) < 2:
            raise ValueError("`loss_and_gradients` has to return (loss, gradients)")
        *losses, gradients = node.elts
        for number, loss in enumerate(losses):
            self.losses.append(self._named(f"returned_loss{number}", loss, before, ""))
        gradients, before = self._resolved(gradients, before)
        entries = dict(_entries(gradients))
        plain = {value.id for value in entries.values() if isinstance(value, ast.Name)}
        for name in entries or self.parameters:
            value = entries.get(name) or ast.copy_location(
                ast.Subscript(gradients, ast.Constant(name)), gradients
            )
            made = f"d{name}" if f"d{name}" not in plain else f"d{name}_returned"
            self.gradients[name] = self._named(made, value, before, f'"{name}": ')

    def _named(self, name: str, value: ast.expr, before: int, key: str) -> str:
        """Return the variable that holds a value: its own, or a new one."""
        if isinstance(value, ast.Name):
            return value.id
        code = ast.unparse(value)
        (statement,) = parse_text(f"{name} = {code}")
        self.steps.append(
            Step(
                before + value.lineno,
                statement,
                statement,
                self.whole.function.name,
                f"{key}{code}",
            )
        )
        return name

    def _resolved(self, node: ast.expr, before: int) -> tuple[ast.expr, int]:
        """Return what a variable was given, where it is given once and never changed.

        With it, how many lines of the script come before the first of its own.
        """
        if isinstance(node, ast.Name):
            writes = [step for step in self.whole.steps if node.id in step.statement.writes]
            if len(writes) == 1:
                made = ast.parse(writes[0].statement.text).body[0]
                if isinstance(made, ast.Assign) and isinstance(made.value, ast.Tuple | ast.Dict):
                    return made.value, writes[0].line - 1
        return node, before


def _entries(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names and values of a dictionary that is written out, nothing of another one."""
    match node:
        case ast.Dict():
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value
        case ast.Call(func=ast.Name("dict"), args=[]):
            yield from ((word.arg, word.value) for word in node.keywords if word.arg is not None)
