"""The check of a backward pass that the page writes: each gradient, with its line in the page."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nndsl.ir import Statement, parse_text
from nndsl.live.arrays import Array
from nndsl.live.execute import FAILURES, execute
from nndsl.live.gradients.complex_forms import complex_form
from nndsl.live.gradients.culprit import left_out
from nndsl.live.gradients.mistakes import likely_mistake
from nndsl.live.gradients.oracles import STEP
from nndsl.live.gradients.report import Property, told_apart
from nndsl.live.gradients.verdict import NORM_RELATIVE
from nndsl.live.model import Model
from nndsl.live.random_examples import draw_targets
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.own_word import Formula, OwnWord

PATH = "<the words of the page>"
EXAMPLES = 3
MAX_ENTRIES = 500  # of each gradient, that are compared
NICE = (1.3, -0.7, 0.4, 2.1, -1.6, 0.2)  # numbers that a reader can follow
SHIFT, GIVEN = "shift_", "_given"


def check_own_backward(model: Model) -> list[Property]:
    """Return what is wrong with each backward pass that the page writes, and that others are right.

    Words are looked at alone, with random numbers: a gradient is held to the complex step through
    the formulas of its own word.
    """
    found: dict[str, Property] = {}
    for word in _words(model):
        title = f"the backward pass of {word.word.keyword()}"
        if title not in found or found[title].passed:
            found[title] = _checked(word, title)
    return [*found.values()]


@dataclass(frozen=True)
class _Word:
    """A word where it stands, and the numbers that its texts read."""

    word: OwnWord
    forward: str
    backward: str
    functions: str
    given: dict[str, Any]
    output: str  # the name whose gradient comes in; of a loss it is a number

    def run(self, shifted: str = "", shift: Array | None = None, **given: Any) -> dict[str, Any]:
        """Return the variables of the passes, or, with one `shifted`, those of the forward pass."""
        body = [*parse_text(self.forward)]
        if shifted:
            body = [step.rewrite(complex_form) for step in body]
            at = max((i + 1 for i, s in enumerate(body) if shifted in s.writes), default=0)
            body[at:at] = parse_text(f"{shifted} = {shifted} + {SHIFT}")
            given[SHIFT] = shift
        elif self.output != "loss":
            body += parse_text(f"d{self.output} = d{self.output}{GIVEN}")
        return self._execute(body + [*parse_text(self.backward)] * (not shifted), given)

    def _execute(self, body: list[Statement], given: Mapping[str, Any]) -> dict[str, Any]:
        known = {**self.given, **given, "rng": np.random.default_rng(0)}  # the same noise
        text = textwrap.indent("\n".join(step.text for step in body), "    ")
        head = f"import math\n\nimport numpy as np\n\n{textwrap.dedent(self.functions)}\n"
        code = f"{head}\ndef passes({', '.join(known)}):\n{text}\n    return locals()\n"
        variables: dict[str, Any] = execute(code, PATH)["passes"](**known)
        return variables

    def true(self, name: str, entries: Array, dy: Any, **given: Any) -> Array:
        """Return the derivative by some entries of a variable of the forward pass."""
        value = self.both(dy, **given)[name]
        slopes = []
        for at in entries:
            shift = np.zeros(np.shape(value), np.complex128)
            shift.reshape(-1)[at] = 1j * STEP
            y = self.run(name, shift, **given)[self.output]
            slopes.append(float(np.sum(np.imag(y) * dy)) / STEP)
        return np.array(slopes)

    def both(self, dy: Any, **given: Any) -> dict[str, Any]:
        """Return all variables for a gradient that comes in."""
        if self.output != "loss":
            given[f"d{self.output}{GIVEN}"] = dy
        return self.run(**given)


def _words(model: Model) -> Iterator[_Word]:
    rng = np.random.default_rng(0)
    for node in model.network_graph.nodes:
        layer = node.layer
        if isinstance(layer, OwnWord) and layer.gradients:
            assert isinstance(layer, Layer)
            given: dict[str, Any] = {
                n: rng.standard_normal(p.shape) for n, p in node.parameters.items()
            }
            given |= {"x": rng.standard_normal((EXAMPLES, *node.shapes[0]))}
            given |= {**layer.fields, **layer.numbers(*node.shapes)}
            texts = layer.forward, layer.backward, layer.definitions
            yield _Word(layer, *texts, _known(given), "y")
    train = model.spec.train
    if train is not None and isinstance(train.loss, OwnWord) and train.loss.gradients:
        loss = train.loss
        outputs = model.network_graph.output.shape[-1]
        targets = draw_targets(model, EXAMPLES, rng)
        rows = targets.reshape(-1) if loss.targets == "classes" else targets.reshape(-1, outputs)
        given = {"x": rng.standard_normal((len(rows), outputs)), "t": rows, **loss.fields}
        yield _Word(loss, loss.forward, loss.backward, loss.definitions, _known(given), "loss")


def _known(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "N": len(given["x"]), "dtype": np.float64}


def _checked(word: _Word, title: str) -> Property:
    """Return what is wrong with a backward pass: its first gradient, if its results are wrong."""
    rng = np.random.default_rng(1)
    try:
        dy: Any = 1.0
        if word.output != "loss":
            forward = word.run("x", np.zeros(()))
            dy = rng.standard_normal(np.shape(forward[word.output]))
        variables = word.both(dy)
        wrong: dict[str, tuple[Formula, Array, Array, Array]] = {}
        for formula in word.word.gradients:
            name = formula.name[1:]
            value = np.asarray(variables[formula.name])
            if formula.name[0] != "d" or np.asarray(variables.get(name)).shape != value.shape:
                continue
            count = min(value.size, MAX_ENTRIES)
            entries = np.sort(rng.choice(value.size, count, replace=False))
            true = word.true(name, entries, dy)
            is_now = value.reshape(-1)[entries]
            if not _alike(is_now, true):
                wrong[name] = formula, entries, is_now, true
    except FAILURES as error:
        return Property(title, False, f"It fails: {type(error).__name__}: {error}")
    results = {"x", *word.given} - {"t", *word.word.fields}
    if not results & wrong.keys():
        return Property(title, True, "")
    name, (formula, entries, is_now, true) = next(iter(wrong.items()))
    return Property(
        title,
        False,
        _said(word, name, variables, entries, is_now, true),
        code=formula.span.source.line(formula.span.line).strip(),
        page_line=formula.span.line,
        page=formula.span.source.name,
        help=_likely(word, name, variables, entries, is_now, true),
    )


def _alike(is_now: Array, true: Array) -> bool:
    size = np.linalg.norm(is_now) + np.linalg.norm(true)
    return bool(np.linalg.norm(is_now - true) <= 10 * NORM_RELATIVE * size + 1e-12)


def _said(
    word: _Word, name: str, variables: dict[str, Any], entries: Array, is_now: Array, true: Array
) -> str:
    """Say of one number what it is and should be: at a number of `x` where each is alone."""
    layer = word.word
    if name == "x" and isinstance(layer, Layer) and layer.is_elementwise:
        axes = [1] * (np.ndim(variables["x"]) - 1)
        x = np.array(NICE).reshape(-1, *axes)
        for dy in (1.0, 2.0):
            found = np.broadcast_to(word.both(np.full(x.shape, dy), x=x)["dx"], x.shape)
            right = word.true("x", np.arange(x.size), np.full(x.shape, dy), x=x)
            for at, number in enumerate(NICE):
                if not _alike(found.reshape(-1)[at : at + 1], right[at : at + 1]):
                    one, other = told_apart(found.reshape(-1)[at], right[at])
                    where = f"at x = {number:g}" + f" and dy = {dy:g}" * (dy != 1)
                    return f"`dx` is wrong: {where} it is {one}, and should be {other}"
    at = int(np.argmax(np.where(np.isnan(is_now), np.inf, np.abs(is_now - true))))
    place = np.unravel_index(int(entries[at]), np.shape(variables[name]))
    one, other = told_apart(is_now[at], true[at])
    where = f"d{name}[{', '.join(map(str, place))}]" if place else f"d{name}"
    return f"`d{name}` is wrong: {where} is {one}, and should be {other}"


def _likely(
    word: _Word, name: str, variables: dict[str, Any], entries: Array, is_now: Array, true: Array
) -> str:
    shape = np.shape(variables[name])
    if len(entries) < np.prod(shape, dtype=int):
        return ""
    is_now, true = is_now.reshape(shape), true.reshape(shape)
    likely = likely_mistake(is_now, true, len(variables["x"]), None)
    known = {
        other: np.asarray(value)
        for other, value in variables.items()
        if other not in (f"d{name}", f"d{word.output}{GIVEN}")
        and np.asarray(value).dtype.kind == "f"
    }
    for other, value in known.items():
        likely = likely or left_out(is_now, true, value).format(f"`{other}`")
    return f"likely: {likely}" if likely else ""
