"""The baselines of a training: what answers reach that need no network."""

import textwrap
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import numpy as np

from nndsl.analysis.metrics import head_metrics
from nndsl.analysis.spec import Head
from nndsl.data import inputs_of
from nndsl.live.arrays import Array, Arrays, Examples, listed
from nndsl.live.execute import execute
from nndsl.live.network import Network, Pair, measured
from nndsl.record import record
from nndsl.shapes import SequenceShape, Shape, Tokens
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.metric import Metric

MAX_TARGETS = 2000  # that a constant output is fitted to
DESCENT_STEPS = 300
REPEATED = 10  # times the examples, where they count by their weights


Answer = tuple[str, Callable[[Array], Any], Collection[str]]


@record
class Baseline:
    """What some answer reaches on each part of the data: "test_loss", "validation_accuracy" …

    `answer` says in words what it knows of an example, or of all.
    """

    answer: str
    results: Mapping[str, float]
    is_of_values: bool = False  # and not of classes


def measure_baselines(network: Network, parts: Mapping[str, Pair]) -> list[Baseline]:
    """Measure answers that need no network, found on the training part alone.

    The first is the constant output of the smallest loss, as scikit-learn's dummy estimators have
    it. A metric that wants another constant (a median, a quantile, the class that it is of) is
    measured with that one, too. Of tokens another answer knows which class goes with the token at
    each position, or with the last one where there is one class.
    """
    pairs = {
        part: (network.inputs(X), network.targets(t), *network.weights(next(iter(w), None), len(X)))
        for part, (X, t, *w) in parts.items()
    }
    known = [network.spec.description_of(head).classes for head in network.spec.compared]
    is_of_values = None in known
    return [
        Baseline(answer, _measured(network, predict, pairs, measures), is_of_values)
        for answer, predict, measures in _answers(network, *_weighted(*pairs["training"]))
    ]


def _weighted(X: Examples, t: Examples, w: Array | None = None) -> Pair:
    """Return examples as often as they count, for answers that are found on them."""
    if w is None:
        return X, t
    many = REPEATED * len(w)
    rows = np.searchsorted(np.cumsum(w), (np.arange(many) + 0.5) / many * w.sum())
    return X[rows], t[rows]


def _answers(network: Network, X: Examples, t: Examples) -> Iterator[Answer]:
    """Yield answers: what they go by, a function of the inputs, and what they are measured by."""
    heads, graph = network.spec.compared, network.network_graph
    shapes = [graph.output_of(head.name).shape for head in heads]
    each = [
        _answers_of(network, head, shape, X, targets)
        for head, shape, targets in zip(heads, shapes, listed(t), strict=True)
    ]
    if len(graph.outputs) == 1:
        yield from each[0]
        return
    constants = [next(answers)[1] for answers in each]
    names = [head.name for head in heads]

    def all_constants(X: Array) -> tuple[Array, ...]:
        known = dict(zip(names, (constant(X) for constant in constants), strict=True))
        nothing = {n: np.zeros((len(X), *v.shape)) for n, v in graph.outputs.items()}
        return tuple((nothing | known).values())

    yield "a constant for each output", all_constants, ("loss", *network.script.metrics)


