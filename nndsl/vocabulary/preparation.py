"""What makes inputs and targets of the numbers in a file: one description of all its steps.

A script prints it in `load_data`, and the live model executes it for new examples. What a step has
to know is found on the training part alone, and saved with the weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from textwrap import dedent

from nndsl.record import record

RESTORE = "{x} * {target_scale} + {target_mean}"  # predictions in the units of the file


@record
class Step:
    """`fit` finds the arrays `keeps` from `{seen}`, the training part; `apply` changes `{X}`.

    `before` is what they are before that, where they are read: entries of a dict.
    """

    keeps: tuple[str, ...]
    fit: str
    apply: str = ""
    before: str = ""

    def of_classes(self, count: int) -> Step:
        """Return the step with the number of classes in its place."""
        fit, before = (text.replace("{classes}", str(count)) for text in (self.fit, self.before))
        return replace(self, fit=fit, before=before)


@record
class Preparation:
    """The steps that inputs go through, in order, and that of the targets if there is one.

    `loss` is what the loss finds on the targets of the training part.
    """

    inputs: tuple[Step, ...] = ()
    targets: Step | None = None
    loss: Step | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        return (*self.inputs, *(step for step in (self.targets, self.loss) if step is not None))

    @property
    def keeps(self) -> tuple[str, ...]:
        """The names of the arrays that it finds on the training part."""
        return tuple(name for step in self.steps for name in step.keeps)


STANDARDIZE = Step(
    ("mean", "scale"),
    """
        mean = {seen}.mean(axis=0, dtype=np.float64)   # in 64 bits: many rows
        std = {seen}.std(axis=0, dtype=np.float64)
        scale = np.where(np.ptp({seen}, axis=0) > 0, std, 1)   # a constant is only centred
        mean, scale = mean.astype(dtype), scale.astype(dtype)
        statistics.update(mean=mean, scale=scale)   # saved: new examples need them as well
    """,
    "{X} = ({X} - mean) / scale",
)
STANDARDIZE_TARGET = Step(
    ("target_mean", "target_scale"),
    """
        target_mean = {seen}.mean(axis=0, dtype=np.float64).astype(dtype)
        target_scale = {seen}.std(axis=0, dtype=np.float64).astype(dtype)
        target_scale = np.where(target_scale > 0, target_scale, 1).astype(dtype)
        statistics.update(target_mean=target_mean, target_scale=target_scale)
    """,
    "{X} = ({X} - target_mean) / target_scale",
    '"target_mean": 0.0, "target_scale": 1.0',
)
_KNOWN = "known = np.where(np.isnan({seen}).all(axis=0), 0, {seen})   # 0 where it has no values"
_FILLS = {
    "mean": "fill = np.nanmean(known, axis=0, dtype=np.float64).astype(dtype)",
    "median": "fill = np.nanmedian(known, axis=0).astype(dtype)",
    "most_frequent": """
        fill = np.zeros(X.shape[1], dtype)
        for column, values in enumerate(known.T):
            kinds, counts = np.unique(values[~np.isnan(values)], return_counts=True)
            fill[column] = kinds[counts.argmax()]
    """,
}


def impute(how: str, indicated: Sequence[int], texts: Iterable[range]) -> Step:
    """Return the step that fills in what is missing, which is nan.

    Of the columns `indicated` another one says, by 0 and 1, where a value was missing. The columns
    that stand for one of `texts` are filled in together, by the most frequent text: there is no
    mean of texts, and as none of them each would be 0.
    """
    lines = [dedent(_FILLS[how]).strip()]
    for place in texts:
        columns = f"[..., {place.start}:{place.stop}]"
        lines += [
            f"counts = np.nansum(known{columns}, axis=0)   # how often the column has each text",
            f"fill{columns} = np.arange({len(place)}) == counts.argmax(axis=-1, keepdims=True)"
            "   # 1 for the most frequent text",
        ]
    found = "\n".join(lines)
    fill = f"{_KNOWN}\n{found}\nstatistics.update(fill=fill)   # for what is missing"
    apply = "{X} = np.where(np.isnan({X}), fill, {X})"
    if indicated:
        apply = (
            f"is_missing = np.isnan({{X}}[..., {list(indicated)}])   # more inputs: 0 or 1\n"
            "filled = np.where(np.isnan({X}), fill, {X})\n"
            "{X} = np.concatenate([filled, is_missing.astype({X}.dtype)], axis=-1)"
        )
    return Step(("fill",), fill, apply)
