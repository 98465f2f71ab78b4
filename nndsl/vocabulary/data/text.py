"""Texts, to predict what comes next."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from nndsl.data import DataError, Description
from nndsl.data.source_file import find_file, read_text, title_of
from nndsl.data.words import words_of
from nndsl.shapes import Tokens
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.functions import WORDS_OF

LARGEST_TEXT = 20_000_000  # bytes
MAX_KINDS = 10_000

_SAMPLE = """
for _ in range(length):
    seen = [{vocabulary}.index({token}) for {token} in {tokens_of_text}[{seen}:]]{why}
    tokens = {tokens}
    scores = predict(tokens)[{last}] / temperature   # a low one draws what is likely
    P = np.exp(scores - scores.max())   # softmax, but for its sum
    text = text + {space}{vocabulary}[rng.choice(len(P), p=P / P.sum())]
"""
_BEHIND = "np.resize(seen, (1, window))   # what stands behind them has no influence"
_BEFORE = "np.array([[0] * (window - len(seen)) + seen])   # filled up in front"


class Text(Data):
    """A text, in windows of tokens, and the token that comes next at each position.

    The tokens are the characters of the file, in the order of their code points; or with
    `level=word` its words and marks in small letters, in the order of the alphabet. Windows do not
    overlap, unless `stride` says so; the parts of the data are then not quite independent.
    With `targets=middle` the token in the middle of a window is to be told from those around it
    (Mikolov et al. 2013, CBOW).
    """

    file: str = Field(
        description="path of the file (UTF-8), relative to the spec", examples=['"fables.txt"']
    )
    level: Literal["char", "word"] = Field("char", description="what a token is")
    window: Size = Field(64, description="positions of an example")
    targets: Literal["all", "last", "middle"] = Field(
        "all",
        description="the next token after every position, or after the last alone; or the token "
        "between the two halves of a window",
    )
    stride: Size | None = Field(
        None, description="from the beginning of a window to that of the next; left out, `window`"
    )

    split: Literal["shuffled", "in_order"] = Field(
        "shuffled",
        description="how windows are held back: drawn, or the last ones of the text; those that "
        "are learnt from then follow each other",
    )

    positions = "window"
    notes = dict.fromkeys(("characters", "words"), "a token is a place in this")

    @property
    def functions(self) -> str:  # type: ignore[override]
        return WORDS_OF if self.level == "word" else ""

    @property
    def modules(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("re",) if self.level == "word" else ()

    @property
    def read(self) -> str:  # type: ignore[override]
        is_middle = self.targets == "middle"
        t = {"all": "windows[:, 1:]", "last": "windows[:, -1]", "middle": "windows[:, window // 2]"}
        around = "np.delete(windows, window // 2, axis=1)"
        step = "stride" if self.stride else "window"
        tokens = "tokens = np.array([characters.index(character) for character in text])"
        if self.level == "word":
            tokens = """
            place = {word: number for number, word in enumerate(words)}
            tokens = np.array([place[word] for word in words_of(text)])
            """
        return f"""
            text = file.read_text(encoding="utf-8-sig")   # -sig: without a mark at its beginning
            {tokens}
            windows = np.lib.stride_tricks.sliding_window_view(tokens, window + 1)[::{step}]
            X, t = {around if is_middle else "windows[:, :-1]"}, {t[self.targets]}   # {
            "the middle, of what is around it" if is_middle else "what comes next"
        }
        """

    @property
    def sample(self) -> str:  # type: ignore[override]
        """Draw from softmax(scores / temperature).

        Where every position predicts, half a window is looked at: the last positions of a full
        one, which few or no later ones learn from, predict worst.
        """
        if self.targets == "middle":
            return ""  # what comes next is not what it has learnt
        of = {"vocabulary": "characters", "token": "character", "tokens_of_text": "text"}
        if self.level == "word":
            of = {"vocabulary": "words", "token": "word", "tokens_of_text": "words_of(text)"}
        of["space"] = '" " + ' if self.level == "word" else ""
        if self.targets == "last":
            return _SAMPLE.format(seen="-window", why="", tokens=_BEFORE, last="0", **of)
        return _SAMPLE.format(
            **of,
            seen="-window // 2",
            why="   # half a window: its end predicts worst",
            tokens=_BEHIND,
            last="0, len(seen) - 1",
        )

    @property
    def order(self) -> str:
        return self.split

    @property
    def in_sequence(self) -> bool:
        is_cut = self.holds_validation or self.test
        in_order = self.split == "in_order" or not is_cut
        follow = self.stride in (None, self.window) and self.targets != "middle"
        return follow and in_order and self.fold is None

    def files(self, folder: Path) -> dict[str, Path]:
        return {"file": folder / self.file}

    def describe(self, folder: Path) -> Description:
        path = find_file(folder, self.file, "file")
        if path.stat().st_size > LARGEST_TEXT:
            raise DataError(f"`{self.file}` is larger than {LARGEST_TEXT:_} bytes", field="file")
        text = read_text(path, self.file)
        tokens: Sequence[str] = words_of(text) if self.level == "word" else text
        kinds = sorted(set(tokens))
        what = "words" if self.level == "word" else "characters"
        if len(kinds) > MAX_KINDS:
            raise DataError(f"`{self.file}` has more than {MAX_KINDS:_} kinds of {what}")
        windows = len(range(0, len(tokens) - self.window, self.stride or self.window))
        if not windows:
            raise DataError(
                f"`{self.file}` has {len(tokens):_} {what}, and a window of {self.window} "
                "needs one more than that",
                "take a smaller window",
                "window",
            )
        known = {"words": tuple(kinds)} if what == "words" else {"characters": "".join(kinds)}
        return Description(
            Tokens((self.window,), len(kinds)),
            classes=len(kinds),
            examples=windows,
            per_position=self.targets == "all",
            predicts_next=self.targets == "all",
            title=title_of(self.file),
            beginning=(text.split(maxsplit=1) or [text])[0][: self.window],
            settings=known,
            **known,
        )
