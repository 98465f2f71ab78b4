"""Texts with classes, to be told apart by their words."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from nndsl.data import DataError, Description
from nndsl.data.new_examples import Frame, NewExamples
from nndsl.data.source_file import find_file, title_of
from nndsl.data.table import open_rows, read_header, require_columns
from nndsl.data.words import PADDING, UNKNOWN, word_encoder, words_of
from nndsl.shapes import Tokens
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.functions import WORDS_OF

MAX_WORDS = 10_000
MAX_CLASSES = 1000


class LabelledTexts(Data):
    """A table with a column of texts, and one of their classes: reviews, questions, news.

    The tokens are the words and marks of a text in small letters, the most frequent first; 0 is
    padding, which fills up what is shorter than `length`, and 1 is any word that is not among them.
    """

    called = ("text_classification", "text_dataset", "reviews", "imdb", "sentiment")

    file: str = Field(
        description="path of the table (CSV, UTF-8), relative to the spec",
        examples=['"reviews.csv"'],
    )
    text: str = Field("text", description="the column of the texts")
    target: str = Field("label", description="the column of the classes")
    length: Size = Field(
        32, description="positions of an example: longer texts are cut, shorter ones filled up"
    )
    vocab_size: Size = Field(
        MAX_WORDS, description="how many words are told apart, at most", le=MAX_WORDS
    )

    positions = "length"
    notes = {"words": "a token is a place in this", "class_names": "a class is a place in this"}
    modules = ("csv", "re")
    functions = WORDS_OF
    read = """
        place = {word: number for number, word in enumerate(words)}
        X, t = [], []
        with file.open(newline="", encoding="utf-8-sig") as table:
            rows = csv.DictReader(filter(str.strip, table), skipinitialspace=True)
            rows.fieldnames = [name.strip() for name in rows.fieldnames]
            for row in rows:
                tokens = [place.get(word, 1) for word in words_of(row[text])]   # 1: not known
                X.append((tokens + [0] * length)[:length])   # 0: padding
                t.append(class_names.index(row[target].strip()))
        X, t = np.array(X), np.array(t)
    """

    def files(self, folder: Path) -> dict[str, Path]:
        return {"file": folder / self.file}

    def describe(self, folder: Path) -> Description:
        path = find_file(folder, self.file, "file")
        counts, labels = Counter[str](), list[str]()
        for line, text, label in self._rows(path, self.file, self.target):
            words = words_of(text)
            if not words or not label:
                column = self.text if label else self.target
                wrong = f"line {line} of `{self.file}` has nothing in `{column}`"
                raise DataError(wrong, "leave the line out", "file", line=line)
            counts.update(words)
            labels.append(label)
        classes = sorted(set(labels))
        if not labels:
            raise DataError(f"`{self.file}` has no rows below its header", field="file")
        if len(classes) > MAX_CLASSES:
            wrong = f"`{self.target}` has more than {MAX_CLASSES:_} different values"
            raise DataError(wrong, "is it the column of the texts?", "target")
        frequent = sorted(counts, key=lambda word: (-counts[word], word))[: self.vocab_size]
        known = (PADDING, UNKNOWN, *frequent)
        return Description(
            Tokens((self.length,), len(known), padding=0),
            classes=len(classes),
            examples=len(labels),
            title=title_of(self.file),
            settings={"words": known, "class_names": tuple(classes)},
            words=known,
            names=tuple(classes),
        )

    def read_new(self, path: Path, known: Description) -> NewExamples:
        encode = word_encoder(known.words, self.length)
        found = [[*map(float, encode(text))] for _, text, _ in self._rows(path)]
        if not found:
            raise DataError(f"`{path}` has no rows below its header")
        return NewExamples(found, list(range(1, len(found) + 1)))

    def read_labelled(
        self, path: Path | Frame, known: Description
    ) -> tuple[NewExamples, list[list[float]]]:
        targets = []
        for line, _, label in self._rows(path, target=self.target):
            if label not in known.names:
                raise DataError(f"line {line} of {path} has an unknown {self.target}: `{label}`")
            targets.append([float(known.names.index(label))])
        return self.read_new(path, known), targets

    def _rows(self, path: Path, name: str = "", target: str = "") -> Iterator[tuple[int, str, str]]:
        """Yield the line, the text and the class of each row; no class without a `target`."""
        name = name or str(path)
        with open_rows(path, name, ",", "file") as rows:
            header = read_header(rows, name, "file")
            require_columns(header, (self.text,), "text")
            require_columns(header, (target,) if target else (), "target")
            for line, row in rows:
                if len(row) != len(header):
                    wrong = (
                        f"line {line} of `{name}` has {len(row)} values, its header {len(header)}"
                    )
                    raise DataError(wrong, "put a text with commas in quotes", "file", line=line)
                values = dict(zip(header, row, strict=True))
                yield line, values[self.text], values[target].strip() if target else ""
