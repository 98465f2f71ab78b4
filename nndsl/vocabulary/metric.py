"""Metrics: what training reports beside the loss."""

from typing import ClassVar

from nndsl.vocabulary.builtin import Builtin

HIGHER = "_score"  # how metrics of a page are called of which more is better


class Metric(Builtin):
    """A number that people judge a network by.

    `value` is an expression over `x` (the output, (N, outputs); with `takes_estimate`, what the
    loss makes of it to compare with targets: probabilities), `t` (the targets as the loss takes
    them), `predicted` and `true` (class numbers, where the data has classes), `loss`, `N` (the
    number of examples; there may be several rows of each) and the word's own fields.
    `weighted` is the same where some examples count more, of their shares `w` (N,), 1 in all, as
    scikit-learn's `sample_weight`; left out, it makes no difference.
    """

    kind = "metrics"
    positional = 0
    for_classes: ClassVar[str] = "accuracy"  # the word that is reported when a spec names none
    needs_classes: ClassVar[bool] = False
    needs_score_per_class: ClassVar[bool] = False  # one output for two classes is not enough
    needs_values: ClassVar[bool] = False  # for losses whose targets are values
    takes_estimate: ClassVar[bool] = False  # of what the loss makes of the output
    needs_probabilities: ClassVar[bool] = False  # one for each class
    has_baseline: ClassVar[bool] = True  # False where a constant answer may be perfect
    averages_classes: ClassVar[bool] = False  # it is a mean over the classes, or of one of them
    higher_is_better: ClassVar[bool] = False
    is_share: ClassVar[bool] = False  # a part of the examples, between 0 and 1
    counts_examples: ClassVar[bool] = False  # each of them is right or wrong, and they are counted
    value: ClassVar[str]
    weighted: ClassVar[str] = ""
    value_with_gaps: ClassVar[str] = ""  # where it is another if some positions have no target:
    # of `example` (rows,), the number of the example of each
    note: ClassVar[str] = ""  # why it is computed so, for the script
    guess: ClassVar[str] = ""  # the constant output to compare with, where it is not the loss's
    guess_by: ClassVar[str] = ""  # and what it says: "the median of the targets"

    def for_outputs(self, count: int, *, weighs: bool = False) -> str:
        """Return the expression for a network with so many outputs."""
        return (weighs and self.weighted) or self.value

    def misfit(self, classes: int) -> str | None:
        """Say what is wrong with it for so many classes, or None."""
        return None
