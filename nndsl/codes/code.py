"""What is known about one code, and the specs that show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding.

    `wrong` is a whole spec that gives exactly this finding and no other; `right` is the same
    spec, mended, that gives none. `why` says what would happen otherwise.
    """

    name: str  # NN203
    title: str  # a few words: "given twice"
    what: str  # what the checker found, in words of the language
    why: str
    wrong: str
    right: str
    source: str = ""  # paper or page, for a lint
    files: Mapping[str, str] = field(default_factory=dict)  # texts that both specs read, by name
    settings: Mapping[str, str] = field(default_factory=dict)  # `--set` for both specs


def network(layers: str) -> str:
    """Return a network; `;` separates its layers."""
    return _section("network", layers.split("; "))


def training(
    layers: str,
    *settings: str,
    data: str = "digits(validation=0.1, test=0.2)",
    loss: str = "loss = softmax_cross_entropy",
    optimizer: str = "adam(lr=0.001)",
) -> str:
    """Return a network with its training, which has more settings, and data if there is any."""
    pairs = [loss, f"optimizer = {optimizer}", *settings]
    split = (pair.split(" = ", 1) for pair in pairs)
    train = _section("train", [f"{name:9} = {value}" for name, value in split])
    return f"data = {data}\n\n" * bool(data) + f"{network(layers)}\n{train}"


def _section(name: str, statements: list[str]) -> str:
    return "\n".join([f"{name} {{", *(f"  {statement}" for statement in statements), "}", ""])
