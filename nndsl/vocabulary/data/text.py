"""Texts, to predict what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from nndsl.data import DataError, Description
from nndsl.data.source_file import find_file, title_of
from nndsl.shapes import Tokens
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.dataset import Data

LARGEST_TEXT = 20_000_000  # bytes
MAX_KINDS = 10_000

_SAMPLE = """
for _ in range(length):
    seen = [characters.index(character) for character in text[{seen}:]]{why}
    tokens = {tokens}
    scores = predict(tokens)[{last}] / temperature   # a low one draws what is likely
    P = np.exp(scores - scores.max())   # softmax, but for its sum
    text = text + characters[rng.choice(len(P), p=P / P.sum())]
"""
_BEHIND = "np.resize(seen, (1, window))   # what stands behind them has no influence"
_BEFORE = "np.array([[0] * (window - len(seen)) + seen])   # filled up in front"


class Text(Data):
    """A text, in windows of tokens, and the token that comes next at each position.

    The tokens are the characters of the file, in the order of their code points. Windows do not
    overlap, unless `stride` says so; the parts of the data are then not quite independent.
    """

    file: str = Field(
        description="path of the file (UTF-8), relative to the spec", examples=['"fables.txt"']
    )
    level: Literal["char"] = Field("char", description="what a token is: a character")
    window: Size = Field(64, description="positions of an example")
    targets: Literal["all", "last"] = Field(
        "all", description="the next token after every position, or after the last alone"
    )
    stride: Size | None = Field(
        None, description="from the beginning of a window to that of the next; left out, `window`"
    )

    positions = "window"
    notes = {"characters": "a token is a place in this"}

    @property
    def read(self) -> str:  # type: ignore[override]
        t = "windows[:, 1:]" if self.targets == "all" else "windows[:, -1]"
        step = "stride" if self.stride else "window"
        return f"""
            text = file.read_text(encoding="utf-8-sig")   # -sig: without a mark at its beginning
            tokens = np.array([characters.index(character) for character in text])
            windows = np.lib.stride_tricks.sliding_window_view(tokens, window + 1)[::{step}]
            X, t = windows[:, :-1], {t}   # what comes next
        """

    @property
    def sample(self) -> str:  # type: ignore[override]
        """Draw from softmax(scores / temperature).

        Where every position predicts, half a window is looked at: the last positions of a full
        one, which few or no later ones learn from, predict worst.
        """
        if self.targets == "last":
            return _SAMPLE.format(seen="-window", why="", tokens=_BEFORE, last="0")
        return _SAMPLE.format(
            seen="-window // 2",
            why="   # half a window: its end predicts worst",
            tokens=_BEHIND,
            last="0, len(seen) - 1",
        )

    def files(self, folder: Path) -> dict[str, Path]:
        return {"file": find_file(folder, self.file, "file")}

    def describe(self, folder: Path) -> Description:
        path = find_file(folder, self.file, "file")
        if path.stat().st_size > LARGEST_TEXT:
            raise DataError(f"`{self.file}` is larger than {LARGEST_TEXT:_} bytes", field="file")
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise DataError(
                f"`{self.file}` is no text in UTF-8: byte {error.start:_} does not fit",
                "save it in UTF-8",
                "file",
            ) from None
        characters = "".join(sorted(set(text)))
        if len(characters) > MAX_KINDS:
            raise DataError(f"`{self.file}` has more than {MAX_KINDS:_} kinds of characters")
        windows = len(range(0, len(text) - self.window, self.stride or self.window))
        if not windows:
            raise DataError(
                f"`{self.file}` has {len(text):_} characters, and a window of {self.window} "
                "needs one more than that",
                "take a smaller window",
                "window",
            )
        return Description(
            Tokens((self.window,), len(characters)),
            classes=len(characters),
            examples=windows,
            per_position=self.targets == "all",
            predicts_next=self.targets == "all",
            title=title_of(self.file),
            beginning=(text.split(maxsplit=1) or [text])[0][: self.window],
            characters=characters,
            settings={"characters": characters},
        )
