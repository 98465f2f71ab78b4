"""A lint: a rule, and beside it what `nndsl explain` says of its code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from nndsl.lints.context import Finding, LintContext, SpecContext

if TYPE_CHECKING:
    from nndsl.codes import Code

_DIGITS = "digits(validation=0.1, test=0.2)"

Context = TypeVar("Context", contravariant=True)
Rule = Callable[[Context], Iterator[Finding]]


class Lint(Generic[Context]):
    """A decorator of a rule. Where a code has none here, `text` is its explanation.

    Else that is the docstring of the rule. It has three paragraphs: what was found, why it matters,
    and the source. It is read when someone asks for it.
    """

    def __init__(
        self,
        code: str,
        title: str,
        *,
        wrong: str,
        right: str,
        files: Mapping[str, str] | None = None,
        text: str = "",
    ) -> None:
        self.code = code
        self.title = title
        self.wrong = wrong
        self.right = right
        self.files = files or {}
        self.text = text

    def __call__(self, rule: Rule[Context]) -> Self:
        self.rule = rule
        self.text = rule.__doc__ or ""
        return self

    def entry(self) -> Code:
        """Return the entry of the code: it is not needed to check."""
        from nndsl.codes import Code

        paragraphs = [" ".join(paragraph.split()) for paragraph in self.text.split("\n\n")]
        what, why, source = (*paragraphs, "", "")[:3]  # `python -OO` drops docstrings
        source = source.removeprefix("Source: ")
        return Code(self.code, self.title, what, why, self.wrong, self.right, source, self.files)


class SpecLint(Lint[SpecContext]):
    """A lint that needs no network: it is said beside the errors of one."""


class NetworkLint(Lint[LintContext]):
    """A lint of a spec without errors."""


def example(
    layers: str,
    *settings: str,
    loss: str = "loss = softmax_cross_entropy",
    optimizer: str = "sgd(lr=0.1)",
    data: str = _DIGITS,
) -> str:
    """Return a whole spec: its layers are separated by `;`."""
    lines = "\n".join(f"  {layer.strip()}" for layer in layers.split(";"))
    train = "\n".join(f"  {line}" for line in (loss, f"optimizer = {optimizer}", *settings))
    return f"data = {data}\n\nnetwork {{\n{lines}\n}}\n\ntrain {{\n{train}\n}}\n"
