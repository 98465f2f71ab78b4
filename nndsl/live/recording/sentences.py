"""What a record says, in sentences: one for each thing that a reader of its figures looks for."""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from statistics import median

from nndsl.languages import listed, sentence, translated
from nndsl.live.recording.record import Record, Series

# Where a sentence warns. They are rules of thumb, and say so by giving the number.
FADES = 0.1  # the signal of the last layer, as a part of the first
BACK_FADES = 0.01  # the gradient of the first weights, as a part of the last
DEAD = 0.1  # part of the units of a layer
SATURATED = 0.5  # part of the values of a layer
USUAL_STEP = 1e-3  # of the spread of the weights
LARGE_STEP, SMALL_STEP = 1e-2, 1e-5
MAX_NAMED = 5  # layers in a sentence


def sentences(record: Record) -> list[str]:
    """Return what the numbers say about signal, gradient, units and steps."""
    return [
        *_signal(record),
        *_alike(record),
        *_dead(record),
        *_saturated(record),
        *_gradient(record),
        *_steps(record),
    ]


def label(series: Series) -> str:
    """Return `A1 (relu)`, or the plain name of a parameter."""
    return (
        f"{series.name} ({series.layer})" if series.instrument.watches == "layers" else series.name
    )


def activations(record: Record, measure: str) -> list[Series]:
    """Return the layers that bend the signal, in which something was measured before training."""
    return [
        series for series in record.having(measure) if series.is_nonlinear and 0 in series.numbers
    ]


def _signal(record: Record) -> Iterator[str]:
    layers = activations(record, "std")
    if len(layers) < 2:
        return
    first, last = layers[0], layers[-1]
    here, there = first.at(0, "std"), last.at(0, "std")
    if here <= 0:
        return  # all its units rest, or are alike, and that is said
    ends = f"{brief(here)} in {label(first)}, {brief(there)} in {label(last)}"
    each = (there / here) ** (1 / (len(layers) - 1))
    sizes = f"standard deviation {ends}, {brief(each)} of it from layer to layer"
    if there < FADES * here:
        yield f"Before training the signal fades: {sizes}."
    elif there * FADES > here:
        yield f"Before training the signal grows: {sizes}."
    else:
        yield f"Before training the signal keeps its size: standard deviation {ends}."


def _alike(record: Record) -> Iterator[str]:
    for epoch, when in _ends(record):
        alike = [
            label(series)
            for series in activations(record, "distinct")
            if series.at(epoch, "units") > 1 and series.at(epoch, "distinct") == 1
            if series.at(epoch, "dead") != 1
        ]
        if alike:
            yield (
                f"{when} all units of {_list(alike)} output the same: they get the same gradient, "
                "and learn as one. Random weights would tell them apart."
            )


def _dead(record: Record) -> Iterator[str]:
    layers = activations(record, "dead")
    if not layers:
        return
    last = record.last
    when = f"after epoch {last}" if last else "before training"
    dead = [series for series in layers if series.at(last, "dead") > DEAD]
    if dead:
        shares = [_share(series, "dead", last) for series in dead]
        before = max(series.at(0, "dead") for series in dead)
        yield (
            f"Dead units {when}: {_list(shares)} rest on their lower bound for each of the "
            f"{record.examples:,} examples."
            + (f" Before training it was at most {before:.0%}." if last else "")
        )
    else:
        worst = max(layers, key=lambda series: series.at(last, "dead"))
        share = worst.at(last, "dead")
        most = f"at most {share:.0%} of a layer, {label(worst)}" if share else "none"
        yield f"Dead units {when}: {most}."


def _saturated(record: Record) -> Iterator[str]:
    for epoch, when in _ends(record):
        shares = [
            _share(series, "saturated", epoch)
            for series in activations(record, "saturated")
            if series.at(epoch, "saturated") > SATURATED
        ]
        if shares:
            yield f"{when} {_list(shares)} lie within 0.05 of a bound, where the slope is small."


def _gradient(record: Record) -> Iterator[str]:
    weights = [
        series for series in record.having("rms") if series.is_weight and 0 in series.numbers
    ]
    if len(weights) < 2:
        return
    first, last = weights[0], weights[-1]
    here, there = first.at(0, "rms"), last.at(0, "rms")
    sizes = f"root mean square {brief(here)} of d{first.name}, {brief(there)} of d{last.name}"
    if here == 0 or there == 0:
        none = [f"d{series.name}" for series in weights if series.at(0, "rms") == 0]
        yield f"Before training these gradients are 0 throughout: {_list(none)}."
    elif here < BACK_FADES * there:
        yield f"Before training the gradient fades on its way back: {sizes}."
    elif here * BACK_FADES > there:
        yield f"Before training the gradient grows on its way back: {sizes}."
    else:
        yield f"Before training first and last weights get gradients of similar size: {sizes}."


def _steps(record: Record) -> Iterator[str]:
    ratios: list[tuple[float, Series]] = []
    for series in record.having("ratio"):
        epochs, values = series.over_epochs("ratio")
        trained = [value for epoch, value in zip(epochs, values, strict=True) if epoch > 0]
        if trained:
            ratios.append((median(trained), series))
    if not ratios:
        return
    (least, slow), (most, fast) = min(ratios, key=itemgetter(0)), max(ratios, key=itemgetter(0))
    beside = f"of the spread of its weights, the median over the epochs; {USUAL_STEP:g} is usual"
    if most > LARGE_STEP:
        yield f"The steps of {fast.name} are large: {brief(most)} {beside}. Try a smaller rate."
    if least < SMALL_STEP:
        yield f"The steps of {slow.name} are small: {brief(least)} {beside}."
    if least >= SMALL_STEP and most <= LARGE_STEP:
        yield (
            f"A step is between {brief(least)} ({slow.name}) and {brief(most)} ({fast.name}) "
            f"of the spread of the weights; about {USUAL_STEP:g} is usual."
        )


def _share(series: Series, measure: str, epoch: int) -> str:
    share = f"{series.at(epoch, measure):.0%}"
    return translated("{share} of {layer}", share=share, layer=label(series))


def _ends(record: Record) -> list[tuple[int, str]]:
    """Return the first and the last epoch, each with its words at the start of a sentence."""
    last = record.last
    return [(0, "Before training"), *([(last, f"After epoch {last}")] if last else [])]


def brief(value: float) -> str:
    """Return a number with two digits, or a large one without decimals."""
    return f"{value:.2g}" if abs(value) < 100 else f"{value:,.0f}"


def _list(words: Sequence[str]) -> str:
    """Return `a, b and c`, and not more than a few of them."""
    shown = list(words[:MAX_NAMED])
    if len(words) > MAX_NAMED:
        count = len(words) - MAX_NAMED + 1
        shown = [*words[: MAX_NAMED - 1], sentence("{count} more", count=count)]
    return translated(listed(*shown))
