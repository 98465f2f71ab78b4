"""The backward passes that words do not write: they are derived from the forward passes."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from nndsl.ir import Statement, parse_text
from nndsl.ir.adjoint import derive
from nndsl.ir.rows import Rows
from nndsl.ir.symbols import as_int, symbol
from nndsl.ir.tree import Comprehension, Expression, Operation
from nndsl.ir.values import NUMBER, Value

# A derived text is the same for all lengths, and so it is derived for these, which none has.
LENGTHS = (10_000_019, 10_000_079, 10_000_103, 10_000_121)


def backward_of(word: Any) -> str:
    """Return the backward pass of a layer, a loss or a regularizer."""
    kinds: dict[str, Callable[[Any], str]] = {
        "layers": _of_layer,
        "losses": _of_loss,
        "regularizers": _of_regularizer,
    }
    return kinds[word.kind](word)


def _of_layer(layer: Any) -> str:
    """Return the backward pass of a layer, for inputs that have the axes of its own."""
    shape = LENGTHS[: layer.axes_of_input]
    parameters = layer.tied_parameters(shape) | layer.parameters(shape)
    known = {name: Value((Rows(), *shape)) for name in layer.inputs}
    known |= {name: Value(parameter.shape) for name, parameter in parameters.items()}
    known |= {name: _length(name, value) for name, value in layer.numbers(shape).items()}
    return _derived(layer, layer.forward, [*parameters, *layer.inputs], known, "y")


def _of_loss(loss: Any) -> str:
    """Return the backward pass of a loss."""
    x = Value((Rows(), LENGTHS[0]))
    t = Value((Rows(),), "int") if loss.targets == "classes" else x
    return _derived(loss, loss.forward, ["x"], {"x": x, "t": t}, "loss")


def _of_regularizer(regularizer: Any) -> str:
    """Return the gradient of a penalty by one of the weights that it sums over."""
    text = "\n".join(s.rewrite(_of_one).text for s in parse_text(regularizer.forward))
    return _derived(regularizer, text, ["w"], {"w": Value(LENGTHS[:2])}, "penalty")


def _of_one(node: Expression) -> Expression:
    match node:
        case Operation("sum()", (Comprehension(element=element),)):
            return element
    return node


def _derived(
    word: Any, forward: str, wanted: list[str], known: Mapping[str, Value], output: str
) -> str:
    given = {name: getattr(word, name) for name in type(word).model_fields}
    numbers = {n: _length(n, v) if type(v) is int else NUMBER for n, v in given.items()}
    lines = _backward(forward, tuple(wanted), tuple((numbers | dict(known)).items()), output)
    return as_text(lines, word.reasons)


def _length(name: str, value: int) -> Value:
    """Return a whole number that is written by its name."""
    return Value((), length=as_int(symbol(name, value)))


@lru_cache
def _backward(
    forward: str, wanted: tuple[str, ...], known: tuple[tuple[str, Value], ...], output: str
) -> tuple[Statement, ...]:
    return derive(parse_text(forward), wanted, dict(known), output).backward


def as_text(lines: Iterable[Statement], reasons: Mapping[str, str] | None = None) -> str:
    """Return statements as a text of the vocabulary; `reasons` say why, by what they write."""
    said = []
    for line in lines:
        reason = (reasons or {}).get(line.writes[0], line.comment.sentence)
        head, *body = line.text.split("\n")
        said += [f"{head}   # {reason}" if reason else head, *body]
    return "\n".join(said)
