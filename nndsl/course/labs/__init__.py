"""The labs of a course: their pages, and what `labs.toml` says of each."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from nndsl.course.exercises.blanks import LEVELS
from nndsl.course.grading.own_wheel import with_extra
from nndsl.course.hunts.key import MAX_COUNT, PARTS_OF_LEVELS
from nndsl.languages import joined, language_option, translated, with_comments
from nndsl.program.style import FLAT
from nndsl.resources import rendered
from nndsl.source import Source

SEARCH = "search"  # a command, and the extra of the package that it needs
_FOLDER = Path(__file__).parent


class Difficulty(BaseModel):
    """How hard the mistakes of a lab are to find, and how many there are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: int = Field(ge=min(PARTS_OF_LEVELS), le=max(PARTS_OF_LEVELS))
    count: int = Field(ge=1, le=MAX_COUNT)


class Lab(BaseModel):
    """One lab: a page, what is asked with it, and for how long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page: str
    title: str
    section: str  # of the textbook
    minutes: int = Field(gt=0)
    learns: tuple[str, ...] = Field(min_length=1)
    beside: tuple[str, ...] = ()  # further pages, whose scripts are handed out as they are
    needs: str = ""  # a command of nndsl, with what it is called on
    given: tuple[str, ...] = ()  # formulas, and what names mean
    blank: str
    in_style: Mapping[str, str] = {}  # what is left out instead, by a style, letters or both
    level: int = Field(ge=LEVELS[0], le=LEVELS[-1])
    hunt: Difficulty
    predict: tuple[tuple[str, str], ...] = Field(min_length=1)  # a question, and what is seen then
    ask: tuple[tuple[str, str], ...] = Field(min_length=1)  # a question, and its answer

    @property
    def goals(self) -> str:
        """What is learnt, in one sentence."""
        return joined(self.learns)

    @property
    def is_search(self) -> bool:
        """Does its command need what others do not?"""
        return self.needs.startswith(SEARCH)

    @property
    def command(self) -> str:
        """The command line of nndsl that it takes. Empty: numpy and pytest are enough."""
        return f"nndsl {self.needs}" if self.needs else ""

    def written_in(self, style: str, naming: str) -> tuple[str, str]:
        """Return what is left out of a script in this style and these letters, and its style.

        That is the flat one where what is asked for stands in no layer.
        """
        asked = (self.in_style.get(key) for key in (f"{style} {naming}", style, naming))
        blank = next((found for found in asked if found is not None), self.blank)
        return (blank, style) if blank else self.written_in(FLAT, naming)

    @property
    def pages(self) -> tuple[str, ...]:
        """The names of the files that are its pages, its own first."""
        return tuple(f"{name}.nn" for name in (self.page, *self.beside))


@cache
def labs() -> tuple[Lab, ...]:
    """Return the labs, in the order in which they are taught."""
    listed = tomllib.loads((_FOLDER / "labs.toml").read_text(encoding="utf-8"))["lab"]
    return tuple(Lab.model_validate(one) for one in listed)


Made = tuple[str, Lab, Sequence[str]]  # the name of its folder, a lab, the commands that made it


def readme(
    made: Sequence[Made],
    folder: str,
    after: str,
    end: str,
    key: str,
    *,
    platforms: Collection[str] = (),
    nndsl: str = "nndsl",
    is_key: bool = False,
    of_class: bool = False,
) -> str:
    """Return what stands in front of a course; where it `is_key`, for the teacher, with answers.

    The four folders are those of the course. `nndsl` is what pip is to install. `of_class`: each
    student has a hunt of his own.
    """
    return rendered(
        "course.md.jinja",
        say=translated,
        labs=made,
        folder=folder,
        after=after,
        end=end,
        key=key,
        platforms=platforms,
        nndsl=nndsl,
        with_search=with_extra(nndsl, SEARCH),
        teacher=is_key,
        of_class=of_class,
        lang="".join(f" {word}" for word in language_option()),
    )


def afterwards(lab: Lab, end: str) -> str:
    """Return what a student reads who has handed in the exercise of a lab.

    Questions stand here: many of them say what the exercise leaves out.
    """
    return rendered("course_after.md.jinja", say=translated, lab=lab, end=end)


def page(name: str) -> Source:
    """Return a page of the labs, with its comments in the language that is chosen."""
    path = _FOLDER / name
    text = path.read_text(encoding="utf-8")
    return Source(str(path), with_comments(text))
