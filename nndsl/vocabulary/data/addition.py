"""Sums to read and to answer, character by character."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import Field

from nndsl.data import DataError, DataPart, Description
from nndsl.shapes import Tokens
from nndsl.vocabulary.dataset import MAX_SAID, Data

CHARACTERS = "0123456789+ "
START = "_"  # stands before an answer that is forced

_ASKED = re.compile(r"0*([0-9]+)\+0*([0-9]+)=?")

_SOME = "384567"  # digits of a sum to ask

_SAMPLE = """
place = {{character: number for number, character in enumerate(characters)}}
question = np.array([[place[character] for character in text.ljust(2 * digits + 1)]])
answer = ""
for scores in predict(question)[0, :length] / temperature:   # a low one draws what is likely
    P = np.exp(scores - scores.max())   # softmax, but for its sum
    answer = answer + characters[rng.choice(len(P), p=P / P.sum())]
text = text + "=" + answer{forwards}.strip()
"""
_SAMPLE_FORCED = """
place = {{character: number for number, character in enumerate(characters)}}
question = np.array([[place[character] for character in text.ljust(2 * digits + 1)]])
before = np.full((1, digits + 1), place["_"])   # what is written so far
answer = ""
for i in range(min(length, digits + 1)):
    scores = predict(question, before)[0, i] / temperature   # a low one draws what is likely
    P = np.exp(scores - scores.max())   # softmax, but for its sum
    drawn = rng.choice(len(P), p=P / P.sum())
    answer = answer + characters[drawn]
    before[0, i + 1:i + 2] = drawn   # the next step reads it
text = text + "=" + answer{forwards}.strip()
"""


class Addition(Data):
    """Sums, character by character: `12+345` is an example, and its target the answer, `357`.

    Both are filled up with spaces to the length of the longest question, so that each position of
    the question has a target. The numbers are drawn evenly from those of up to `digits` digits. No
    two examples add the same two numbers, in whichever order: validation and test part hold sums
    that were never learnt. The task is that of Zaremba and Sutskever 2014; answers that begin with
    the ones as in Lee et al. 2023.

    With `teacher=true` there are two inputs, `question` and `before`: the answer so far, `_35` for
    `357`, which an encoder and a decoder take in training (Williams and Zipser 1989, teacher
    forcing). `sample` lets the decoder read what it has written itself.
    """

    digits: Annotated[int, Field(ge=1, le=6)] = Field(3, description="most digits of a number")
    samples: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        20_000, description="examples, no two of them alike"
    )
    reverse: bool = Field(False, description="answers from the ones up, as one adds by hand: `753`")

    teacher: bool = Field(False, description="is the answer so far a second input, `before`?")

    temperature = 0.01  # an answer is right or wrong: the likeliest one
    notes = {"characters": "a token is a place in this"}

    @property
    def read(self) -> str:  # type: ignore[override]
        backwards = "[::-1]" if self.reverse else ""
        comment = "   # the ones first" if self.reverse else ""
        x, t, length = "X", "t", "width"
        made, before = "X, t = np.zeros((2, samples, width), np.int64)", ""
        if self.teacher:
            x, t, length = "question", "answer", "digits + 1"
            made = """question = np.zeros((samples, width), np.int64)
            answer = np.zeros((samples, digits + 1), np.int64)"""
            before = """start = np.full((samples, 1), place["_"])
            before = np.hstack([start, answer[:, :-1]])   # what is written before each position"""
        return f"""
            numbers, width = 10**digits, 2 * digits + 1
            pair = rng.choice(numbers * (numbers + 1) // 2, samples, replace=False)
            large = ((np.sqrt(8 * pair + 1) - 1) / 2).astype(np.int64)   # pairs as a triangle: row
            small = pair - large * (large + 1) // 2                      # and place in the row
            a, b = np.where(rng.random(samples) < 0.5, (large, small), (small, large))
            place = {{character: number for number, character in enumerate(characters)}}
            {made}
            for i in range(samples):
                asked, said = str(a[i]) + "+" + str(b[i]), str(a[i] + b[i]){backwards}{comment}
                {x}[i] = [place[character] for character in asked.ljust(width)]
                {t}[i] = [place[character] for character in said.ljust({length})]
            {before}
        """

    @property
    def sample(self) -> str:  # type: ignore[override]
        text = _SAMPLE_FORCED if self.teacher else _SAMPLE
        return text.format(forwards="[::-1]" if self.reverse else "")

    def prompt(self, text: str, known: Description) -> str:
        asked = _ASKED.fullmatch("".join(text.split()))
        if asked is None or max(map(len, asked.groups())) > self.digits:
            raise DataError(
                f"{text[:MAX_SAID]!r} is no sum of two numbers from 0 to {10**self.digits - 1:_}",
                f"ask it {known.beginning!r}, say, with or without `=` behind it",
            )
        return "+".join(asked.groups())

    def describe(self, folder: Path) -> Description:
        numbers = 10**self.digits
        pairs = numbers * (numbers + 1) // 2
        if self.samples > pairs:
            raise DataError(
                f"{self.samples:_} samples are more than there are pairs of numbers: {pairs:_}",
                "take fewer samples, or more digits",
                "samples",
            )
        beginning = f"{_SOME[: self.digits]}+{_SOME[::-1][: self.digits]}"
        if self.teacher:
            characters = CHARACTERS + START
            kinds = len(characters)
            long, short = (2 * self.digits + 1,), (self.digits + 1,)
            return Description(
                classes=kinds,
                examples=self.samples,
                per_position=True,
                title="addition",
                characters=characters,
                beginning=beginning,
                settings={"characters": characters},
                parts={
                    "question": DataPart(Tokens(long, kinds), whole=True, kinds=kinds),
                    "before": DataPart(Tokens(short, kinds), whole=True, kinds=kinds),
                    "answer": DataPart(short, True, whole=True, classes=kinds, per_position=True),
                },
            )
        return Description(
            Tokens((2 * self.digits + 1,), len(CHARACTERS)),
            classes=len(CHARACTERS),
            examples=self.samples,
            per_position=True,
            title="addition",
            beginning=beginning,
            settings={"characters": CHARACTERS},
        )