def _answers_of(
    network: Network, head: Head, shape: Shape, X: Examples, t: Array
) -> Iterator[Answer]:
    """Yield answers for an output. All but the last ones need no more than the count of inputs."""
    loss, metrics = head.loss, head_metrics(head, network.spec)
    of_classes = loss.targets == "classes"
    has_positions = isinstance(shape, SequenceShape)
    targets = t.reshape(-1, *(() if of_classes else shape[-1:] if has_positions else shape))
    targets = targets[targets >= 0] if network.spec.description_of(head).has_gaps else targets
    everything = ("loss", *(metric.keyword() for metric in metrics if metric.has_baseline))

    def always(guess: str, fields: Mapping[str, Any]) -> Callable[[Array], Array]:
        names = ", ".join(("t", "outputs", *fields))
        text = f"import numpy as np\n\n\ndef guess({names}):\n    return {guess}\n"
        output = execute(text, "guess.py")["guess"](targets, shape[-1], *fields.values())
        return lambda X: np.broadcast_to(np.asarray(output, network.dtype), (len(X), *shape))

    if loss.guess:
        yield loss.guess_by, always(loss.guess, {}), everything
    else:
        best = _best_constant(loss, targets, shape[-1]).astype(network.dtype)
        yield loss.guess_by, lambda X: np.broadcast_to(best, (len(X), *shape)), everything
    if loss.plain_guess is not None:
        yield loss.plain_guess[0], always(loss.plain_guess[1], {}), everything
    wanted: dict[str, list[Metric]] = {}
    for metric in metrics:
        is_known = not (metric.takes_estimate and loss.estimate)
        if metric.guess and metric.guess_by != loss.guess_by and is_known:
            wanted.setdefault(metric.guess_by, []).append(metric)
    for answer, (first, *others) in wanted.items():
        names = [metric.keyword() for metric in (first, *others)]
        yield answer, always(first.guess, first.__dict__), names
    if isinstance(X, Arrays):
        return
    described = network.spec.description
    inputs, outputs = inputs_of(described.inputs), described.names
    if outputs and X.ndim == 3 and not of_classes and inputs.keys() >= {*outputs}:  # with a past
        own, known = [inputs[name][0] for name in outputs], network.statistics
        scale, mean = (
            known[n][-1, own] if n in known else i for n, i in (("scale", 1), ("mean", 0))
        )

        def persists(X: Array) -> Array:
            values = X[:, -1, own] * scale + mean
            made = (values - known.get("target_mean", 0)) / known.get("target_scale", 1)
            return made.astype(network.dtype)

        yield "the last value that is known", persists, everything
    tokens = network.network_graph.input.shape
    if not isinstance(tokens, Tokens) or not of_classes or tokens.padding is not None:
        return
    last = t.ndim == 1  # one class: the last token is the nearest to it
    before = X[:, -1] if last else X
    if before.shape == t.shape:
        counts = np.full((tokens.vocab_size, shape[-1]), 0.1)  # what was never seen may happen
        np.add.at(counts, (before[t >= 0], t[t >= 0]), 1)
        table = np.log(counts / counts.sum(axis=1, keepdims=True)).astype(network.dtype)
        answer = "the last token" if last else "the token at each position"
        yield answer, lambda X: table[X[:, -1] if last else X], everything


def _best_constant(loss: Loss, t: Array, outputs: int) -> Array:
    """Return the constant output of the smallest loss, found by Adam over some of the targets."""
    t = t[:: max(1, len(t) // MAX_TARGETS)]
    fields = {name: getattr(loss, name) for name in type(loss).model_fields}
    dedented = (textwrap.dedent(text).strip("\n") for text in (loss.forward, loss.backward))
    passes = textwrap.indent("\n".join(dedented), "    ")
    given = ", ".join(("x", "t", "N", "dtype", *fields))
    text = f"import math\n\nimport numpy as np\n\n{loss.definitions}\ndef slope({given}):\n"
    slope = execute(f"{text}{passes}\n    return loss, dx\n", "guess.py")["slope"]
    output, best, least = np.zeros(outputs), np.zeros(outputs), np.inf
    m, v = np.zeros(outputs), np.zeros(outputs)
    with np.errstate(all="ignore"):
        for step in range(1, DESCENT_STEPS + 1):
            x = np.tile(output, (len(t), 1))
            cost, dx = slope(x, t, len(t), np.float64, **fields)
            if cost < least:
                best, least = output, cost
            g = dx.sum(axis=0)
            m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g * g
            rate = 0.3 * (1 - step / DESCENT_STEPS) / (1 - 0.9**step)
            output = output - rate * m / (np.sqrt(v / (1 - 0.99**step)) + 1e-12)
    return best


def _measured(
    network: Network, predict: Any, pairs: Mapping[str, Pair], measures: Collection[str]
) -> dict[str, float]:
    """Return what the script's own `evaluate` says of other predictions, by these measures."""
    names, own = network.namespace, network.namespace["predict"]
    reported = ("loss", *network.script.metrics)
    names["predict"] = lambda *inputs: predict(inputs[0])
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return {
                f"{part}_{name}": value
                for part, pair in pairs.items()
                for name, value in zip(reported, measured(names, *pair), strict=True)
                if name in measures
            }
    finally:
        names["predict"] = own
