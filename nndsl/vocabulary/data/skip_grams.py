"""Words of a text beside their neighbours, and beside words that are drawn."""

from pathlib import Path

from pydantic import Field

from nndsl.data import DataError, DataPart, Description
from nndsl.data.source_file import find_file, read_text, title_of
from nndsl.data.words import words_of
from nndsl.shapes import Tokens
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.functions import WORDS_OF

MAX_WORDS = 10_000
MAX_PAIRS = 20_000_000


class SkipGrams(Data):
    """Pairs of a `word` and a `context`, and whether they stand `near` each other in a text.

    Each pair of neighbours, up to `window` words apart, has as many pairs beside it as `negatives`
    says whose context is drawn, by how often words occur to the power of 3/4: skip-gram with
    negative sampling (Mikolov et al. 2013). They are drawn once, as Keras' `skipgrams` does.
    """

    called = ("negative_sampling", "skipgram", "skipgrams", "skip_gram", "word2vec")

    file: str = Field(
        description="path of the text (UTF-8), relative to the spec", examples=['"fables.txt"']
    )
    window: Size = Field(2, description="how far apart neighbours may be, in words")
    negatives: Size = Field(5, description="pairs that are drawn for each pair of neighbours")

    notes = {"words": "a token is a place in this"}
    modules = ("re",)
    functions = WORDS_OF
    read = """
        place = {name: number for number, name in enumerate(words)}
        text = file.read_text(encoding="utf-8-sig")   # -sig: without a mark at its beginning
        tokens = np.array([place[name] for name in words_of(text)])
        ahead = [(tokens[:-apart], tokens[apart:]) for apart in range(1, window + 1)]
        both_ways = ahead + [(later, earlier) for earlier, later in ahead]
        word, context = map(np.concatenate, zip(*both_ways))
        often = np.bincount(tokens)**0.75   # so that rare words are drawn a little more often
        drawn = rng.choice(len(often), (negatives, len(word)), p=often / often.sum())
        near = np.repeat([1, 0], [len(word), drawn.size])
        word = np.tile(word, 1 + negatives).reshape(-1, 1)
        context = np.vstack([context, drawn]).reshape(-1, 1)
    """

    def files(self, folder: Path) -> dict[str, Path]:
        return {"file": folder / self.file}

    def describe(self, folder: Path) -> Description:
        words = words_of(read_text(find_file(folder, self.file, "file"), self.file))
        kinds = tuple(sorted(set(words)))
        if len(kinds) > MAX_WORDS:
            raise DataError(f"`{self.file}` has more than {MAX_WORDS:_} kinds of words")
        if len(words) <= self.window:
            wrong = f"`{self.file}` has {len(words)} words, and a window of {self.window} more"
            raise DataError(wrong, "take a smaller window", "window")
        pairs = 2 * sum(len(words) - apart for apart in range(1, self.window + 1))
        examples = pairs * (1 + self.negatives)
        if examples > MAX_PAIRS:
            wrong = f"these are {examples:_} pairs, more than {MAX_PAIRS:_}"
            raise DataError(wrong, "take a smaller window, or fewer negatives", "window")
        token = DataPart(Tokens((1,), len(kinds)), whole=True, kinds=len(kinds))
        return Description(
            examples=examples,
            title=title_of(self.file),
            settings={"words": kinds},
            words=kinds,
            parts={
                "word": token,
                "context": token,
                "near": DataPart((), is_target=True, whole=True, classes=2),
            },
        )
