"""The code of a notebook: without cells that check it, and what Jupyter alone understands.

What follows the mark is also a part of the tests that a student gets.
"""

import json
import re
from collections.abc import Iterable, Mapping

# --- The code of a notebook ----------------------------------------------------------

CHECK = re.compile(  # a line that calls checks or imports them, and does not speak of them
    r"^[^#\n'\"]*(?:\b(?:from|import) exercise_checks\b|\botter\.Notebook\(|\bgrader\.check)", re.M
)
BRACKETS = dict.fromkeys("([{", 1) | dict.fromkeys(")]}", -1)
PIECES = {  # of a line of Python, by the quote of the string of several lines that it begins in
    "": re.compile(r"'''|\"\"\"|'(?:\\.|[^\\'])*'?|\"(?:\\.|[^\\\"])*\"?|#.*|[()\[\]{}]"),
    "'''": re.compile(r"\\.|'''"),
    '"""': re.compile(r'\\.|"""'),
}


def cells_of(text: str) -> dict[int, str]:
    """Return the cells of code of a notebook, by their numbers, but for checks. ValueError: none.

    The first has the number 1, as `In [1]` once they are run from the top.
    """
    try:
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        return without_checks(["", *("".join(cell["source"]) for cell in cells)])
    except (KeyError, TypeError, RecursionError):
        raise ValueError("it is no notebook") from None


def without_checks(cells: Iterable[str]) -> dict[int, str]:
    """Return the cells that are a part of the script, by their numbers: those of IPython's `In`."""
    return {at: cell for at, cell in enumerate(cells) if at and not is_check(cell)}


def script_of(cells: Mapping[int, str]) -> str:
    """Return cells as one script, in which each line has a place: what Jupyter alone knows goes."""
    return "\n\n".join(map(without_magic, cells.values())) + "\n"


def in_cells(said: str, cells: Mapping[int, str]) -> tuple[str, list[str]]:
    """Return what is said of a notebook's script with its lines counted in their cells.

    Beside it are these lines, each with the function that it is in, where that is not said.
    """
    places = places_in(cells)

    def placed(found: re.Match[str]) -> str:
        first, last = int(found[2]), int(found[3] or found[2])
        if not 0 < first <= last <= len(places):
            return found[0]
        quoted.extend(n for n in range(first, last + 1) if n not in quoted)
        number, at = places[last - 1]
        to = f" to {at}" if found[3] else ""
        return f"{found[1]} {places[first - 1][1]}{to} of cell {number}"

    quoted: list[int] = []
    said = re.sub(r"\b(lines?) (\d+)(?: to (\d+))?", placed, said)
    if " is not written yet" in said:
        return said, []
    lines = script_of(cells).split("\n")
    return said, [
        f"{_function(lines[:n])} {places[n - 1][1]:4}  {lines[n - 1].strip()}" for n in quoted
    ]


def places_in(cells: Mapping[int, str]) -> list[tuple[int, int]]:
    """Return of each line of a notebook's script its cell, and which line it is there.

    Behind each cell the script has an empty line.
    """
    lines = {number: range(1, cell.count("\n") + 3) for number, cell in cells.items()}
    return [(number, at) for number, of_cell in lines.items() for at in of_cell]


def _function(lines: list[str]) -> str:
    """Return the function that the last of some lines is in, as `Relu.backward`; or none."""
    names: list[str] = []
    indent = len(lines[-1]) - len(lines[-1].lstrip())
    for line in lines[::-1]:
        found = re.match(r"( *)(?:def|class) (\w+)", line)
        if found and (len(found[1]) < indent or line is lines[-1]):
            names.insert(0, found[2])
            indent = len(found[1])
    return ".".join(names)


def is_check(source: str) -> bool:
    """Does a cell of a notebook check others, instead of being a part of the script?"""
    return CHECK.search(source) is not None


def without_magic(source: str) -> str:
    """Leave out what Jupyter alone understands: `%matplotlib inline`, `!pip install …`."""
    kept, brackets, quote, is_continued = [], 0, "", False  # what is open at the end of a line
    for line in source.split("\n"):
        goes_on = brackets > 0 or quote or is_continued
        is_magic = not goes_on and line.lstrip().startswith(("%", "!", "get_ipython()"))
        kept.append("" if is_magic else line)
        is_continued = not is_magic and line.endswith("\\")
        at = len(line) if is_magic else 0
        while piece := PIECES[quote].search(line, at):
            at, found = piece.end(), piece[0]
            if quote or found in PIECES:
                quote = found if not quote else "" if found == quote else quote
            elif found in BRACKETS:
                brackets = max(0, brackets + BRACKETS[found])
    return "\n".join(kept)
