"""`loss NAME = …` in `train`: what each of several outputs learns, and what is measured of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from nndsl.analysis.evaluate import evaluate, evaluate_number
from nndsl.analysis.messages import show_value
from nndsl.analysis.scope import AnalysisError, Scope, read_each
from nndsl.analysis.slots import slots
from nndsl.analysis.spec import Head, Spec
from nndsl.diagnostics import Label
from nndsl.source import Origin, Span
from nndsl.syntax import ast
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.sections.train import Train

LOSS, METRICS, TARGET = "loss", "metrics", "target"
WORDS = (LOSS, METRICS, TARGET)


def of_outputs(statements: Sequence[ast.Statement]) -> list[ast.Declaration]:
    """Return each `loss NAME = …`, `metrics NAME = …` and `target NAME = …`."""
    return [
        one
        for one in statements
        if isinstance(one, ast.Declaration) and one.word.text in WORDS and one.value is not None
    ]


def without_weight(value: ast.Value) -> tuple[ast.Value | None, ast.Value]:
    """Return what a loss is multiplied by, if anything, and the loss: `0.3 * hinge`."""
    match value:
        case ast.Group(inner):
            return without_weight(inner)
        case ast.Operation(first, rest) if {operator for operator, _ in rest} == {"*"}:
            weight = first
            if len(rest) > 1:
                weight = replace(value, rest=rest[:-1], span=first.span.to(rest[-2][1].span))
            return weight, rest[-1][1]
    return None, value


def read_heads(statements: Sequence[ast.Declaration], scope: Scope) -> tuple[Head, ...]:
    """Return the outputs that learn, in order. AnalysisError; all that is wrong is reported."""
    first: dict[tuple[str, str], Span] = {}
    given: dict[str, dict[str, ast.Declaration]] = {word: {} for word in WORDS}

    def collect(one: ast.Declaration) -> None:
        key = one.word.text, one.name.text
        there = first.setdefault(key, one.name.span)
        if there is not one.name.span:
            label = Label(there, "first given here")
            wrong = f"`{' '.join(key)}` is given twice"
            raise scope.reject("NN203", wrong, one.name.span, label)
        given[one.word.text][one.name.text] = one

    _, twice = read_each(statements, collect)
    heads, failed = read_each(given[LOSS].values(), lambda one: _read(one, given, scope))
    for word in (METRICS, TARGET):
        for name, one in given[word].items():
            if name not in given[LOSS]:
                failed = True
                wrong = f"`{word} {name}` speaks of an output that has no loss"
                help = f"write `loss {name} = …`"
                scope.reject("NN321", wrong, one.name.span, help=help)
    if failed or twice:
        raise AnalysisError
    return tuple(heads)


def _read(
    one: ast.Declaration, given: Mapping[str, Mapping[str, ast.Declaration]], scope: Scope
) -> Head:
    name = one.name.text
    assert one.value is not None
    factor, value = without_weight(one.value)
    loss = evaluate(value, slots(Train)[LOSS], scope)
    if not isinstance(loss, Loss):
        wrong = f"expected a loss, found {show_value(loss)}"
        raise scope.reject("NN208", wrong, value.span)
    weight = 1.0 if factor is None else evaluate_number(factor, scope)
    if factor is not None and weight < 0:
        wrong = f"a loss counts {show_value(weight)} times: training would make it larger"
        raise scope.reject("NN208", wrong, factor.span, help="a weight is 0 or more")
    metrics: Any = None
    if (of_metrics := given[METRICS].get(name)) is not None and of_metrics.value is not None:
        found = evaluate(of_metrics.value, slots(Train)[METRICS], scope)
        metrics = found if isinstance(found, tuple) else (found,)
    if not loss.has_targets:
        if metrics or name in given[TARGET]:
            other = given[METRICS if metrics else TARGET][name]
            wrong = f"`{loss.keyword()}` reads no target, so that `{name}` is compared with nothing"
            raise scope.reject("NN321", wrong, other.name.span, help="leave this line out")
        metrics = ()
    return Head(
        loss,
        metrics,
        name,
        weight,
        _target(given[TARGET].get(name), scope),
        scope.origin(value.span),
    )


def _target(one: ast.Declaration | None, scope: Scope) -> str:
    match one.value if one is not None else None:
        case None:
            return ""
        case ast.Reference(name, None):
            return name.text
        case ast.String(text):
            return text
        case value:
            assert value is not None
            wrong = "a target is the name of a part of the data"
            raise scope.reject("NN208", wrong, value.span)


def narrowed(spec: Spec, head: Head) -> Spec:
    """Return the spec as one output sees it: with its loss, its metrics and its targets alone."""
    if spec.train is None:
        return spec
    if not head.name:
        return replace(spec, description=spec.description_of(head))
    own = {
        f"train.{word}{rest}": origin
        for word in (LOSS, METRICS)
        for key, origin in spec.origins.items()
        if key.startswith(start := f"train.{word}.{head.name}")
        and (rest := key.removeprefix(start))[:1] in ("", ".")
    }
    others = {
        key: origin
        for key, origin in spec.origins.items()
        if not key.startswith(("train.loss", "train.metrics"))
    }
    train = spec.train.model_copy(update={"loss": head.loss, "metrics": head.metrics})
    return replace(
        spec,
        train=train,
        named_heads=(),
        description=spec.description_of(head),
        origins={**others, **own},
    )


def origins_of(statements: Sequence[ast.Declaration]) -> dict[str, Origin]:
    """Return where losses, metrics and targets of outputs stand."""
    found: dict[str, Origin] = {}
    for one in statements:
        assert one.value is not None
        key = f"train.{one.word.text}.{one.name.text}"
        found |= {key: Origin(one.value.span), f"{key}.name": Origin(one.name.span)}
        if isinstance(one.value, ast.Sequence):
            found |= {f"{key}.{n}": Origin(item.span) for n, item in enumerate(one.value.items)}
    return found
