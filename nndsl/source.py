"""Where text comes from: a source, and spans of it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True, eq=False)
class Source:
    """A text with a name: the path as the user wrote it, or `<stdin>`."""

    name: str
    text: str = field(repr=False)
    path: Path | None = None

    @property
    def folder(self) -> Path:
        """Where it lies, from where the paths in it lead: the current folder, if in no file."""
        return self.path.parent if self.path else Path()

    @property
    def is_json(self) -> bool:
        """Whether its name says that it is a spec in the JSON form."""
        return self.name.endswith(".json")

    @property
    def suffix(self) -> str:
        """How the name of a copy ends, which is to be read in the same way."""
        return ".json" if self.is_json else ".nn"

    @cached_property
    def line_starts(self) -> list[int]:
        """Offsets at which a line begins."""
        return [0, *(i + 1 for i, character in enumerate(self.text) if character == "\n")]

    def position(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column (in code points) of an offset."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of a 1-based line, without its line end."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


class SourceError(Exception):
    """A file cannot be read as a text. `help` says the way out."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


LARGEST_FILE = 20_000_000  # bytes: nothing that a person writes is longer


def read_source(path: str | Path) -> Source:
    """Read a file. SourceError where there is none, or it is no text.

    The mark that some editors put at the start of a file (BOM) is no part of its text.
    """
    path = Path(path)
    try:
        if not path.is_file():
            what = (
                "is a folder"
                if path.is_dir()
                else "does not exist"
                if not path.exists()
                else "is no regular file"
            )
            raise SourceError(f"{path} {what}")
        if path.stat().st_size > LARGEST_FILE:
            raise SourceError(f"{path} is larger than {LARGEST_FILE // 1_000_000} MB, and no spec")
        return Source(str(path), path.read_bytes().decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path} is not UTF-8 text (byte {error.start})", "save it with the encoding UTF-8"
        ) from None
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from None


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of offsets (code points) in a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.source.position(self.start)[1]

    def to(self, other: Span) -> Span:
        """Return the span from the start of this one to the end of another."""
        return Span(self.source, self.start, other.end)


@dataclass(frozen=True, eq=False)
class Copy:
    """One of the times that a block of this name stands in a network; its layers share it."""

    block: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a piece of a program comes from: its span, and the uses of the blocks around it.

    `uses` runs from the innermost block call to the outermost, `copies` from the outermost copy
    of a block to the innermost: a call that is repeated is one use, and several copies.
    """

    span: Span
    uses: tuple[Span, ...] = ()
    copies: tuple[Copy, ...] = field(default=(), compare=False)
