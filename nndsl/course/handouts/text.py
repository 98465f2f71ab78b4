"""A handout as Markdown, and as a notebook that can be run."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nndsl.course.exercises.notebook import GUARD, code_cell, own_file, text_cell, write_notebook
from nndsl.course.handouts.handout import Chapter, Derivation, Group, Handout, Question
from nndsl.languages import translated

Part = Group | Derivation


def write_markdown(handout: Handout, *, answers: bool = False) -> str:
    """Return a handout as Markdown with `$…$`, as GitHub and Pandoc show it."""
    blocks = _beginning(handout, answers)
    for chapter in handout.chapters:
        blocks += [f"## {chapter.title}"] * bool(chapter.title)
        for parts in _paragraphs(chapter):
            for part in parts:
                blocks += _equations(part)
            blocks.append(_fenced(_code(handout, parts), "python"))
            blocks += [text for part in parts for text in _why(part)]
        blocks += _questions(chapter.questions, answers)
    return "\n\n".join(filter(None, blocks)) + "\n"


def write_handout_notebook(handout: Handout, *, answers: bool = False) -> str:
    """Return a handout as a notebook: equations above each function, which is a cell to run."""
    lines = handout.script.lines
    first = min(row.code[0][0] for part in handout.chapters[0].parts for row in _rows(part))
    imports = "\n".join(lines[: first - 2]).partition('"""\n')[2]
    beginning = text_cell("\n\n".join(_beginning(handout, answers)))
    cells = [beginning, code_cell(f"{imports}\n{own_file(Path(handout.file).name)}")]
    for chapter in handout.chapters:
        heading = [f"## {chapter.title}"] * bool(chapter.title)
        for parts in _paragraphs(chapter):
            said = [*heading, *(text for part in parts for text in _equations(part))]
            heading = [text for part in parts for text in _why(part)]
            code = _code(handout, parts)
            cells += [text_cell("\n\n".join(said))] * bool(said)
            cells.append(code_cell(f"{GUARD}\n    main()" if code.startswith(GUARD) else code))
        said = [*heading, *_questions(chapter.questions, answers)]
        cells += [text_cell("\n\n".join(said))] * bool(said)
    return write_notebook(cells)


def _beginning(handout: Handout, answers: bool) -> list[str]:
    """Return what stands above the script: the page, and what to say before it is run."""
    page = _fenced(handout.source.text.strip("\n"), "")
    predictions = _questions(handout.predictions, answers)
    title = handout.title.partition(": ")[2]
    return [f"# {handout.name}", title, page, f"## {translated('Before you run it')}", *predictions]


def _paragraphs(chapter: Chapter) -> Iterator[list[Part]]:
    """Yield the parts of each function, or of what stands between two."""
    parts: list[Part] = []
    for part in chapter.parts:
        if isinstance(part, Group) and part.begins and parts:
            yield parts
            parts = []
        parts.append(part)
    if parts:
        yield parts


def _code(handout: Handout, parts: Sequence[Part]) -> str:
    numbers = [number for part in parts for row in _rows(part) for number, _ in row.code]
    given = range(min(numbers), max(numbers) + 1)
    return "\n".join(handout.script.lines[number - 1] for number in given)


def _rows(part: Part) -> tuple[Any, ...]:
    return part.rows if isinstance(part, Group) else ()


def _equations(part: Part) -> Iterator[str]:
    if not isinstance(part, Group):
        return
    rows = [row for row in part.rows if row.equation]
    if part.heading:
        yield f"**{part.heading}**"
    if rows and part.line:
        yield f"`{part.title}`"
    for row in rows:
        said = ": ".join(filter(None, [row.shape, row.reason]))
        yield f"$${row.equation}$$" + f"\n\n{said}" * bool(said)


def _why(part: Part) -> Iterator[str]:
    if isinstance(part, Derivation):
        text = re.sub(r" ?(\$\$.+?\$\$) ?", r"\n\n\1\n\n", part.text)
        text = f"**{translated('Why?')}** `{part.title}`\n\n{text}"
        yield "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _questions(questions: Sequence[Question], answers: bool) -> Iterator[str]:
    for number, question in enumerate(questions, 1):
        yield f"{number}. {question.text}" + f"\n\n   *{question.answer}*" * answers


def _fenced(code: str, language: str) -> str:
    return f"```{language}\n{code}\n```"
