"""Did you mean …?"""

from __future__ import annotations

import pytest

from nndsl.analysis.suggest import did_you_mean, suggestion
from nndsl.vocabulary import registry

WORDS = [word for kind in registry.kinds() for word in registry.names(kind)]


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("swish", "silu"),
        ("BatchNorm2d", "batch_norm"),
        ("Linear", "dense"),
        ("auc", "roc_auc"),
        ("mse", "mean_squared_error"),
        ("droput", "dropout"),
        ("divine", None),  # which shares letters with `sine`
    ],
)
def test_names_of_other_libraries_lead_to_ours(wrong: str, meant: str | None) -> None:
    assert suggestion(wrong, WORDS) == meant


@pytest.mark.parametrize("wrong", ["cross_entropy", "crossentropy", "CrossEntropy"])
def test_the_end_of_several_names_may_be_each_of_them(wrong: str) -> None:
    known = ["hinge", "binary_cross_entropy", "softmax_cross_entropy"]
    help = "did you mean `binary_cross_entropy` or `softmax_cross_entropy`?"
    assert did_you_mean(wrong, known) == help


def test_what_words_are_called_elsewhere_is_no_word_and_no_two_of_a_kind() -> None:
    for kind in registry.kinds():
        words = [word for name in registry.names(kind) if (word := registry.find(kind, name))]
        called = [name for word in words for name in word.called]
        assert len(called) == len(set(called)), kind
        assert not {*called} & {*registry.names(kind)}, kind
