"""Sums with the answer so far as a second input, and the loop that writes an answer."""

from __future__ import annotations

import numpy as np
import pytest

import nndsl
from nndsl.vocabulary.data import addition

PAGE = """
data = addition(digits=1, samples=50, reverse=true, teacher=true, test=5)
network {
  input question(3, tokens=13)
  input before(2, tokens=13)
  embedding(question, 8)
  read = gru(24)
  embedding(before, 8)
  gru(24, output=all, state=read)
  dense(13)
}
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); batch = 8; epochs = EPOCHS }
"""


def load(epochs: int) -> nndsl.Model:
    return nndsl.load("sums.nn", text=PAGE.replace("EPOCHS", str(epochs)))


def characters(tokens: np.ndarray) -> str:
    known = addition.CHARACTERS + addition.START
    return "".join(known[token] for token in tokens)


def test_the_answer_so_far_begins_with_a_mark_and_lags_one_behind() -> None:
    (question, before, answer), _ = load(1).namespace["load_data"]()
    for asked, so_far, said in zip(question, before, answer, strict=True):
        a, b = characters(asked).split("+")
        right = str(int(a) + int(b))[::-1].ljust(2)
        assert characters(said) == right
        assert characters(so_far) == "_" + right[:1]


@pytest.mark.slow
def test_the_loop_writes_what_it_reads_next() -> None:
    """Without chance it is the likeliest, step by step: told here by `predict` alone."""
    model = load(20)
    model.fit()
    known = addition.CHARACTERS + addition.START
    for asked in ("3+4", "9+9", "0+5"):
        written = model.sample(asked, temperature=0)
        question = np.array([[known.index(c) for c in asked]])
        before = np.array([[known.index("_")] * 2])
        said = ""
        for step in range(2):
            scores = model.namespace["predict"](question, before)[0, step]
            said += known[scores.argmax()]
            before[0, 1:] = scores.argmax() if step == 0 else before[0, 1:]
        assert written == f"{asked}={said[::-1].strip()}"
