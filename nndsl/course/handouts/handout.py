"""What a handout says: a script as literature, before it is a page, a notebook or a text."""

from nndsl.diagram.diagram import Diagram
from nndsl.emit.script import Script
from nndsl.record import record
from nndsl.report.page import Picture
from nndsl.source import Source

Numbered = tuple[tuple[int, str], ...]  # lines with their numbers in the script


@record
class Row:
    """Some lines of the script, with the equation that they are."""

    code: Numbered
    equation: str = ""  # LaTeX
    shape: str = ""
    reason: str = ""


@record
class Group:
    """Rows that come from one line of the page: what a layer does forward, or backward."""

    rows: tuple[Row, ...]
    line: int = 0  # of the page; 0: none
    title: str = ""  # that line
    heading: str = ""  # above the first group of a pass
    begins: bool = False  # a function, or what stands between two


@record
class Derivation:
    """Why a backward pass is what it is: a text with `$…$` in it."""

    line: int
    title: str
    text: str


@record
class Question:
    """A question, and its answer for the teacher."""

    text: str
    answer: str


@record
class Chapter:
    """A section of the script: rows with equations, or code as it is."""

    title: str
    parts: tuple[Group | Derivation, ...]
    questions: tuple[Question, ...] = ()
    is_mathematical: bool = True


@record
class Handout:
    """All that a handout says, before it is a page, a notebook or a text."""

    name: str
    title: str
    file: str  # of the script
    script: Script
    source: Source
    diagram: Diagram
    predictions: tuple[Question, ...]
    chapters: tuple[Chapter, ...]
    pictures: tuple[Picture, ...] = ()  # of a trained network
