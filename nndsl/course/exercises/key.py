"""The key of an exercise: what a teacher reads."""

from collections.abc import Sequence

from nndsl.course.exercises.blanks import Blank, titles
from nndsl.course.exercises.notebook import RAISE
from nndsl.course.exercises.notebook_code import cells_of, places_in, script_of
from nndsl.languages import sentence, translated


def written_key(name: str, text: str, blanks: Sequence[Blank]) -> str:
    """Return what a teacher reads: of each blank where it is, what stands there, and its hints.

    `text` is what students get in a file of this name.
    """
    lines = [translated("# Key of {script}", script=name), ""]
    lines += [translated("Lines are those of `{script}` as students get it.", script=name), ""]
    for blank, called, place in zip(blanks, titles(blanks), _places(name, text), strict=True):
        title = "## {name}, shape {shape}" if blank.shape else "## {name}"
        head = sentence(title, name=called, shape=blank.shape)
        cell, line = place
        where = (
            "`{function}`, line {line} of cell {cell}:" if cell else "`{function}`, line {line}:"
        )
        said = sentence(where, function=blank.function, line=line, cell=cell)
        lines += [translated(head), "", translated(said), ""]
        lines += ["```python", blank.code, "```", ""]
        for number, hint in enumerate(blank.hints, 1):
            code = f"`{translated(', then ')}`".join(hint.split("\n"))
            lines.append(f"{number}. `{code}`" if "___" in hint else f"{number}. {hint}")
        lines.append("")
    return "\n".join(lines)


def _places(name: str, text: str) -> list[tuple[int, int]]:
    """Return the places of the blanks of a script or a notebook: a cell, or 0, and a line."""
    cells = cells_of(text) if name.endswith(".ipynb") else {}
    lines = (script_of(cells) if cells else text).split("\n")
    places = places_in(cells) if cells else [(0, at) for at, _ in enumerate(lines, 1)]
    blank = [line.lstrip().startswith(RAISE) for line in lines]
    return [place for place, is_blank in zip(places, blank, strict=False) if is_blank]
