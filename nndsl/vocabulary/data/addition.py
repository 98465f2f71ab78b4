"""Sums to read and to answer, character by character."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from nndsl.data import DataError, Description
from nndsl.shapes import Tokens
from nndsl.vocabulary.dataset import Data

_CHARACTERS = "0123456789+ "


class Addition(Data):
    """Sums, character by character: `12+345` is an example, and its target the answer, `357`.

    Both are filled up with spaces to the length of the longest question, so that each position of
    the question has a target. The numbers are drawn evenly from those of up to `digits` digits. No
    two examples add the same two numbers, in whichever order: validation and test part hold sums
    that were never learnt. The task is that of Zaremba and Sutskever 2014; answers that begin with
    the ones as in Lee et al. 2023.
    """

    digits: Annotated[int, Field(ge=1, le=6)] = Field(3, description="most digits of a number")
    samples: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        20_000, description="examples, no two of them alike"
    )
    reverse: bool = Field(False, description="answers from the ones up, as one adds by hand: `753`")

    notes = {"characters": "a token is a place in this"}

    @property
    def read(self) -> str:  # type: ignore[override]
        backwards = "[::-1]" if self.reverse else ""
        comment = "   # the ones first" if self.reverse else ""
        return f"""
            numbers, width = 10**digits, 2 * digits + 1
            pair = rng.choice(numbers * (numbers + 1) // 2, samples, replace=False)
            large = ((np.sqrt(8 * pair + 1) - 1) / 2).astype(np.int64)   # pairs as a triangle: row
            small = pair - large * (large + 1) // 2                      # and place in the row
            a, b = np.where(rng.random(samples) < 0.5, (large, small), (small, large))
            place = {{character: number for number, character in enumerate(characters)}}
            X, t = np.zeros((2, samples, width), np.int64)
            for i in range(samples):
                question, answer = str(a[i]) + "+" + str(b[i]), str(a[i] + b[i]){backwards}{comment}
                X[i] = [place[character] for character in question.ljust(width)]
                t[i] = [place[character] for character in answer.ljust(width)]
        """

    def describe(self, folder: Path) -> Description:
        numbers = 10**self.digits
        pairs = numbers * (numbers + 1) // 2
        if self.samples > pairs:
            raise DataError(
                f"{self.samples:_} samples are more than there are pairs of numbers: {pairs:_}",
                "take fewer samples, or more digits",
                "samples",
            )
        return Description(
            Tokens((2 * self.digits + 1,), len(_CHARACTERS)),
            classes=len(_CHARACTERS),
            examples=self.samples,
            per_position=True,
            title="addition",
            settings={"characters": _CHARACTERS},
        )
