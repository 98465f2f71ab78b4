"""Did you mean …?"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import nndsl
from nndsl.analysis.suggest import correct_typo, correction, did_you_mean, suggestion, typo_fix
from nndsl.diagnostics import Applicability
from nndsl.source import Source, Span
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


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Draw a word with one letter or two wrong, and all words of its kind."""
    known = list(registry.names(draw(st.sampled_from(registry.kinds()))))
    word = draw(st.sampled_from(known))
    for _ in range(draw(st.integers(1, 2))):
        at, letter = draw(st.integers(0, len(word) - 1)), draw(st.sampled_from("aeinorstx_2"))
        two = word[at : at + 2]
        changed = draw(st.sampled_from([letter + two[1:], letter + two, two[1:], two[::-1]]))
        word = word[:at] + changed + word[at + 2 :] or letter
    return word, known


@given(slips())
@example(("axg_pool", ["max_pool", "avg_pool"]))
@example(("con1vd", ["conv2d", "conv1d"]))
@example(("rslu", [*registry.names("layers")]))
def test_what_a_fix_writes_and_a_check_goes_on_with_is_named(slip: tuple[str, list[str]]) -> None:
    wrong, known = slip
    help = did_you_mean(wrong, known) or ""
    for fix in typo_fix(Span(Source("spec.nn", wrong), 0, len(wrong)), wrong, known):
        assert help == f"did you mean `{fix.edits[0].text}`?"
        is_safe = fix.applicability is Applicability.SAFE
        assert is_safe == correction(wrong, known).is_sure
    if close := correct_typo(wrong, known):
        assert f"`{close}`" in help


def test_the_help_names_what_the_fix_writes_in_a_page() -> None:
    text = "let sqre = 2\nnetwork { input(3); axg_pool(2); rslu; dense(sqrt2) }"
    for diagnostic in nndsl.check("spec.nn", text=text):
        assert [fix.message[6:] in (diagnostic.help or "") for fix in diagnostic.fixes] == [True]
